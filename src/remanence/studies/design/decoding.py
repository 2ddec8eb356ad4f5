"""Decoding of latents to rows that a user could make."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.science.nested.composition import ion_fractions
from remanence.science.nested.ion_grid import neighbours
from remanence.studies.design.predictive_chain import PredictiveChain
from remanence.studies.design.raw_rows import formulas

Values = NDArray[np.float64]


def nearest_compositions(
    chain: PredictiveChain,
    latents: Values,
    *,
    scale: str,
    grid: pd.DataFrame,
    trained: pd.DataFrame,
    ions: Sequence[str],
    parts: Mapping[str, int],
) -> pd.DataFrame:
    """Return the grid composition nearest to each point, and the nearest one within half a grid step around it.

    The distance is taken over decoded inputs and latents together, in z-scores of the training rows. Both are needed,
    because the own inputs of a coarse scale may not depend on the composition, while its latents do, through the finer
    scales.

    Args:
        chain: fitted chain.
        latents: points in the latent space, shape (points, k).
        scale: scale that the latents belong to.
        grid: rows of the grid, with the raw columns of the scale.
        trained: training rows of the scale.
        ions: ions of the grid.
        parts: number of steps of the grid from 0 to 1, by site.

    Returns:
        rows with the raw columns of the scale, at most two per point.
    """
    composition = str(chain.composition)
    reference = _places(chain, trained, scale)
    centre, spread = reference.mean(axis=0), np.where(reference.std(axis=0) > 0, reference.std(axis=0), 1.0)
    wanted = (np.hstack([chain.decode(latents, scale), latents]) - centre) / spread
    places = (_places(chain, grid, scale) - centre) / spread
    on_grid = grid.iloc[[_nearest(point, places) for point in wanted]].reset_index(drop=True)
    finer = {site: 2 * number for site, number in parts.items()}
    around = [neighbours(fractions, ions, finer) for fractions in ion_fractions(on_grid[composition].tolist())]
    numbers = [len(compositions) for compositions in around]
    beside = on_grid.loc[np.repeat(np.arange(len(on_grid)), numbers)]
    beside = beside.assign(**{composition: formulas(np.concatenate(around))})
    places = (_places(chain, beside, scale) - centre) / spread
    starts = np.cumsum([0, *numbers])
    best = [
        start + _nearest(point, places[start:end]) for point, (start, end) in zip(wanted, pairwise(starts), strict=True)
    ]
    return pd.concat([on_grid, beside.iloc[best]]).drop_duplicates(ignore_index=True)


def decoded_rows(chain: PredictiveChain, latents: Values, *, scale: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return ``rows`` with the scale's own numeric inputs replaced by those decoded from latents.

    Args:
        chain: fitted chain without compositions.
        latents: latents to decode, shape (rows, k).
        scale: scale that the latents belong to.
        rows: training rows that the descent to the latents started from; their categories and the columns of other
            scales are kept.
    """
    names = chain.input_names(scale)
    own = {names[column]: place for place, column in enumerate(chain.own_columns(scale))}
    decoded = chain.decode(latents, scale)
    return rows.assign(**{name: decoded[:, place] for name, place in own.items() if name in chain.raw_columns[scale]})


def _places(chain: PredictiveChain, frame: pd.DataFrame, scale: str) -> Values:
    """Return own inputs and latents side by side, shape (rows, own inputs + k)."""
    x = chain.inputs(frame, scale)
    places: Values = np.hstack([x[:, chain.own_columns(scale)], chain.embed(x, scale)])
    return places


def _nearest(point: Values, places: Values) -> int:
    return int(((places - point) ** 2).sum(axis=1).argmin())
