"""Scores of a fitted chain: metrics of every scale, errors of every fold, and held-out predictions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.nested.opened_chain import OpenedChain
from remanence.data.nested.scale_rows import ScaleRows
from remanence.errors import ConfigurationError
from remanence.studies.chain.fit import FittedChain
from remanence.studies.fold_scores import all_metrics, fold_error_table, fold_errors, prediction_table
from remanence.studies.model_metrics import logged_metrics, model_table
from remanence.training.fitted import Fitted, held_out
from remanence.training.score import score_folds, target_names

PARTS = ("train", "val", "test")
NETWORK = "network"
"""Part of the names of metrics of a scale's networks without what they are blended with."""


@dataclass(frozen=True)
class ChainScores:
    """The scores of a chain and its baselines."""

    metrics: dict[str, float]
    predictions: dict[str, pd.DataFrame]
    """For each scale, the table of its held-out rows with prediction, interval and errors."""
    fold_errors: pd.DataFrame
    """Mean absolute errors, with the column scale before those of ``fold_error_table``."""
    models: pd.DataFrame
    """All metrics of the chain and its baselines, see ``model_table``."""

    def logged(self, objectives: Collection[str]) -> dict[str, float]:
        """Return the metrics that the run logs, see ``logged_metrics``."""
        return logged_metrics(self.metrics, objectives=objectives)


def check_properties(data: OpenedChain) -> None:
    """Refuse properties whose metrics or predictions would meet with those of something else in the chain.

    Raises:
        ConfigurationError: if two scales predict the same property, or a property is called as a scale is.
    """
    known: dict[str, str] = {}
    for scale, on_scale in data.rows.items():
        names = target_names(on_scale.targets)
        taken = data.rows if on_scale is data.coarsest else ()
        for target in on_scale.targets:
            where = f"model.scales.{scale}.heads: the property '{target}'"
            if target in known:
                raise ConfigurationError(f"{where} is one of scale '{known[target]}', too; rename one of the columns")
            if len(names) > 1 and names[target] in taken:
                raise ConfigurationError(f"{where} means something else in metrics, as scales do; rename the column")
            known[target] = scale


def score_chain(fitted: FittedChain, baselines: Mapping[str, FittedChain], data: OpenedChain) -> ChainScores:
    """Score every scale of a chain beside its baselines."""
    metrics = chain_metrics(fitted, baselines, data)
    return ChainScores(
        metrics,
        prediction_tables(fitted, baselines, data),
        fold_table(fitted, baselines, data),
        model_table(metrics, list(baselines)),
    )


def chain_metrics(fitted: FittedChain, baselines: Mapping[str, FittedChain], data: OpenedChain) -> dict[str, float]:
    """Return the metrics of every scale, as ``test/<scale>/mae`` and ``baseline/<name>/test/<scale>/mae``.

    The metrics of the coarsest scale are returned a second time under the names that a run on a single table has. If a
    Gaussian process or baselines are blended with the networks of a scale, ``test/<scale>/network/mae`` is the error of
    the networks alone, ``process_share`` is the share of the process, and ``<baseline>_share`` that of a baseline.
    """
    metrics: dict[str, float] = {}
    for name, on_scale in data.rows.items():
        own = all_metrics(fitted.fits[name], _fits_of_baselines(baselines, name), on_scale)
        own |= _median_errors(fitted.fits[name], _fits_of_baselines(baselines, name), on_scale)
        metrics |= {for_scale(key, name): value for key, value in own.items()}
        if name in fitted.networks:
            alone = score_folds(fitted.networks[name], on_scale.targets, on_scale.y)
            metrics |= {
                f"test/{name}/{NETWORK}/{key.removeprefix('test/')}": value
                for key, value in alone.items()
                if key.startswith("test/") and np.isfinite(value)
            }
            metrics |= {
                f"{name}/{part}_share/{target}": share
                for part, shares in fitted.shares[name].items()
                for target, share in zip(target_names(on_scale.targets).values(), shares, strict=True)
            }
        if on_scale is data.coarsest:
            metrics |= own
    return metrics


def _median_errors(fitted: Fitted, baselines: Mapping[str, Fitted], on_scale: ScaleRows) -> dict[str, float]:
    """Return the median absolute error on held-out rows, which the tail of a long-tailed property does not dominate."""
    metrics = {}
    for prefix, fit in {"": fitted, **{f"baseline/{name}/": fit for name, fit in baselines.items()}}.items():
        errors = np.nanmedian(np.abs(held_out(fit.folds, on_scale.y) - on_scale.y), axis=0)
        metrics[f"{prefix}test/median_error"] = float(errors[0])
        if len(on_scale.targets) > 1:
            names = (f"{prefix}test/{name}/median_error" for name in target_names(on_scale.targets).values())
            metrics |= dict(zip(names, errors.tolist(), strict=True))
    return metrics


def for_scale(key: str, scale: str) -> str:
    """Return the name of a metric with the scale put into it.

    >>> for_scale("test/mae", "ions"), for_scale("baseline/lasso/test/mae", "ions")
    ('test/ions/mae', 'baseline/lasso/test/ions/mae')
    """
    parts = key.split("/")
    at = 0 if parts[0] in PARTS else 2 if parts[2] in PARTS else 1
    return "/".join([*parts[: at + 1], scale, *parts[at + 1 :]])


def errors_of_folds(
    fitted: FittedChain, baselines: Mapping[str, FittedChain], data: OpenedChain, scale: str, column: int
) -> dict[str, NDArray[np.float64]]:
    """Return, for every model, its mean absolute error of one target on each held-out fold, shape (folds,)."""
    return {
        model: fold_errors(fit, data.rows[scale], column) for model, fit in _models(fitted, baselines, scale).items()
    }


def fold_table(fitted: FittedChain, baselines: Mapping[str, FittedChain], data: OpenedChain) -> pd.DataFrame:
    """Return ``fold_error_table`` of all scales, with the column scale before the others."""
    tables = []
    for scale, on_scale in data.rows.items():
        table = fold_error_table(_models(fitted, baselines, scale), on_scale)
        table.insert(0, "scale", scale)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _models(fitted: FittedChain, baselines: Mapping[str, FittedChain], scale: str) -> dict[str, Fitted]:
    models = {"chain": fitted.fits[scale], **_fits_of_baselines(baselines, scale)}
    if scale in fitted.networks:
        models["chain, networks alone"] = fitted.networks[scale]
    return models


def prediction_tables(
    fitted: FittedChain, baselines: Mapping[str, FittedChain], data: OpenedChain
) -> dict[str, pd.DataFrame]:
    """Return, for each scale, the table of its held-out rows with prediction, interval and errors."""
    return {
        name: prediction_table(fitted.fits[name], _fits_of_baselines(baselines, name), on_scale)
        for name, on_scale in data.rows.items()
    }


def _fits_of_baselines(baselines: Mapping[str, FittedChain], scale: str) -> dict[str, Fitted]:
    return {name: fitted.fits[scale] for name, fitted in baselines.items() if scale in fitted.fits}
