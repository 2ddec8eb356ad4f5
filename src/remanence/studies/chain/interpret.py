"""Interpretation of a chain: its latents, and which inputs and scales each property depends on."""

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from remanence.data.nested.opened_chain import OpenedChain
from remanence.data.nested.scale_rows import ScaleRows
from remanence.figures.nested.correlation_map import plot_correlations
from remanence.figures.nested.explained import plot_explained
from remanence.figures.nested.latent_map import LatentPanel, plot_latent_map
from remanence.figures.nested.sensitivity import plot_sensitivity
from remanence.figures.nested.shapley import plot_shapley
from remanence.figures.nested.traversal import plot_traversal
from remanence.foundation.names import free_names
from remanence.models.nested_ae import NestedAE
from remanence.science.nested.ions import SITE_IONS
from remanence.science.nested.latent_correlation import correlations, principal_plane
from remanence.science.nested.latent_traversal import latent_axes
from remanence.studies.chain.explained import explained_shares
from remanence.studies.chain.fit import FittedChain
from remanence.studies.chain.latents import reference_member, scale_latents
from remanence.studies.chain.sensitivity import sensitivities
from remanence.studies.chain.shapley import Function, shapley_values
from remanence.studies.presentation import marked
from remanence.tracking.run import Run
from remanence.training.fitted import Model

Values = NDArray[np.float64]

EXPLAINED_ROWS = 200
"""Number of randomly drawn rows whose predictions are explained: more rows change the mean over them little."""
MOST_CORRELATED = 30
"""Number of inputs in the map of correlations: those with the strongest ones. The logged table has all inputs."""
MOST_COLOURS = 10
"""Largest number of categories that a map of latents can tell apart."""
AT_ONCE = 256
"""Number of rows that are explained at once: what hundreds of networks make of them stays in the processor's cache."""
BACKGROUND_ROWS = 50
"""Number of background rows, which unknown inputs are averaged over."""


def interpret(tracked: Run, fitted: FittedChain, data: OpenedChain) -> None:
    """Log tables and figures of each scale's latents and of the inputs that its property depends on.

    The latents are those of one member, the best on its validation rows, because latents of different members cannot
    be compared.
    """
    shares: dict[str, dict[str, float]] = {}
    for scale, on_scale in data.rows.items():
        member = reference_member(fitted, scale)
        latents = scale_latents(member, on_scale.x)
        tracked.log_parquet(_latent_table(latents, on_scale), f"latents_{scale}")
        _show_correlations(tracked, scale, on_scale, latents, data)
        _show_map(tracked, scale, on_scale, latents, data)
        _show_traversal(tracked, scale, on_scale, latents, member, data)
        _show_drivers(tracked, scale, on_scale, member, fitted, data)
        if on_scale.inputs.keys() - {scale}:
            (label,) = free_names([on_scale.columns.label(on_scale.targets[0])], shares)
            shares[label] = _show_latents(tracked, scale, on_scale, member, data)
    if shares:
        table = pd.DataFrame(
            [{"property": name, "group": g, "share": v} for name, own in shares.items() for g, v in own.items()]
        )
        tracked.log_table(table, "explained")
        figure, _ = plot_explained(shares, title=marked("what each property rests on", data))
        tracked.log_figure(figure, "explained")


def _latent_table(latents: Values, on_scale: ScaleRows) -> pd.DataFrame:
    kept = [
        column
        for column in on_scale.frame
        if column not in on_scale.columns.features or column in on_scale.columns.levels
    ]
    names = free_names(_names(latents), map(str, kept))
    return pd.concat([on_scale.frame[kept], pd.DataFrame(latents, columns=names, index=on_scale.frame.index)], axis=1)


def _show_correlations(tracked: Run, scale: str, on_scale: ScaleRows, latents: Values, data: OpenedChain) -> None:
    properties = np.concatenate([on_scale.y, on_scale.x], axis=1)
    names = [*on_scale.targets, *on_scale.columns.inputs]
    r = correlations(latents, properties)
    tracked.log_table(pd.DataFrame(r.T, columns=_names(latents)).assign(property=names), f"correlations_{scale}")
    strongest = np.argsort(-np.abs(r[:, len(on_scale.targets) :]).max(axis=0))[:MOST_CORRELATED]
    shown = [*range(len(on_scale.targets)), *(len(on_scale.targets) + np.sort(strongest))]
    shown = [column for column in shown if np.ptp(properties[:, column]) > 0]
    figure, _ = plot_correlations(
        r[:, shown],
        latent_names=_names(latents),
        property_names=[names[column] for column in shown],
        title=marked(f"{scale}: latents and properties", data),
    )
    tracked.log_figure(figure, f"correlations_{scale}")


