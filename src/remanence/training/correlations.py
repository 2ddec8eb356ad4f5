"""Correlations of a feature with properties, with their intervals."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

Values = NDArray[np.float64]


def correlations(feature: Values, properties: dict[str, Values]) -> pd.DataFrame:
    """Correlate one feature with several properties.

    Args:
        feature: values of the feature, shape (rows,), at least four rows.
        properties: name of a property to its values, shape (rows,).

    Returns:
        one row per property: Pearson's r with its 95 % interval (Fisher's z), Spearman's rho with a 95 % interval by
        bootstrap, both p values, and the number of rows.
    """
    table = []
    for name, values in properties.items():
        pearson, spearman = stats.pearsonr(feature, values), stats.spearmanr(feature, values)
        interval = pearson.confidence_interval(0.95)
        low, high = _bootstrap_interval(feature, values)
        table.append(
            {
                "property": name,
                "rows": len(feature),
                "pearson": pearson.statistic,
                "pearson_low": interval.low,
                "pearson_high": interval.high,
                "pearson_p": pearson.pvalue,
                "spearman": spearman.statistic,
                "spearman_low": low,
                "spearman_high": high,
                "spearman_p": spearman.pvalue,
            }
        )
    return pd.DataFrame(table)


def _bootstrap_interval(first: Values, second: Values, draws: int = 1000) -> tuple[float, float]:
    rng = np.random.default_rng(0)
    chosen = rng.integers(0, len(first), size=(draws, len(first)))
    ranks = stats.rankdata(first[chosen], axis=1), stats.rankdata(second[chosen], axis=1)
    centred = [rank - rank.mean(axis=1, keepdims=True) for rank in ranks]
    scale = np.sqrt((centred[0] ** 2).sum(axis=1) * (centred[1] ** 2).sum(axis=1))
    rho = np.divide((centred[0] * centred[1]).sum(axis=1), scale, out=np.zeros(draws), where=scale > 0)
    low, high = np.quantile(rho, [0.025, 0.975])
    return float(low), float(high)
