"""The data card of spectra: what was measured, which pixels are held out, and which faults are known."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.studies.card import Section, shown, table

PILED = 0.01
"""Share of the values of a channel at its smallest or largest one above which a detector may have been saturated."""
MOST_PIXELS = 10_000
"""Pixels that medians and shares are taken of, so that the card of a large scan costs no memory."""
MOST_PAIRS = 5000
"""Pairs of neighbouring pixels that the noise is told from."""


def data_sections(data: OpenedSpectra, split: Mapping[str, Any]) -> list[Section]:
    """Return the sections of the data card.

    Args:
        data: spectra and the pixels that are held out.
        split: options of the split, with ``kind``.
    """
    return [
        Section("What is in it", _content(data)),
        Section("How pixels are held out", _held_out(data, split)),
        Section("Known faults", _faults(data)),
    ]


def _content(data: OpenedSpectra) -> list[str]:
    files = ", ".join(f"`{source.name}` (SHA-256 {source.digest[:12]}…)" for source in data.sources)
    axis, told = data.axis, [f"{files}."]
    place = ""
    if (scene := data.scene) is not None:
        side = "" if scene.side is None else f", {shown(float(scene.side))} µm wide"
        place = f", {scene.shape[0]} × {scene.shape[1]} of them the map `{scene.name}`{side}"
    label, unit = data.measured.axis_label, f"{shown(float(axis.min()))} to {shown(float(axis.max()))}"
    told.append(f"{len(data.valid)} pixels{place}; {len(axis)} steps, {label} from {unit}.")
    values, some = data.measured.values, _some(data)
    rows = []
    for channel, name in enumerate(data.channels):
        own = np.asarray(values[some, :, channel], dtype=np.float64)
        ends = (float(np.nanmin(values[..., channel])), float(np.median(own)), float(np.nanmax(values[..., channel])))
        rows.append([name, *ends, float(own.std())])
    return [*told, table(["channel", "min", "median", "max", "sd"], rows)]


def _some(data: OpenedSpectra) -> NDArray[np.intp]:
    """Return the numbers of at most ``MOST_PIXELS`` pixels that are not masked, evenly over all of them."""
    valid = np.flatnonzero(data.valid)
    return valid[:: -(-len(valid) // MOST_PIXELS)]


def _held_out(data: OpenedSpectra, split: Mapping[str, Any]) -> list[str]:
    kinds = {
        "random": "Single pixels are drawn at random.",
        "blocks": f"Squares of {split.get('block')} pixels are held out: few of them lie beside a fitted one.",
        "all": "**Nothing is held out**: all pixels are fitted, and tested.",
    }
    fold = data.fold
    told = [kinds[kind]] if (kind := str(split.get("kind"))) in kinds else []
    return [
        *told,
        f"{len(fold.train)} pixels to fit, {len(fold.validation)} to choose the weights, {len(fold.test)} to test.",
    ]


def near_training(data: OpenedSpectra) -> float | None:
    """Return the share of tested pixels with a fitted pixel among their four neighbours; None without a map of both."""
    grid = _map_of(data)
    if grid is None or not np.isin(data.fold.test, grid).any():
        return None
    fitted = np.pad(np.isin(grid, data.fold.fitting), 1)
    beside = fitted[:-2, 1:-1] | fitted[2:, 1:-1] | fitted[1:-1, :-2] | fitted[1:-1, 2:]
    share: float = beside[np.isin(grid, data.fold.test)].mean()
    return float(share)


def _map_of(data: OpenedSpectra) -> NDArray[np.intp] | None:
    """Return the numbers of the pixels of the map, shape (rows, columns)."""
    scene = data.scene
    return None if scene is None else np.asarray(scene.rows, dtype=np.intp).reshape(scene.shape)


def _faults(data: OpenedSpectra) -> list[str]:
    told = []
    if masked := int((~data.valid).sum()):
        told.append(f"{masked} of {len(data.valid)} pixels hold no usable spectrum and are masked.")
    for key, value in data.measured.notes.items():
        told.append(f"{key.rpartition('/')[2].replace('_', ' ')}: {shown(float(value))}.")
    read = data.as_read.values[_some(data)]
    for channel, name in enumerate(data.as_read.channels):
        own = read[..., channel]
        for end, value in (("smallest", own.min()), ("largest", own.max())):
            if (share := float((own == value).mean())) > PILED:
                told.append(f"{share:.1%} of all values of {name} are the {end} one exactly: was it clipped?")
    distinct = len({hash(data.x[pixel].tobytes()) for pixel in np.flatnonzero(data.valid)})
    if (copies := int(data.valid.sum()) - distinct) > 0:
        told.append(f"{copies} spectra repeat another one exactly.")
    return [*told, *_noise(data)]


def _noise(data: OpenedSpectra) -> list[str]:
    """Return what is known of the noise: that of a simulation, or how much neighbours differ."""
    if data.measured.clean is not None:
        some = _some(data)
        clean, noisy = (data.scaling.scale(each[some]) for each in (data.measured.clean, data.measured.values))
        return [
            f"The simulated noise has a variance of {shown(float(np.mean((noisy - clean) ** 2)))} squared z-scores."
        ]
    grid = _map_of(data)
    if grid is None or min(grid.shape) < 2:
        return ["How large the noise is cannot be told from these files."]
    spectra, valid = data.x, data.valid
    pairs = [(grid[:, 1:], grid[:, :-1]), (grid[1:], grid[:-1])]
    one, other = (np.concatenate([pair[side].ravel() for pair in pairs]) for side in (0, 1))
    both = np.flatnonzero(valid[one] & valid[other])
    if not len(both):
        return []
    both = both[:: -(-len(both) // MOST_PAIRS)]
    half = float(np.mean((spectra[one[both]].astype(np.float64) - spectra[other[both]]) ** 2)) / 2
    return [
        f"Half the mean squared difference of neighbouring pixels is {shown(half)} squared z-scores: the noise is at "
        "most about that large, the rest of it is what changes from pixel to pixel."
    ]