def _show_map(tracked: Run, scale: str, on_scale: ScaleRows, latents: Values, data: OpenedChain) -> None:
    points, held = principal_plane(latents)
    panels = [LatentPanel(on_scale.columns.label(t), on_scale.y[:, c]) for c, t in enumerate(on_scale.targets)]
    is_composed = data.tables[data.scales[scale]["data"]].composition is not None
    for site, ions in SITE_IONS.items():
        if is_composed and set(ions) <= set(on_scale.frame.columns):
            fractions = on_scale.frame[list(ions)].to_numpy(dtype=np.float64)
            most = np.where(fractions.max(axis=1) > 0.999, np.array(ions)[fractions.argmax(axis=1)], "mixed")
            panels.append(LatentPanel(f"{site} site", most))
    words = data.tables[data.scales[scale]["data"]].categorical
    panels += [
        LatentPanel(word, on_scale.frame[word].astype(str).to_numpy()) for word in words if word in on_scale.frame
    ]
    panels = [
        panel for panel in panels if 1 < len(np.unique(panel.values)) <= MOST_COLOURS or panel.values.dtype.kind == "f"
    ]
    labels = tuple(f"PC {number} of the latents ({share:.0%})" for number, share in enumerate(held, start=1))
    figure, _ = plot_latent_map(points, panels, labels=labels, title=marked(f"{scale}: latents", data))  # type: ignore[arg-type]
    tracked.log_figure(figure, f"latent_map_{scale}")


def _show_traversal(
    tracked: Run, scale: str, on_scale: ScaleRows, latents: Values, member: NestedAE, data: OpenedChain
) -> None:
    walks = latent_axes(latents)  # (latents, steps, latents)
    number, steps, _ = walks.shape
    points = _stacked(walks.reshape(-1, number))
    own = on_scale.x[:, on_scale.layout["blocks"][scale]]
    spread = np.where(own.std(axis=0) > 0, own.std(axis=0), 1.0)
    decoded = (_numpy(member.last.decode(points)) - own.mean(axis=0)) / spread
    each = np.arange(number)
    figure, _ = plot_traversal(
        walks[each, :, each],
        decoded.reshape(number, steps, -1),
        _numpy(member.last.properties(points))[:, 0].reshape(number, steps),
        feature_names=[on_scale.columns.inputs[index] for index in on_scale.layout["blocks"][scale]],
        property_label=on_scale.columns.label(on_scale.targets[0]),
        title=marked(f"{scale}: along each latent (one network)", data),
        latent_names=_names(latents),
    )
    tracked.log_figure(figure, f"traversal_{scale}")


def _show_drivers(
    tracked: Run, scale: str, on_scale: ScaleRows, member: NestedAE, fitted: FittedChain, data: OpenedChain
) -> None:
    """Draw the Shapley values of the inputs, and the sensitivity to every descriptor through the chain."""
    model, label = fitted.fits[scale].model, on_scale.columns.label(on_scale.targets[0])
    names = on_scale.columns.inputs
    groups = _groups(on_scale)
    rows, background = _some_rows(on_scale)
    values = shapley_values(_first_property(model), on_scale.x[rows], on_scale.x[background], samples=60)
    table = pd.DataFrame({"input": names, "mean_absolute": np.abs(values).mean(axis=0)})
    tracked.log_table(table.sort_values("mean_absolute", ascending=False), f"shapley_{scale}")
    title = marked(f"{scale}: what moves each prediction", data)
    figure, _ = plot_shapley(values, on_scale.x[rows], names=names, groups=groups, label=label, title=title)
    tracked.log_figure(figure, f"shapley_{scale}")

    slope = sensitivities(lambda x: member(x[None])[0, :, 0], on_scale.x).mean(axis=0) * on_scale.x.std(axis=0)
    tracked.log_table(pd.DataFrame({"input": names, "per_standard_deviation": slope}), f"sensitivity_{scale}")
    title = marked(f"{scale}: change with each input (one network)", data)
    figure, _ = plot_sensitivity(slope, names=names, groups=groups, label=label, title=title)
    tracked.log_figure(figure, f"sensitivity_{scale}")


