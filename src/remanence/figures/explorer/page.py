"""A self-contained HTML page from a template, a script and arrays."""

import json
import re
from collections.abc import Mapping
from html import escape, unescape
from importlib.resources import files
from typing import Any, Literal

import numpy as np

from remanence.figures.explorer.packed_array import packed

SCRIPTS = {
    "spectra": ("unpack", "axes", "colours", "maps", "products", "decoder", "spectra"),
    "table": ("unpack", "axes", "colours", "surface", "table", "campaign"),
    "chain": ("unpack", "axes", "colours", "chain"),
}
"""Files of each kind of page, in the order in which they are read."""


def explorer_page(kind: Literal["spectra", "table", "chain"], *, title: str, data: Mapping[str, Any]) -> str:
    """Return a page that shows ``data``; it asks for nothing, so that it opens from a disk and in a sandboxed frame.

    Args:
        kind: what the page shows.
        title: heading of the page and of its window.
        data: what the scripts of the page read: text, numbers, lists, mappings and float arrays, which are packed.
    """
    folder = files("remanence.figures.explorer")
    script = "\n".join(folder.joinpath(f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS[kind])
    parts = {
        "title": escape(title),
        "style": folder.joinpath("style.css").read_text(encoding="utf-8"),
        "script": script,
        "body": folder.joinpath(f"{kind}.html").read_text(encoding="utf-8"),
        # in a script element, only "<" could begin something else
        "data": json.dumps(_plain(data), ensure_ascii=False, allow_nan=False).replace("<", "\\u003c"),
    }
    page = folder.joinpath("page.html").read_text(encoding="utf-8")
    before = page.split("{{")
    pieces = [before[0]]
    for piece in before[1:]:  # one pass: what is filled in is never read as a template
        name, _, behind = piece.partition("}}")
        pieces += [parts[name], behind]
    return "".join(pieces)


STORED = re.compile(r'<h1>(.*?)</h1>.*?<script type="application/json" id="data">(.*?)</script>', re.DOTALL)


def page_with(stored: str, kind: Literal["spectra", "table", "chain"], more: Mapping[str, Any]) -> str | None:
    """Return a page that was made before, made again with further data; None if it is no such page.

    Only its title and data are read, never its scripts: a stored page is somebody else's.

    Args:
        stored: text of the page.
        kind: what it shows.
        more: data that are added to its own, or take their place.
    """
    if (found := STORED.search(stored)) is None:
        return None
    try:
        data = json.loads(found[2])
    except ValueError:
        return None
    return explorer_page(kind, title=unescape(found[1]), data={**data, **more}) if isinstance(data, dict) else None


def _plain(value: Any) -> Any:
    """Return what JSON can hold: arrays packed, numbers that are not finite as null."""
    if isinstance(value, np.ndarray):
        return packed(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
