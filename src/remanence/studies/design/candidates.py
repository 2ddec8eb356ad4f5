"""Candidates of a search: predicted by the whole chain, judged against the goal, and sorted."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.science.extrapolation import extrapolation
from remanence.science.nested.composition import ion_fractions
from remanence.science.nested.ions import IONS, SITE_IONS
from remanence.studies.design.goal import Goal
from remanence.studies.design.predictive_chain import PredictiveChain
from remanence.studies.design.verdicts import with_verdicts, yes_or_no
from remanence.studies.design.wish import CONDITIONS
from remanence.studies.predictions import interval_names


def judged_candidates(
    chain: PredictiveChain,
    rows: pd.DataFrame,
    goal: Goal,
    trained: Mapping[str, pd.DataFrame],
    *,
    found_by: Sequence[str],
) -> pd.DataFrame:
    """Return the candidates with predictions and verdicts: those inside the data come first, then best first.

    Args:
        chain: fitted chain.
        rows: candidates, with the raw columns of the goal.
        goal: goal of the search.
        trained: training rows of each scale, with the raw columns of that scale.
        found_by: search that found each candidate.

    Returns:
        a table with these columns: the raw columns; prediction and interval of each wished property; ``meets``, yes if
        the predictions meet the target and all constraints; ``sure``, yes if the whole intervals meet them, – if the
        goal has no condition; ``distance`` to the nearest training row, in z-scores of the inputs of the target's
        scale; ``extrapolated``; ``found_by``.

        ``extrapolated`` is yes if the inputs of the target's scale, or of the scale of a constraint, are outside the
        training rows of that scale, see ``science.extrapolation``. It is also yes if a site is mixed that no training
        row mixes.
    """
    predicted = chain.predict(rows)
    unknown = pd.Series(np.nan, index=rows.index)
    every = interval_names([name for scale in chain.scales for name in chain.targets[scale]])
    ends = {wish.target: every[wish.target] for wish in goal.wishes}
    shown = {key: predicted.get(key, unknown) for name in ends for key in (name, *ends[name])}
    meets, sure = np.ones((2, len(rows)), dtype=bool)
    for wish in goal.wishes:
        mean, low, high = (shown[key].to_numpy(dtype=float) for key in (wish.target, *ends[wish.target]))
        meets &= wish.holds(mean, mean)
        sure &= wish.holds(low, high)
    places = {
        scale: extrapolation(chain.inputs(rows, scale), chain.inputs(trained[scale], scale)) for scale in goal.scales
    }
    outside = np.any([beyond for _, beyond in places.values()], axis=0)
    if (formulas := chain.composition) in goal.columns:
        for scale in goal.scales:
            outside |= unseen_mixtures(rows[formulas].tolist(), trained[scale][formulas].tolist())
    conditions = any(wish.relation in CONDITIONS for wish in goal.wishes)
    verdicts: dict[str, object] = {"meets": yes_or_no(meets), "sure": yes_or_no(sure)} if conditions else {}
    verdicts |= {
        "distance": places[goal.scale][0],
        "extrapolated": yes_or_no(outside),
        "found_by": found_by,
    }
    table = with_verdicts(rows[list(goal.columns)], pd.DataFrame(shown), verdicts, ends)
    best_first: pd.DataFrame = table.iloc[goal.order(predicted, outside)].reset_index(drop=True)
    return best_first


def unseen_mixtures(formulas: Sequence[str], trained: Sequence[str]) -> NDArray[np.bool_]:
    """Return which compositions mix ions on a site that no training row mixes, shape (formulas,).

    The descriptors of such a mixture lie between those of the pure ions, so a distance cannot detect that it is new.
    """
    there, known = ion_fractions(formulas) > 0, ion_fractions(trained) > 0
    unseen = np.zeros(len(formulas), dtype=bool)
    for ions in SITE_IONS.values():
        columns = [IONS.index(ion) for ion in ions]
        if not (known[:, columns].sum(axis=1) > 1).any():
            unseen |= there[:, columns].sum(axis=1) > 1
    return unseen
