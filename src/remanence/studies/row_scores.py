"""Scores of a logged model on the rows of a table: those that it was fitted to, and all others, apart."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.row_digests import row_digests
from remanence.errors import UserError
from remanence.foundation.terminal import console
from remanence.studies.known_rows import KnownRows
from remanence.training.score import coverage, score, score_parts

Values = NDArray[np.float64]


def score_rows(
    known: KnownRows | UserError,
    x: Values,
    actual: Values,
    predicted: Values,
    *,
    targets: list[str],
    half_width: Values,
) -> tuple[dict[str, float], str]:
    """Return the metrics and a line for the user that says how many rows were fitted.

    The metrics are ``test/…`` of the rows that the model has not seen and ``train/…`` of those that it was fitted to.
    A row that cross-validation held out is scored by the models that had not seen it. If all unseen rows are such
    rows, the metrics are those over folds that a run logs, see ``score_folds``; otherwise they are computed once over
    all unseen rows.

    Args:
        known: rows that the model knows, or the reason why they are not known; then every row counts as unseen.
        x: encoded inputs of the rows, shape (rows, inputs).
        actual: measured targets, shape (rows, targets).
        predicted: predictions of the logged model, shape (rows, targets).
        targets: names of the targets.
        half_width: half width of the interval of each row, shape (rows, targets); NaN where there is none.
    """
    fitted, held = np.zeros(len(x), dtype=np.bool_), pd.DataFrame({"row": [], "fold": []})
    if isinstance(known, KnownRows):
        digests = pd.DataFrame({"digest": row_digests(x), "row": np.arange(len(x))})
        held = digests.merge(known.held, on="digest")
        fitted = np.isin(digests["digest"], known.fitted)
    is_held = np.isin(np.arange(len(x)), held["row"])
    fitted &= ~is_held
    new = ~fitted & ~is_held
    parts = [_of_fold(part, actual) for _, part in held.groupby("fold")]
    if new.any():
        parts.append((actual[new], predicted[new], half_width[new]))
    metrics = {"rows": float(len(x))}
    if parts:
        scored = [(measured, values) for measured, values, _ in parts]
        if new.any() and is_held.any():
            scored = [tuple(np.concatenate(values) for values in zip(*scored, strict=True))]  # type: ignore[list-item]
        metrics |= score_parts("test", targets, scored) | coverage("test", targets, parts)
    if fitted.any():
        seen = actual[fitted], predicted[fitted]
        metrics |= {"train/rows": float(fitted.sum())}
        metrics |= score("train", targets, *seen) | coverage("train", targets, [(*seen, half_width[fitted])])
    return metrics, told(known, total=len(x), fitted=int(fitted.sum()), held=int(is_held.sum()))


def _of_fold(held: pd.DataFrame, actual: Values) -> tuple[Values, Values, Values]:
    """Return measured values, predictions and half widths of the rows that one fold held out."""
    columns = range(actual.shape[1])
    predicted = held[[f"predicted_{column}" for column in columns]].to_numpy(np.float64)
    width = held[[f"half_width_{column}" for column in columns]].to_numpy(np.float64)
    return actual[held["row"]], predicted, width


def say(line: str) -> None:
    """Print a line as one line, whatever brackets a path in it has."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def told(known: KnownRows | UserError, *, total: int, fitted: int, held: int = 0, what: str = "rows") -> str:
    """Return which of the evaluated rows the model has seen, in one line.

    Args:
        known: rows that the model knows, or the reason why they are not known.
        total: number of evaluated rows.
        fitted: number of rows that the model was fitted to.
        held: number of rows that cross-validation held out.
        what: what the rows are, such as ``pixels``.
    """
    if isinstance(known, UserError):
        return f"which of {total} {what} the model was fitted to is not known: {known}"
    if not fitted and not held:
        return f"none of {total} {what} was fitted"
    new = total - fitted - held
    parts = {
        f"{fitted} of {total} {what} were fitted: their error (train/…) is not a test error": fitted,
        f"{held} were held out in turn, each is predicted by the models that did not see it": held,
        f"{new} are new": new,
    }
    return "; ".join(part for part, number in parts.items() if number)