def _show_latents(
    tracked: Run, scale: str, on_scale: ScaleRows, member: NestedAE, data: OpenedChain
) -> dict[str, float]:
    """Draw Shapley values of the parents' latents and of the own inputs, and return the share that each explains."""
    taken, kinds = _latents_and_own(on_scale, member)
    rows, background = _some_rows(on_scale)
    function = _last_step(member)
    values = shapley_values(function, taken[rows], taken[background], samples=60)
    own = [on_scale.columns.inputs[index] for index in on_scale.layout["blocks"][scale]]
    latents = [name for name, columns in kinds.items() for _ in columns][: -len(own)]
    figure, _ = plot_shapley(
        values,
        taken[rows],
        names=[f"{name} z{number}" for number, name in enumerate(latents)] + own,
        groups=kinds,
        label=on_scale.columns.label(on_scale.targets[0]),
        title=marked(f"{scale}: latents of finer scales and own inputs (one network)", data),
    )
    tracked.log_figure(figure, f"shapley_latents_{scale}")
    return explained_shares(function, taken[rows], on_scale.y[rows, 0], kinds, background=taken[background])


def _latents_and_own(on_scale: ScaleRows, member: NestedAE) -> tuple[Values, dict[str, list[int]]]:
    """Return the input of the last scale's encoder (rows, latents and own inputs), and each group's columns."""
    blocks, kinds, width = [], {}, 0
    for parent in member.parents[on_scale.name]:
        block = _numpy(member.encode(_stacked(on_scale.x), parent))
        kinds[f"latents of {parent}"] = list(range(width, width + block.shape[1]))
        blocks.append(block)
        width += block.shape[1]
    own = on_scale.x[:, on_scale.layout["blocks"][on_scale.name]]
    kinds["own inputs"] = list(range(width, width + own.shape[1]))
    return np.concatenate([*blocks, own], axis=1), kinds


def _last_step(member: NestedAE):  # type: ignore[no-untyped-def]
    """Return the function that maps parents' latents and own inputs (rows, both) to the first property (rows,)."""

    def function(taken: Values) -> Values:
        values = _stacked(taken)
        width = values.shape[-1] - member.last.n_own
        latents = member.last.encode(values[..., width:], values[..., :width])
        return _numpy(member.last.properties(latents))[:, 0]

    return function


def _first_property(model: Model) -> Function:
    """Return the function that maps inputs (rows, inputs) to the first property (rows,) of a model."""

    def function(x: Values) -> Values:
        return np.concatenate([model.predict(some)[:, 0] for some in np.split(x, range(AT_ONCE, len(x), AT_ONCE))])

    return function


def _groups(on_scale: ScaleRows) -> dict[str, list[int]]:
    """Return the inputs of each scale; an input that several scales take is listed with the finest of them."""
    owned: set[int] = set()
    groups = {}
    for scale in on_scale.inputs:
        groups[scale] = [index for index in on_scale.layout["blocks"][scale] if index not in owned]
        owned |= set(groups[scale])
    return {scale: columns for scale, columns in groups.items() if columns}


def _some_rows(on_scale: ScaleRows) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    order = np.random.default_rng(0).permutation(len(on_scale.x))
    return np.sort(order[:EXPLAINED_ROWS]), np.sort(order[-BACKGROUND_ROWS:])


def _names(latents: Values) -> list[str]:
    return [f"z{number}" for number in range(latents.shape[1])]


def _stacked(values: Values) -> Tensor:
    """Return values (rows, columns) as the input of a stack with one member."""
    return torch.as_tensor(values, dtype=torch.float32)[None]


def _numpy(values: Tensor) -> Values:
    """Return the output of a stack with one member as an array (rows, columns)."""
    array: Values = values[0].detach().double().numpy()
    return array
