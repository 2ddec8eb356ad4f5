"""Scores of predictions against measurements, with the same metric names for every model."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.errors import ConfigurationError
from remanence.foundation.names import BEST, MLFLOW_LENGTH, NETWORK, metric_names
from remanence.training.fitted import Fitted

LEAST_ROWS = 40
"""Least number of rows of which quarters have a coverage: ten each."""
REPORTED = ("r2", "rmse", "mae", "relative_error")


def regression_metrics(actual: NDArray[np.float64], predicted: NDArray[np.float64]) -> dict[str, float]:
    """Return mse, rmse, mae, r2 and the mean relative error of one target.

    Args:
        actual: measured values, shape (rows,).
        predicted: predicted values, shape (rows,).

    Returns:
        mse in the squared unit of the target, rmse and mae in its unit, r2 and relative_error without unit;
        r2 is NaN for fewer than two rows.

    Raises:
        ValueError: if a value is not finite, or the shapes differ.

    >>> regression_metrics(np.array([1.0, 2.0]), np.array([1.0, 2.5]))["mae"]
    0.25
    """
    # the same formulas as scikit-learn, without its checks: they take a hundred times as long, and a run with members
    # computes a hundred scores
    if not np.isfinite([actual, predicted]).all():
        raise ValueError("Expected `actual` and `predicted` to be finite, but got NaN or infinity.")
    error = predicted - actual
    mse, spread = float(np.mean(error**2)), float(np.mean((actual - actual.mean()) ** 2))
    nonzero = actual != 0
    relative = np.abs(error[nonzero]) / np.abs(actual[nonzero])
    return {
        "mse": mse,
        "rmse": float(np.sqrt(mse)),
        "mae": float(np.mean(np.abs(error))),
        "r2": _r2(mse, spread) if len(actual) > 1 else float("nan"),
        "relative_error": float(relative.mean()) if nonzero.any() else float("nan"),
    }


def _r2(mse: float, spread: float) -> float:
    """Return R²; for a constant target, 1 if every prediction is exact and 0 otherwise."""
    return 1 - mse / spread if spread else float(mse == 0)


def score(
    part: str, targets: list[str], actual: NDArray[np.float64], predicted: NDArray[np.float64]
) -> dict[str, float]:
    """Return the metrics of all targets under the names that runs log.

    Args:
        part: ``train``, ``val`` or ``test``.
        targets: names of the target columns.
        actual: measured values, shape (rows, targets).
        predicted: predicted values, shape (rows, targets).

    Returns:
        ``{part}/r2`` and so on for the first target; with several targets also ``{part}/{target}/r2`` for each.
    """
    metrics: dict[str, float] = {}
    for column, prefix in _columns(part, targets):
        for key, value in regression_metrics(actual[:, column], predicted[:, column]).items():
            metrics[f"{prefix}/{key}"] = value
    return metrics


def score_folds(fitted: Fitted, targets: list[str], y: NDArray[np.float64]) -> dict[str, float]:
    """Return the metrics of every part over all outer folds.

    With one fold, the metrics are those of that fold. With several, ``test/r2`` is the mean over folds, ``test/r2_sd``
    its standard deviation, and ``test/pooled_r2`` is computed once over all held-out predictions. If a fold holds out a
    single row and therefore has no R², ``test/r2`` is the pooled value. With intervals, ``test/coverage`` is the share
    of test rows inside their interval.
    """
    metrics: dict[str, float] = {}
    for part in ("train", "val", "test"):
        held = [fold.predicted[part] for fold in fitted.folds if part in fold.predicted]
        if held:
            metrics |= score_parts(part, targets, [(y[rows], values) for rows, values in held])
    tested = [(*fold.predicted["test"], fold.half_width) for fold in fitted.folds]
    return metrics | coverage("test", targets, [(y[rows], values, width) for rows, values, width in tested])


def score_parts(
    part: str, targets: list[str], held: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]]
) -> dict[str, float]:
    """Return the metrics of one part over several folds, see ``score_folds``.

    Args:
        part: ``train``, ``val`` or ``test``.
        targets: names of the target columns.
        held: for each fold, measured and predicted values, each of shape (rows, targets).
    """
    scores = pd.DataFrame([score(part, targets, *fold) for fold in held])
    if len(held) == 1:
        return {str(key): float(value) for key, value in scores.iloc[0].items()}
    actual, predicted = (np.concatenate(values) for values in zip(*held, strict=True))
    pooled = score(part, targets, actual, predicted)
    metrics: dict[str, float] = {}
    for key in scores.columns:
        prefix, _, name = key.rpartition("/")
        whole = not scores[key].isna().any()
        metrics[key] = float(scores[key].mean()) if whole else pooled[key]
        if whole:
            metrics[f"{key}_sd"] = float(scores[key].std(ddof=1))
        metrics[f"{prefix}/pooled_{name}"] = pooled[key]
    return metrics


def score_members(members: pd.DataFrame, targets: list[str]) -> dict[str, float]:
    """Return mean and standard deviation over members, and the score of the paper's best repetition.

    ``test/best_of_repeats/r2``: among the trainings on the same rows, take the test score of the one with the lowest
    validation loss; then average over all sets of rows.
    """
    metrics: dict[str, float] = {}
    for column, prefix in _columns("test", targets):
        own = members[members["target"] == targets[column]]
        best = own.loc[own.groupby(["fold", "validated_on"])["val_loss"].idxmin()]
        for key in REPORTED:
            metrics[f"{prefix}/member_{key}"] = float(own[f"test_{key}"].mean())
            metrics[f"{prefix}/member_{key}_sd"] = float(own[f"test_{key}"].std(ddof=1)) if len(own) > 1 else 0.0
            metrics[f"{prefix}/{BEST}/{key}"] = float(best[f"test_{key}"].mean())
    return {key: value for key, value in metrics.items() if np.isfinite(value)}


def target_names(targets: Sequence[str]) -> dict[str, str]:
    """Return for each target of a model the name that it has in metrics, such as ``d33`` in ``test/d33/r2``.

    >>> target_names(["d33 (pC/N)", "ε_r"])
    {'d33 (pC/N)': 'd33_pC_N', 'ε_r': 'ε_r'}
    """
    return metric_names(targets, taken=(BEST, NETWORK))


def check_lengths(targets: Sequence[str], baselines: Iterable[str], *, scale: str = "") -> None:
    """Refuse targets whose metrics would have names that are too long for MLflow.

    Args:
        targets: names of the target columns.
        baselines: names of the baselines.
        scale: name of the scale of a chain.

    Raises:
        ConfigurationError: for the first such target.
    """
    names = target_names(targets) if len(targets) > 1 else dict.fromkeys(targets, "")
    key, within = (f"model.scales.{scale}.heads", f"test/{scale}/") if scale else ("data.target", "test/")
    for target, name in names.items():
        longest = [f"{within}{name}/{BEST}/relative_error"]
        longest += [f"baseline/{baseline}/{within}{name}/pooled_relative_error" for baseline in baselines]
        if (length := max(map(len, longest))) > MLFLOW_LENGTH:
            raise ConfigurationError(
                f"{key}: '{target}' is too long a name: its metrics would have names of {length} characters; "
                f"MLflow takes {MLFLOW_LENGTH}, so rename the column"
            )


def _columns(part: str, targets: list[str]) -> list[tuple[int, str]]:
    named = [(column, f"{part}/{name}") for column, name in enumerate(target_names(targets).values())]
    return [(0, part), *(named if len(targets) > 1 else [])]


def coverage(
    part: str,
    targets: list[str],
    held: Sequence[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]],
) -> dict[str, float]:
    """Return how good intervals are, for each target that has them.

    ``{part}/coverage`` is the share of rows inside their interval, and ``{part}/interval_width`` the mean width. Of
    ``test``, there are ``coverage_q1`` to ``coverage_q4`` as well, the coverage of the quarters of the rows with the
    lowest to the highest predictions: an interval of one width covers too few of those that are hardest to predict.

    Args:
        part: ``train`` or ``test``.
        targets: names of the target columns.
        held: for each fold, measured and predicted values and the half width of the interval of each row, each of shape
            (rows, targets); NaN where there is no interval. An infinite interval counts as none.
    """
    metrics = {}
    for column, prefix in _columns(part, targets):
        actual, predicted, width = (np.concatenate([fold[value][:, column] for fold in held]) for value in range(3))
        known = np.isfinite(width)
        if not known.any():
            continue
        inside = (np.abs(actual - predicted) <= width)[known]
        metrics[f"{prefix}/coverage"] = float(inside.mean())
        metrics[f"{prefix}/interval_width"] = float(2 * width[known].mean())
        if part == "test" and len(inside) >= LEAST_ROWS:
            for number, quarter in enumerate(quarters(predicted[known]), 1):
                metrics[f"{prefix}/coverage_q{number}"] = float(inside[quarter].mean())
    return metrics


def quarters(values: NDArray[np.float64]) -> list[NDArray[np.intp]]:
    """Return the numbers of the values in each quarter, the lowest first.

    >>> [quarter.tolist() for quarter in quarters(np.array([4.0, 1.0, 3.0, 2.0]))]
    [[1], [3], [2], [0]]
    """
    return np.array_split(np.argsort(values, kind="stable"), 4)
