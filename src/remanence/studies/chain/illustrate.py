"""The figures of a chain: a diagram of its scales, and the errors of every scale."""

import math
from collections.abc import Mapping

import numpy as np

from remanence.data.cells import as_number
from remanence.data.nested.opened_chain import OpenedChain
from remanence.data.nested.scale_rows import ScaleRows
from remanence.figures.loss_curves import plot_loss_curves
from remanence.figures.nested.band_gap_check import plot_measured_gap
from remanence.figures.nested.chain_diagram import plot_chain
from remanence.figures.nested.chain_layout import ScaleBox
from remanence.figures.nested.fold_errors import plot_fold_errors
from remanence.figures.parity import plot_parity
from remanence.figures.style import stated, unit_of
from remanence.foundation.names import file_names
from remanence.studies.chain.fit import FittedChain
from remanence.studies.chain.scores import errors_of_folds
from remanence.studies.presentation import ITS_NETWORKS, OWN, marked
from remanence.tracking.run import Run
from remanence.training.fitted import Fitted, held_out, held_out_half_width
from remanence.training.score import target_names

CHAIN = f"chain ({OWN})"
SHOWN_AS = {"chain": CHAIN, "chain, networks alone": ITS_NETWORKS}
"""Names of models in tables to those in figures."""
MOST_BARS = 500
"""Largest number of points that are drawn with interval bars; more bars cannot be told apart."""
PREDICTED_GAP = "gap"
MEASURED_GAP = "band_gap"
"""Column of the table of devices with the measured gap, which the gap predicted by a finer scale is compared with."""


def illustrate_fits(
    tracked: Run,
    fitted: FittedChain,
    baselines: Mapping[str, FittedChain],
    data: OpenedChain,
    metrics: Mapping[str, float],
) -> None:
    """Draw, for every property, the parity plot and the errors of all models on each fold.

    Args:
        tracked: run that the figures are logged to.
        fitted: fitted chain.
        baselines: fits of each baseline, by its name.
        data: rows of each scale.
        metrics: all final metrics of the run.
    """
    shown = {
        (scale, target): f"{scale}/{target.removeprefix(f'{scale}.')}"
        for scale, on_scale in data.rows.items()
        for target in on_scale.targets
    }
    files = file_names(shown.values())
    for scale, on_scale in data.rows.items():
        names = target_names(on_scale.targets)
        for column, target in enumerate(on_scale.targets):
            name, title = files[shown[scale, target]], marked(shown[scale, target].replace("/", ": ", 1), data)
            prefix = f"test/{scale}/{names[target]}" if len(on_scale.targets) > 1 else f"test/{scale}"
            measured, predicted = _held_out(fitted.fits[scale], on_scale, column)
            label = on_scale.columns.label(target)
            note = (
                f"{stated('test MAE', metrics[f'{prefix}/mae'], label)}\nR² {metrics.get(f'{prefix}/r2', np.nan):.3f}"
            )
            width = held_out_half_width(fitted.fits[scale].folds, on_scale.y)[
                _tested(fitted.fits[scale], on_scale), column
            ]
            width = width if len(measured) <= MOST_BARS else np.full(len(measured), np.nan)
            figure, _ = plot_parity(
                {"test": measured},
                {"test": predicted},
                label=label,
                title=title,
                note=note,
                half_width=width,
                coverage=fitted.fits[scale].coverage,
            )
            tracked.log_figure(figure, f"parity_{name}")
            errors = errors_of_folds(fitted, baselines, data, scale, column)
            errors = {SHOWN_AS.get(model, model): values for model, values in errors.items()}
            axis = f"MAE ({unit})" if (unit := unit_of(label)) else "MAE"
            figure, _ = plot_fold_errors(errors, network=CHAIN, label=axis, title=title)
            tracked.log_figure(figure, f"fold_errors_{name}")


def illustrate_chain(tracked: Run, fitted: FittedChain, data: OpenedChain) -> None:
    """Draw the diagram of the chain, the losses of each scale, and predicted gaps against gaps measured on devices."""
    boxes = [
        ScaleBox(
            name=name,
            rows=len(on_scale.x),
            inputs=len(on_scale.inputs[name]),
            latent_dim=data.scales[name]["latent_dim"],
            heads=[on_scale.columns.label(target) for target in on_scale.targets],
            parents=data.scales[name].get("parents") or (),
        )
        for name, on_scale in data.rows.items()
    ]
    figure, _ = plot_chain(boxes, title=marked("chain of scales", data))
    tracked.log_figure(figure, "chain")
    for scale, fit in fitted.fits.items():
        figure, _ = plot_loss_curves(fit.history, best_epoch=fit.best_epoch, title=marked(scale, data))
        tracked.log_figure(figure, f"loss_curves_{scale}")
    _check_gap(tracked, fitted, data)


def _check_gap(tracked: Run, fitted: FittedChain, data: OpenedChain) -> None:
    finest, coarsest = next(iter(data.rows.values())), data.coarsest
    gaps, is_gap = coarsest.column(MEASURED_GAP), finest.targets[0].rpartition(".")[2] == PREDICTED_GAP
    if gaps is None or not is_gap or finest is coarsest:
        return
    measured = np.array([math.nan if (gap := as_number(cell)) is None else gap for cell in gaps])
    known = np.isfinite(measured)
    fit = fitted.fits[finest.name]
    x = coarsest.x[:, coarsest.layout["blocks"][finest.name]]
    predicted, half_width = (values[:, 0] for values in fit.predict_with_half_width(x))
    difference = predicted[known] - measured[known]
    note = f"{known.sum()} devices\nmean difference {difference.mean():+.3f} eV\nMAE {np.abs(difference).mean():.3f} eV"
    tracked.log_metrics(
        {"devices/gap/mae": float(np.abs(difference).mean()), "devices/gap/offset": float(difference.mean())},
        step=fitted.epochs,
    )
    figure, _ = plot_measured_gap(
        measured[known],
        predicted[known],
        half_width=float(np.median(half_width)),
        coverage=fit.coverage,
        title="predicted PBE gap of the devices",
        note=note,
    )
    tracked.log_figure(figure, "measured_gap")


def _held_out(fitted: Fitted, on_scale: ScaleRows, column: int) -> tuple[np.ndarray, np.ndarray]:
    values, tested = held_out(fitted.folds, on_scale.y)[:, column], _tested(fitted, on_scale)
    return on_scale.y[tested, column], values[tested]


def _tested(fitted: Fitted, on_scale: ScaleRows) -> np.ndarray:
    return np.flatnonzero(np.isfinite(held_out(fitted.folds, on_scale.y)[:, 0]))
