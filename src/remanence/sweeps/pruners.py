"""The pruner that ``conf/pruner`` names."""

from optuna.pruners import (
    BasePruner,
    HyperbandPruner,
    MedianPruner,
    NopPruner,
    PatientPruner,
    SuccessiveHalvingPruner,
)

from remanence.configuration.sweep_options import Hyperband, Median, NoPruner, Patience, Pruner, SuccessiveHalving


def choose_pruner(options: Pruner) -> BasePruner:
    """Return Optuna's pruner for a ``pruner`` node."""
    match options:
        case Median():
            return _median(options)
        case SuccessiveHalving():
            return SuccessiveHalvingPruner(
                min_resource=options.min_resource,
                reduction_factor=options.reduction_factor,
                min_early_stopping_rate=options.min_early_stopping_rate,
            )
        case Hyperband():
            return HyperbandPruner(
                min_resource=options.min_resource,
                max_resource=options.max_resource,
                reduction_factor=options.reduction_factor,
            )
        case Patience():
            return PatientPruner(_median(options), patience=options.patience, min_delta=options.min_delta)
        case NoPruner():
            return NopPruner()


def _median(options: Median | Patience) -> MedianPruner:
    warmup = round(options.warmup * options.max_epochs)
    return MedianPruner(n_startup_trials=options.n_startup_trials, n_warmup_steps=warmup)
