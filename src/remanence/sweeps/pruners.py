"""The pruner that ``conf/pruner`` names."""

from collections.abc import Mapping
from typing import Any

from optuna.pruners import (
    BasePruner,
    HyperbandPruner,
    MedianPruner,
    NopPruner,
    PatientPruner,
    SuccessiveHalvingPruner,
)


def choose_pruner(node: Mapping[str, Any]) -> BasePruner:
    """Return Optuna's pruner for a checked ``pruner`` node."""
    match node:
        case {"kind": "median"}:
            return _median(node)
        case {"kind": "asha"}:
            return SuccessiveHalvingPruner(
                min_resource=node["min_resource"],
                reduction_factor=node["reduction_factor"],
                min_early_stopping_rate=node["min_early_stopping_rate"],
            )
        case {"kind": "hyperband"}:
            return HyperbandPruner(
                min_resource=node["min_resource"],
                max_resource=node["max_resource"],
                reduction_factor=node["reduction_factor"],
            )
        case {"kind": "patience"}:
            return PatientPruner(_median(node), patience=node["patience"], min_delta=node["min_delta"])
        case _:
            return NopPruner()


def _median(node: Mapping[str, Any]) -> MedianPruner:
    warmup = round(node["warmup"] * node["max_epochs"])
    return MedianPruner(n_startup_trials=node["n_startup_trials"], n_warmup_steps=warmup)
