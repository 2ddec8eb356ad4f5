"""Search in a chain of scales: over all rows of a grid or sample, and by gradient descent through its latents."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from remanence.errors import ConfigurationError
from remanence.science.nested.composition import ion_fractions
from remanence.science.nested.ions import IONS
from remanence.studies.design.candidates import judged_candidates
from remanence.studies.design.decoding import decoded_rows, nearest_compositions
from remanence.studies.design.goal import Goal, read_goal
from remanence.studies.design.grid_choice import parse_ions, parse_steps
from remanence.studies.design.latent_search import promising_latents
from remanence.studies.design.predictive_chain import PredictiveChain
from remanence.studies.design.raw_rows import grid_rows, sampled_rows, with_choices

STARTS = 32
"""Number of training rows that descents start from."""
STEP = "0.25"


def search_chain(
    chain: PredictiveChain,
    trained: Mapping[str, pd.DataFrame],
    *,
    target: str,
    constraints: str | None = None,
    ions: str | None = None,
    step: str | None = None,
) -> pd.DataFrame:
    """Predict the candidates of two searches and sort them by how well they meet the target.

    The first search predicts many rows. For a chain with compositions, these are all compositions of a grid, combined
    with all known values of the other columns. For a chain without, they are a Sobol sample inside the ranges of the
    training rows.

    The second search is a descent through the latents of the target's scale, starting from the best training rows. The
    latents that it finds are decoded to the nearest composition, or to inputs if the chain has no compositions.

    Args:
        chain: fitted chain.
        trained: training rows of each scale, with the raw columns of that scale.
        target: wanted property, such as ``binding_energy<8``.
        constraints: conditions on properties of any scale, such as ``gap in [1.2,1.8]``.
        ions: ions of the grid, such as ``MA,FA,Pb,I,Br``; None takes those of the training rows.
        step: step of the grid, such as ``0.25,X=1/3``; at most two ions share a site.

    Returns:
        one row per candidate, see ``candidates.judged_candidates``; ``found_by`` is ``grid`` or ``sample``, ``latent``,
        or ``both``. The units of the columns are in ``attrs["units"]``.

    Raises:
        ConfigurationError: if an argument cannot be read, a property or ion is unknown, or the grid is too large.
    """
    goal = read_goal(chain, target, constraints)
    if chain.composition in goal.columns:
        broad, deep = _compositions(chain, trained, goal, ions=ions, step=step or STEP)
        first = "grid"
    elif ions or step:
        raise ConfigurationError(f"{'ions' if ions else 'step'}: the run has no column of compositions")
    else:
        broad, deep = _inputs(chain, trained, goal)
        first = "sample"
    rows = pd.concat([broad, deep], ignore_index=True)
    found_by = np.repeat([first, "latent"], [len(broad), len(deep)]).astype(object)
    found_by[rows.duplicated(list(goal.columns), keep=False).to_numpy() & (found_by == first)] = "both"
    kept = ~rows.duplicated(list(goal.columns)).to_numpy()
    table = judged_candidates(chain, rows[kept].reset_index(drop=True), goal, trained, found_by=found_by[kept].tolist())
    table.attrs["units"] = {name: unit for name, unit in chain.units.items() if name in table and unit}
    return table


def _compositions(
    chain: PredictiveChain, trained: Mapping[str, pd.DataFrame], goal: Goal, *, ions: str | None, step: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of the grid and the rows decoded from latents."""
    composition, own = str(chain.composition), trained[goal.scale]
    held = np.flatnonzero(ion_fractions(own[composition].tolist()).any(axis=0))
    chosen = parse_ions(ions) if ions else [IONS[column] for column in held]
    parts = parse_steps(step)
    choices = _choices(chain, trained, goal)
    grid = grid_rows(composition, chosen, parts, choices)
    columns = list(chain.raw_columns[goal.scale])
    decoded = nearest_compositions(
        chain,
        promising_latents(chain, *_starts(chain, own, goal)[:2], goal),
        scale=goal.scale,
        grid=grid[columns].drop_duplicates(ignore_index=True),
        trained=own,
        ions=chosen,
        parts=parts,
    )
    return grid, with_choices(decoded, choices)


def _inputs(
    chain: PredictiveChain, trained: Mapping[str, pd.DataFrame], goal: Goal
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of the sample and the rows decoded from latents."""
    choices = _choices(chain, trained, goal)
    numbers = {column: _numbers(trained, goal, column) for column in goal.columns if column not in chain.levels}
    ranges = {column: (float(values.min()), float(values.max())) for column, values in numbers.items()}
    broad = sampled_rows(ranges, {column: choices[column] for column in goal.columns if column in chain.levels})
    latents, starts, rows = _starts(chain, trained[goal.scale], goal)
    reached = promising_latents(chain, latents, starts, goal)
    return broad, with_choices(decoded_rows(chain, reached, scale=goal.scale, rows=rows), choices)


def _choices(chain: PredictiveChain, trained: Mapping[str, pd.DataFrame], goal: Goal) -> dict[str, list[Any]]:
    """Return the values to try for every raw column except the composition: all categories, or a number's median."""
    return {
        column: list(chain.levels.get(column, ())) or [_numbers(trained, goal, column).median()]
        for column in goal.columns
        if column != chain.composition
    }


def _numbers(trained: Mapping[str, pd.DataFrame], goal: Goal, column: str) -> pd.Series:
    scale = next(scale for scale in goal.scales if column in trained[scale])
    return pd.to_numeric(trained[scale][column])


def _starts(chain: PredictiveChain, own: pd.DataFrame, goal: Goal) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Return the latents of the training rows, the positions of the best rows without duplicates, and these rows."""
    columns = list(chain.raw_columns[goal.scale])
    own = own[columns].drop_duplicates(ignore_index=True)
    starts = goal.order(chain.predict(own))[:STARTS]
    latents = chain.embed(chain.inputs(own, goal.scale), goal.scale)
    return latents, starts, own.iloc[starts].reset_index(drop=True)
