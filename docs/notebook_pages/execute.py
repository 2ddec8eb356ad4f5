"""``make notebooks``: run docs/notebooks and store what the cells show, for the site.

Each runs in a process of its own, in an empty folder. Nothing that is stored depends on the machine or the time: ids,
folders and durations are left out.
"""

import base64
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from notebook_pages.notebook import NAMES, STORED, cells, digest, source_of

WIDEST = 900
"""Width of a stored figure in pixels: the column of the site is narrower."""
PICTURE = re.compile(r'<img alt="([^"]*)"[^>]*src="data:image/png;base64,([^"]*)"')


def main(names: list[str]) -> None:
    """Run the notebooks with these names; all of them, if there is none."""
    for name in names or NAMES:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            unset = {"MLFLOW_TRACKING_URI", "REMANENCE_OUTPUTS"}
            there = {key: value for key, value in os.environ.items() if key not in unset} | {"COLUMNS": "110"}
            subprocess.run([sys.executable, __file__, "--run", name], cwd=folder, env=there, check=True)
        print(f"{name}: {time.monotonic() - began:.0f} s")


def run(name: str) -> None:
    """Run one notebook in the working directory and store what it shows."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell.instance(displayhook_class=_silent())
    source = source_of(name)
    for old in STORED.glob(f"{name}-*.webp"):
        old.unlink()
    outputs = []
    for place, cell in enumerate(each for each in cells(source) if not each.is_text):
        with capture_output() as captured:
            ended = shell.run_cell(cell.content)
        if ended.error_in_exec is not None or ended.error_before_exec is not None:
            sys.exit(f"{name}: cell {place + 1} failed:\n{captured.stdout}{captured.stderr}")
        shown: list[dict[str, Any]] = [{"text": text} for text in [_without_place(captured.stdout)] if text]
        if ended.result is not None:
            data, _ = shell.display_formatter.format(ended.result)
            shown += _stored(data, f"{name}-{place + 1}")
        outputs.append(shown)
    STORED.mkdir(exist_ok=True)
    text = json.dumps({"source": digest(source), "outputs": outputs}, ensure_ascii=False, indent=1)
    (STORED / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _silent() -> type[Any]:
    """Return the class of what a shell does with the value of a cell: nothing, as it is stored and not printed."""
    from IPython.core.displayhook import DisplayHook

    class Silent(DisplayHook):
        """Prints nothing."""

        def write_output_prompt(self) -> None:
            """Print no number."""

        def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
            """Print no value."""

        def finish_displayhook(self) -> None:
            """Print no end of the line."""

    return Silent


def _stored(data: dict[str, str], name: str) -> list[dict[str, Any]]:
    """Return one displayed value as outputs; pictures are written to files whose names begin with ``name``."""
    html = data.get("text/html", "")
    pictures = PICTURE.findall(html)
    if pictures:
        return [
            {"figure": _write(base64.b64decode(picture), f"{name}-{number + 1}"), "shows": shows}
            for number, (shows, picture) in enumerate(pictures)
        ]
    if "<table" in html:
        return [{"html": _without_place(_plain_table(html))}]
    return [{"text": _without_place(data["text/plain"])}]


def _write(picture: bytes, name: str) -> str:
    from PIL import Image

    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.thumbnail((WIDEST, 2 * WIDEST))
    image.save(STORED / f"{name}.webp", quality=80, method=6)
    return f"{name}.webp"


def _plain_table(html: str) -> str:
    """Return a table without what pandas says of its looks, in one line: the site has its own."""
    html = re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)
    html = re.sub(r"</?div[^>]*>", "", html)
    html = re.sub(r"<(table|tr)[^>]*>", r"<\1>", html)
    return re.sub(r"\s*\n\s*", "", html)


def _without_place(text: str) -> str:
    """Return a text without what belongs to this machine and this moment."""
    text = text.replace(f"{os.getcwd()}/", "").replace(os.getcwd(), ".")
    text = re.sub(r"\b[0-9a-f]{32}\b", "…", text)
    text = re.sub(r"\b\d+(\.\d+)? (s|min)\b", r"… \2", text)
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        run(sys.argv[2])
    else:
        main(sys.argv[1:])
