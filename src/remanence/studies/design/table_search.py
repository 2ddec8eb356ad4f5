"""Search with the model of a table: candidates are predicted, judged and sorted."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.declared_units import units_of
from remanence.science.conditional_draws import widened
from remanence.science.training_region import TrainingRegion
from remanence.studies.design.candidate_rows import Candidates, candidate_rows, unseen_elements
from remanence.studies.design.formula_space import holds_any
from remanence.studies.design.goal import Goal
from remanence.studies.design.predictive_table import PredictiveTable
from remanence.studies.design.verdicts import with_verdicts, yes_or_no
from remanence.studies.design.wish import CONDITIONS, Wish, parse_constraints, parse_wish
from remanence.studies.predictions import interval_names

NOTES = "notes"
"""Key of ``attrs``: what was assumed, in lines for the user."""


def search_table(
    model: PredictiveTable, trained: pd.DataFrame, *, target: str, asked: Mapping[str, str]
) -> pd.DataFrame:
    """Predict all candidates and sort them by how well they meet the target.

    Args:
        model: model of a table.
        trained: raw training rows.
        target: wanted value, such as ``d33>200``, ``eps_r<900``, ``d33=max`` or ``d33=min``.
        asked: what is searched, fixed and related, see ``candidate_rows``; and ``constraints``, conditions on further
            properties, such as ``eps_r<900``.

    Returns:
        the inputs, the predictions and their intervals; if there is a condition, ``meets``, yes if the predictions meet
        all of them, and ``sure``, yes if the whole intervals do; ``distance`` and ``extrapolated`` as in
        ``science.training_region``. Candidates inside the data come first, then best first.

    Raises:
        ConfigurationError: for a target or input that the model does not have.
        DataError: if a table of candidates does not suit the model.
    """
    columns = model.columns
    wish = parse_target(target, columns.targets)
    conditions = parse_constraints(asked["constraints"], columns.targets) if "constraints" in asked else []
    candidates = candidate_rows(columns, trained, asked)
    predicted = predict_candidates(model, candidates)
    distance, outside = located(model, candidates.rows, trained)
    goal = Goal.of_table(wish, conditions)
    verdicts = _conditions(goal.wishes, predicted, columns.targets)
    verdicts |= {"distance": distance, "extrapolated": yes_or_no(outside)}
    table = with_verdicts(candidates.rows, predicted, verdicts, interval_names(columns.targets))
    best_first: pd.DataFrame = table.iloc[goal.order(predicted, outside)].reset_index(drop=True)
    best_first.attrs |= {NOTES: candidates.notes, "units": units_of(best_first.columns, columns.units)}
    return best_first


def located(
    model: PredictiveTable, rows: pd.DataFrame, trained: pd.DataFrame
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return how far candidates are from the training rows, and which of them are outside, both (candidates,).

    Args:
        model: model of a table.
        rows: candidates; one with an element that no training row holds is outside.
        trained: raw training rows.
    """
    columns = model.columns
    where = region_of(model, trained).locate(columns.encode(rows, "candidates"))
    unseen = unseen_elements(rows, trained, columns)
    outside = where.outside | holds_any(unseen, rows[columns.composition], columns) if unseen else where.outside
    return where.distance, outside


def predict_candidates(model: PredictiveTable, candidates: Candidates) -> pd.DataFrame:
    """Return prediction and interval of each target; the spread of what was filled in widens the intervals.

    Args:
        model: model of a table.
        candidates: candidates of a search.
    """
    targets = model.columns.targets
    ends = interval_names(targets)
    names: list[str] = []

    def predict(rows: pd.DataFrame) -> np.ndarray:
        predicted = model.predict(rows)
        names[:] = [name for target in targets for name in (target, *ends[target]) if name in predicted]
        return np.asarray(predicted[names], dtype=float)

    mean, spread = candidates.average(predict)
    table, of_draws = pd.DataFrame(mean, columns=names), pd.DataFrame(spread, columns=names)
    for target in targets:
        for end, sign in zip(ends[target], (-1, 1), strict=True):
            if end in table:
                width = widened(abs(table[end] - table[target]).to_numpy(), of_draws[target].to_numpy(), model.coverage)
                table[end] = table[target] + sign * width
    return table


def region_of(model: PredictiveTable, trained: pd.DataFrame) -> TrainingRegion:
    """Return where the rows are that a model was fitted to; those of an earlier release are read again.

    Args:
        model: model of a table.
        trained: raw training rows.
    """
    if model.region is not None:
        return model.region
    return TrainingRegion.of(model.columns.encode(trained, "training rows"), model.columns.category_places)


def parse_target(text: str, targets: Sequence[str]) -> Wish:
    """Read a target such as ``d33>200`` or ``d33=max``.

    >>> parse_target("d33 > 200", ["d33"]).value
    200.0
    """
    return parse_wish(text, targets, relations=(">", "max", "<", "min"))


def _conditions(wishes: Sequence[Wish], predicted: pd.DataFrame, targets: Sequence[str]) -> dict[str, object]:
    """Return the verdicts on all conditions; there are none if the target only ranks candidates."""
    conditions = [wish for wish in wishes if wish.relation in CONDITIONS]
    if not conditions:
        return {}
    ends = {wish.target: interval_names(targets)[wish.target] for wish in conditions}
    values = {name: predicted[name].to_numpy() for name in predicted}
    verdicts: dict[str, object] = {
        "meets": yes_or_no(
            np.all([wish.holds(values[wish.target], values[wish.target]) for wish in conditions], axis=0)
        )
    }
    if all(low in values for low, _ in ends.values()):
        sure = [wish.holds(values[ends[wish.target][0]], values[ends[wish.target][1]]) for wish in conditions]
        verdicts["sure"] = yes_or_no(np.all(sure, axis=0))
    return verdicts
