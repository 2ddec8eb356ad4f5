"""The figures of a run on a table."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from remanence.data.opened_table import OpenedTable
from remanence.figures.augmentation import plot_augmentation
from remanence.figures.campaign import plot_campaign
from remanence.figures.error_histogram import plot_error_histogram
from remanence.figures.importance import plot_importance
from remanence.figures.loss_curves import plot_loss_curves
from remanence.figures.parity import plot_parity
from remanence.figures.parity_panels import plot_parity_panels
from remanence.figures.permittivity import plot_permittivity
from remanence.figures.relative_error import plot_relative_error
from remanence.figures.response import plot_response
from remanence.figures.style import stated, unit_of
from remanence.foundation.names import file_names, metric_names
from remanence.science.lph_slope import fit_lph_slope
from remanence.science.nbbt import FREQUENCY, Campaign
from remanence.studies.fold_scores import relative_error
from remanence.studies.presentation import marked, own_name
from remanence.studies.table.augmentation import Augmentation
from remanence.studies.table.mixing_response import lines_of, mixing_panels
from remanence.studies.table.response import response_panels
from remanence.tracking.run import Run
from remanence.training.fitted import Fitted, held_out, held_out_half_width
from remanence.training.score import target_names

METHODS = {
    "permutation": "permutation (± sd of shuffles)",
    "integrated_gradients": "integrated gradients (± sd of rows)",
}
"""Methods of importance, and what their bars show."""


def illustrate_fit(tracked: Run, fitted: Fitted, data: OpenedTable, metrics: Mapping[str, float]) -> None:
    """Draw the figures that every run shows: the parity plot of each target, and the losses of a network.

    Args:
        tracked: run that the figures are logged to.
        fitted: fit of the run's own model, not of a baseline.
        data: rows, and the folds that hold some of them out.
        metrics: all final metrics of the run.
    """
    title, files, names = _title(fitted, data), file_names(data.targets), target_names(data.targets)
    for column, target in enumerate(data.targets):
        prefix = f"test/{names[target]}" if len(data.targets) > 1 else "test"
        measured, predicted = _parts(fitted, data, column)
        label = data.columns.label(target)
        error = stated("RMSE", metrics[f"{prefix}/rmse"], label)
        note = f"test R² {metrics.get(f'{prefix}/r2', np.nan):.3f}\n{error}"
        width = held_out_half_width(fitted.folds, data.y)[_tested(fitted, data), column]
        figure, _ = plot_parity(
            measured, predicted, label=label, title=title, note=note, half_width=width, coverage=fitted.coverage
        )
        tracked.log_figure(figure, f"parity_{files[target]}")
    if fitted.history:
        figure, _ = plot_loss_curves(fitted.history, best_epoch=fitted.best_epoch, title=title)
        tracked.log_figure(figure, "loss_curves")


def illustrate_errors(tracked: Run, fitted: Fitted, data: OpenedTable, importance: Mapping[str, pd.DataFrame]) -> None:
    """Draw the errors of the model and the importance of its inputs.

    Args:
        tracked: run that the figures are logged to.
        fitted: fit of the run's own model, not of a baseline.
        data: rows, and the folds that hold some of them out.
        importance: table of each method, from ``table.importance``, by the name of the method.
    """
    title, files = _title(fitted, data), file_names(data.targets)
    own = held_out(fitted.folds, data.y)
    tested = np.flatnonzero(np.isfinite(own[:, 0]))
    predicted, actual = own[tested], data.y[tested]
    along = zip(response_panels(fitted, data), mixing_panels(fitted, data, lines_of(data)), strict=True)
    panels = [[*features, *lines] for features, lines in along]
    for column, target in enumerate(data.targets):
        label = data.columns.label(target)
        figure, _ = plot_error_histogram(predicted[:, column] - actual[:, column], label=label, title=title)
        tracked.log_figure(figure, f"errors_{files[target]}")
        tables = {METHODS[method]: table[table["target"] == target] for method, table in importance.items()}
        if tables:
            figure, _ = plot_importance(tables, title=title, unit=unit_of(data.columns.label(target)))
            tracked.log_figure(figure, f"importance_{files[target]}")
        if panels[column]:
            figure, _ = plot_response(panels[column], label=label, title=title, coverage=fitted.coverage)
            tracked.log_figure(figure, f"response_{files[target]}")
    named = data.names
    samples = list(map(str, tested)) if named is None else named.iloc[tested].astype(str).tolist()
    relative = relative_error(predicted, actual)
    errors = {target: relative[:, column] for column, target in enumerate(data.targets)}
    figure, _ = plot_relative_error(samples, errors, title=title)
    tracked.log_figure(figure, "relative_error")


def _title(fitted: Fitted, data: OpenedTable) -> str:
    return marked(own_name(fitted.model), data)


def illustrate_augmentation(tracked: Run, augmented: Augmentation, data: OpenedTable) -> None:
    """Draw the inputs before and after augmentation, and the two networks beside each other."""
    title = marked("augmentation", data)
    names = metric_names(data.columns.inputs)
    p_values = [augmented.tests[f"ks_p/{name}"] for name in names.values()]
    labels = [data.columns.label(name) for name in names]
    figure, _ = plot_augmentation(augmented.before, augmented.after, labels=labels, p_values=p_values, title=title)
    tracked.log_figure(figure, "augmentation")
    files = file_names(data.targets)
    for column, target in enumerate(data.targets):
        networks = {"measured rows": augmented.base, "with drawn rows": augmented.fitted}
        panels = {}
        for name, fitted in networks.items():
            measured, predicted = (part["test"] for part in _parts(fitted, data, column))
            rmse = float(np.sqrt(np.mean((predicted - measured) ** 2)))
            panels[name] = (measured, predicted, stated("RMSE", rmse, data.columns.label(target)))
        figure, _ = plot_parity_panels(panels, label=data.columns.label(target), title=title)
        tracked.log_figure(figure, f"augmentation_{files[target]}")


def illustrate_campaign(tracked: Run, data: OpenedTable, campaign: Campaign) -> None:
    """Draw the simulated campaign that the run was trained on: spectra with their fits, and trends."""
    title, frame = "synthetic campaign", data.frame
    figure, _ = plot_campaign(
        frame["series"].to_numpy(),
        np.where(frame["dopant"] > 0, frame["dopant"], frame["x"]),
        frame["lph_slope"].to_numpy(),
        frame["eps_r"].to_numpy(),
        frame["d33"].to_numpy(),
        title=title,
    )
    tracked.log_figure(figure, "campaign")
    first = np.flatnonzero(frame["replicate"] == 0)
    fit = fit_lph_slope(FREQUENCY, campaign.permittivity[first])
    names = frame["sample"].iloc[first].tolist()
    figure, _ = plot_permittivity(
        FREQUENCY, campaign.permittivity[first], fit.lph_slope, fit.intercept, names, title=title
    )
    tracked.log_figure(figure, "permittivity")


def _tested(fitted: Fitted, data: OpenedTable) -> np.ndarray:
    """Return the rows of the test points of ``_parts``."""
    if len(fitted.folds) > 1:
        return np.flatnonzero(np.isfinite(held_out(fitted.folds, data.y)[:, 0]))
    return fitted.folds[0].predicted["test"][0]


def _parts(fitted: Fitted, data: OpenedTable, column: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return measured and predicted values of each part; with several folds, the mean held-out prediction per row."""
    if len(fitted.folds) > 1:
        values, tested = held_out(fitted.folds, data.y)[:, column], _tested(fitted, data)
        return {"test": data.y[tested, column]}, {"test": values[tested]}
    parts = fitted.folds[0].predicted
    measured = {part: data.y[rows, column] for part, (rows, _) in parts.items()}
    return measured, {part: values[:, column] for part, (_, values) in parts.items()}
