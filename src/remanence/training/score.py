"""Predictions against measurements, with the same metric names for every model."""

import re

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score


def regression_metrics(actual: NDArray[np.float64], predicted: NDArray[np.float64]) -> dict[str, float]:
    """Return mse, rmse, mae, r2 and the mean relative error of one target.

    Args:
        actual: measured values, shape (rows,).
        predicted: shape (rows,).

    Returns:
        mse in the squared unit of the target, rmse and mae in its unit, r2 and relative_error without unit;
        r2 is NaN for fewer than two rows.

    >>> regression_metrics(np.array([1.0, 2.0]), np.array([1.0, 2.5]))["mae"]
    0.25
    """
    mse = float(mean_squared_error(actual, predicted))
    nonzero = actual != 0
    relative = np.abs(predicted[nonzero] - actual[nonzero]) / np.abs(actual[nonzero])
    return {
        "mse": mse,
        "rmse": float(np.sqrt(mse)),
        "mae": float(mean_absolute_error(actual, predicted)),
        "r2": float(r2_score(actual, predicted)) if len(actual) > 1 else float("nan"),
        "relative_error": float(relative.mean()) if nonzero.any() else float("nan"),
    }


def score(
    part: str, targets: list[str], actual: NDArray[np.float64], predicted: NDArray[np.float64]
) -> dict[str, float]:
    """Return the metrics of all targets under the names that runs log.

    Args:
        part: ``train``, ``val`` or ``test``.
        targets: names of the columns.
        actual: shape (rows, targets).
        predicted: shape (rows, targets).

    Returns:
        ``{part}/r2`` and so on for the first target; with several targets also ``{part}/{target}/r2`` for each.
    """
    metrics = {f"{part}/{key}": value for key, value in regression_metrics(actual[:, 0], predicted[:, 0]).items()}
    if len(targets) > 1:
        for column, target in enumerate(targets):
            for key, value in regression_metrics(actual[:, column], predicted[:, column]).items():
                metrics[f"{part}/{metric_name(target)}/{key}"] = value
    return metrics


def metric_name(column: str) -> str:
    """Return ``column`` without the characters that a metric name may not hold.

    >>> metric_name("d33 (pC/N)")
    'd33_pC_N'
    """
    return re.sub(r"[^\w.-]+", "_", column, flags=re.ASCII).strip("_") or "target"
