"""The explorer of a run on a chain: the latents of each scale, coloured by any quantity, and each row's predictions."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.nested.opened_chain import OpenedChain
from remanence.data.nested.scale_rows import ScaleRows
from remanence.figures.explorer.page import explorer_page
from remanence.science.nested.latent_correlation import principal_plane
from remanence.studies.chain.fit import FittedChain
from remanence.studies.chain.latents import reference_member, scale_latents
from remanence.studies.explored_rows import PARTS, explored_rows, explored_targets, predicted_rows, shown_rows
from remanence.studies.presentation import marked
from remanence.tracking.run import Run

MOST_INPUTS = 80
"""Largest number of inputs of a scale that colour its map: two bytes for each of 3000 rows and 80 inputs are 0.6 MB."""
MOST_TEXTS = 16


def log_explorer(tracked: Run, fitted: FittedChain, data: OpenedChain) -> None:
    """Log the page ``figures/explorer.html``, see ``chain_explorer``."""
    tracked.log_text(chain_explorer(fitted, data, name=tracked.name), "figures/explorer.html")


def chain_explorer(fitted: FittedChain, data: OpenedChain, *, name: str = "") -> str:
    """Return a page with the latents of each scale in a plane, and measured and predicted properties of its rows.

    Args:
        fitted: fitted chain.
        data: rows of each scale.
        name: name of the run.
    """
    scales = [_scale(fitted, scale, on_scale) for scale, on_scale in data.rows.items()]
    facts = [*([name] if name else []), *(f"{scale}: {len(on_scale.x)} rows" for scale, on_scale in data.rows.items())]
    shown = {"facts": facts, "scales": scales, "parts": PARTS}
    return explorer_page("chain", title=marked(f"chain of {', '.join(data.rows)}", data), data=shown)


def _scale(fitted: FittedChain, scale: str, on_scale: ScaleRows) -> dict[str, Any]:
    predicted, _, part = predicted_rows(fitted.fits[scale], on_scale)
    rows, _ = shown_rows(predicted)
    points, held = principal_plane(scale_latents(reference_member(fitted, scale), on_scale.x))
    columns, targets = on_scale.columns, explored_targets(fitted.fits[scale], on_scale, rows)
    varied = [place for place in range(len(columns.inputs)) if np.ptp(on_scale.x[:, place]) > 0][:MOST_INPUTS]
    inputs = [{"name": columns.label(columns.inputs[place]), "values": on_scale.x[rows, place]} for place in varied]
    colours: list[dict[str, Any]] = []
    for target in targets:
        measured, own = (np.array(target[key], dtype=np.float64) for key in ("measured", "predicted"))
        colours.append({"label": target["label"], "values": measured})
        colours.append({"label": f"predicted {target['label']}", "values": own})
        colours.append({"label": f"error of {target['label']}", "values": own - measured})
    colours += [_categories(name, on_scale.frame[name].iloc[rows].astype(str)) for name in columns.levels]
    colours += [{"label": each["name"], "values": each["values"]} for each in inputs]
    used = {*columns.features, *columns.targets} - {*columns.levels}
    texts = {
        str(name): cells
        for name in on_scale.frame
        if name not in used and (cells := on_scale.column(str(name))) is not None
    }
    return {
        "name": scale,
        "axes": [f"PC {number} of the latents ({share:.0%})" for number, share in enumerate(held, start=1)],
        "x": points[rows, 0],
        "y": points[rows, 1],
        "targets": targets,
        "rows": explored_rows(on_scale, rows, part),
        "inputs": inputs,
        "colours": colours,
        "texts": [
            {"name": name, "values": cells.iloc[rows].astype(str).tolist()}
            for name, cells in list(texts.items())[:MOST_TEXTS]
        ],
    }


def _categories(name: str, cells: Iterable[str]) -> dict[str, Any]:
    """Return a colouring by categories, the most frequent first."""
    values, place, count = np.unique(np.array(list(cells), dtype=str), return_inverse=True, return_counts=True)
    order = np.argsort(-count, kind="stable")
    rank: NDArray[np.intp] = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    return {"label": name, "categories": values[order].tolist(), "values": rank[place].tolist()}
