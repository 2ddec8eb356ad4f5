"""The figures of several runs beside each other, as HTML: a shelf for each figure that at least two runs have."""

import base64
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path

from remanence.figures.thumbnail import thumbnail
from remanence.tracking.compared_run import ComparedRun
from remanence.tracking.limits import SHORT_ID
from remanence.tracking.logged_files import LoggedFiles

FOLDER = "figures"
WIDTH = 480
"""Pixels of a thumbnail: small type of the figures can still be read."""
MOST_PICTURES = 600
"""Most thumbnails of one page, which then has about ten megabytes."""
FIRST = ("parity", "loss", "map", "error")
"""Beginnings of the names of figures that come first."""


def figure_shelves(
    groups: Mapping[str, Sequence[ComparedRun]], files: LoggedFiles, *, width: int = WIDTH
) -> dict[str, str]:
    """Return the HTML of the figures of each group; groups in which no two runs share a figure are left out.

    Args:
        groups: name of a group to its runs, the most important group first.
        files: files of the runs.
        width: largest width of a figure in pixels.
    """
    room, shown = MOST_PICTURES, {}
    with ThreadPoolExecutor(max(2, os.cpu_count() or 1)) as pool:
        for group, runs in groups.items():
            shelves = _shared(runs, files)
            kept: dict[str, list[ComparedRun]] = {}
            for name, having in shelves.items():
                if len(having) <= room:
                    kept[name], room = having, room - len(having)
            if not kept:
                continue
            asked = [(name, run, files.path(run, f"{FOLDER}/{name}.png")) for name in kept for run in kept[name]]
            made = list(pool.map(lambda each: _made(each[2], width), asked))
            pictures: dict[str, list[str]] = {name: [] for name in kept}
            for (name, run, _), picture in zip(asked, made, strict=True):
                if picture is not None:
                    pictures[name].append(_figure(picture, name, run))
            parts = [
                f'<h3>{escape(name)}</h3><div class="shelf">{"".join(each)}</div>'
                for name, each in pictures.items()
                if each
            ]
            if left := [name for name in shelves if name not in kept]:
                parts.append(
                    f'<p class="note">Left out, because the page has {MOST_PICTURES} figures at most: '
                    f"{escape(', '.join(left))}.</p>"
                )
            shown[group] = "".join(parts)
    return shown


def _shared(runs: Sequence[ComparedRun], files: LoggedFiles) -> dict[str, list[ComparedRun]]:
    """Return the names of figures that at least two runs have, the telling ones first, to these runs."""
    having: dict[str, list[ComparedRun]] = {}
    for run in runs:
        for name in files.names(run, FOLDER, ".png"):
            having.setdefault(name.removesuffix(".png"), []).append(run)
    counts = Counter({name: len(each) for name, each in having.items()})

    def order(name: str) -> tuple[int, int, str]:
        place = next((place for place, beginning in enumerate(FIRST) if name.startswith(beginning)), len(FIRST))
        return place, -counts[name], name

    return {name: having[name] for name in sorted(having, key=order) if counts[name] > 1}


def _made(path: Path | None, width: int) -> bytes | None:
    return None if path is None else thumbnail(path, width)


def _figure(picture: bytes, name: str, run: ComparedRun) -> str:
    """Return a thumbnail under the name of its run; a click shows it as large as it is stored."""
    address = f"data:image/webp;base64,{base64.b64encode(picture).decode()}"
    called, run_id = escape(str(run.info.run_name)), escape(run.info.run_id[:SHORT_ID])
    return (
        f'<figure><label><input type="checkbox" hidden><img src="{address}" alt="{escape(name)} of {called}" '
        f'loading="lazy"></label><figcaption>{called} <code>{run_id}</code></figcaption></figure>'
    )
