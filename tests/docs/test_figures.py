"""docs/guides/figures.md: its two commands are typed with the style sheet that the page shows."""

import re
import shlex
import struct
from pathlib import Path

import matplotlib as mpl
import pytest

from remanence.figures.symbols import symbol

PAGE = (Path(__file__).parents[2] / "docs" / "guides" / "figures.md").read_text(encoding="utf-8")
QUICK = ("data.replicates=4", "trainer.max_epochs=2", "baselines=none", "figures=brief")
COMMANDS = re.findall(r"^remanence (train .*)$", PAGE, re.MULTILINE)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (sheet,) = re.findall(r"```ini\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "journal.mplstyle").write_text(sheet)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("line", "pixels"), zip(COMMANDS, (1050, 2100), strict=True), ids=("house", "own"))
def test_the_commands_of_the_page_store_what_they_say(line, pixels, folder, command, all_runs, outputs):
    result = command(*shlex.split(line), *QUICK)

    assert result.code == 0, result.err
    (run,) = all_runs()
    figures = outputs / "runs" / run.info.run_id / "figures"
    assert sorted(path.name for path in figures.iterdir()) == [
        f"{name}.{ending}" for name in ("loss_curves", "parity_d33") for ending in ("pdf", "png")
    ]
    assert struct.unpack(">I", (figures / "parity_d33.png").read_bytes()[16:20]) == (pixels,)
    assert b"DejaVuSerif" in (figures / "parity_d33.pdf").read_bytes() or pixels == 1050
    assert run.data.tags["mlflow.note.content"].count("figures%2Fparity_d33.png") == 1
    assert "figure_style" not in run.data.params
    assert mpl.rcParams["figure.dpi"] != 300


def test_the_names_on_the_page_have_symbols():
    (names,) = re.findall(r"have their symbols: (.*?) and the like", PAGE, re.DOTALL)

    for name in re.findall(r"`(\w+)`", names):
        assert symbol(name).startswith("$")


def test_the_block_of_python_draws_in_the_style_of_the_house():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict = {}

    exec(code, names)

    assert names["figure"].get_dpi() == 300
    assert not names["ax"].spines["top"].get_visible()
    names["plt"].close(names["figure"])
