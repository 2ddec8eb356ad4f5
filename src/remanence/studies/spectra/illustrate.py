"""The figures of a run on spectra."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pytorch_lightning import LightningModule

from remanence.data.spectra.measurement import Scene
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.figures.spectra.alpha_grid import plot_alpha_grid
from remanence.figures.spectra.contributions import plot_contributions
from remanence.figures.spectra.embedding_maps import plot_embedding_maps
from remanence.figures.spectra.error_maps import plot_error_maps
from remanence.figures.spectra.gamut import plot_gamut
from remanence.figures.spectra.inactive_channels import plot_inactive_channels
from remanence.figures.spectra.latent_factors import plot_latent_factors
from remanence.figures.spectra.model_comparison import ComparedModel, plot_model_comparison
from remanence.figures.spectra.reconstructions import plot_reconstructions
from remanence.figures.spectra.schedule_curves import plot_schedule_curves
from remanence.figures.spectra.step_errors import plot_step_errors
from remanence.figures.spectra.toy_spectra import plot_toy_spectra
from remanence.figures.spectra.traversal import plot_traversal
from remanence.foundation.names import file_names
from remanence.foundation.terminal import console
from remanence.science.unmixing.active_units import active
from remanence.science.unmixing.disentanglement import Agreement
from remanence.science.unmixing.error_statistics import pixel_mse
from remanence.science.unmixing.spatial import morans_i
from remanence.science.unmixing.toy import COLOURS, TIMES, toy_spectra
from remanence.studies.presentation import marked
from remanence.studies.spectra.drawn_channels import drawn, drawn_axis, drawn_channels
from remanence.studies.spectra.fit import Unmixed
from remanence.studies.spectra.latents import (
    added_by,
    all_models,
    kind_of,
    model_title,
    of_scene,
    scene_maps,
    strongest_first,
    walk,
)
from remanence.studies.spectra.pixel_maps import illustrate_pixels
from remanence.studies.spectra.scores import known_factors
from remanence.tracking.run import Run

MOST_LATENTS = 8
"""Largest number of latents in the figure of traversals."""
POSITIONS = 40
"""Number of spectra along a latent: with more, the lines in a panel merge."""


def illustrate_fit(tracked: Run, unmixed: Unmixed, references: Mapping[str, Unmixed], data: OpenedSpectra) -> None:
    """Draw the figures that every run shows: maps of the latents, reconstructions, and the schedule of a network.

    Args:
        tracked: run that the figures are logged to.
        unmixed: fit of the run's own model.
        references: fit of each baseline to the same pixels, by its name.
        data: opened spectra.
    """
    title, models = model_title(unmixed, data), all_models(unmixed, references)
    channels = len(data.measured.channels)
    if (few := len(drawn_channels(channels))) < channels:
        console.print(f"figures show {few} of {channels} channels")
    if data.scene is not None:
        _draw_embedding(tracked, unmixed, data, data.scene, title)
    _draw_reconstructions(tracked, models, data)
    if len(unmixed.kl_history):
        _draw_schedule(tracked, unmixed, title)


def illustrate_all(
    tracked: Run,
    unmixed: Unmixed,
    references: Mapping[str, Unmixed],
    data: OpenedSpectra,
    *,
    agreed: Agreement | None = None,
) -> None:
    """Draw the errors of the models, the spectra that they generate, and the agreement of latents with known factors.

    Args:
        tracked: run that the figures are logged to.
        unmixed: fit of the run's own model.
        references: fit of each baseline to the same pixels, by its name.
        data: opened spectra.
        agreed: agreement of the active latents with the known factors; None computes it here.
    """
    title, models = model_title(unmixed, data), all_models(unmixed, references)
    tested = data.fold.test
    errors = {
        model: drawn(data.apart(each.reconstruction[tested] - data.x[tested]).astype(np.float64))
        for model, each in models.items()
    }
    label = "reconstructed − measured (z-score)"
    figure, _ = plot_step_errors(errors, **drawn_axis(data), title=marked("test spectra", data), label=label)
    tracked.log_figure(figure, "step_errors")
    if data.scene is not None:
        _draw_errors(tracked, models, data, data.scene)
        illustrate_pixels(tracked, unmixed, data, data.scene)
        _draw_generated(tracked, unmixed, models, data, data.scene, title)
    if isinstance(unmixed.model, LightningModule):
        _draw_contributions(tracked, unmixed, data)
    if unmixed.log_variance is not None:
        _draw_posterior(tracked, unmixed.before_masking or unmixed, data, title)
    _draw_factors(tracked, unmixed, agreed or known_factors(unmixed, data), data, title)
    if data.measured.factors is not None and data.measured.factors.names == COLOURS:
        _draw_toy(tracked, models, data)
    files = file_names(models)
    for model, each in models.items():
        if grid := getattr(each.model, "grid_", None):
            chosen = each.model.alpha_  # type: ignore[attr-defined]  # a model with grid_ has alpha_ too
            curves = (grid["alpha"], grid["train_mse"], grid["held_out_mse"])
            figure, _ = plot_alpha_grid(*curves, chosen=chosen, title=model_title(each, data))
            tracked.log_figure(figure, "alpha_grid" if each is unmixed else f"alpha_grid_{files[model]}")


def _names(latents: list[int]) -> list[str]:
    return [f"latent {latent + 1}" for latent in latents]


def _draw_embedding(tracked: Run, unmixed: Unmixed, data: OpenedSpectra, scene: Scene, title: str) -> None:
    maps, kl, label = scene_maps(unmixed.embedding, data, scene), None, "latent mean"
    if unmixed.log_variance is not None:
        kl = unmixed.kl
    else:  # latents of linear methods differ in scale: on one colour scale, all maps but one would be flat
        spread = np.nanstd(maps, axis=(1, 2), keepdims=True)
        maps = (maps - np.nanmean(maps, axis=(1, 2), keepdims=True)) / np.where(spread > 0, spread, 1.0)
        label = "score (standard deviations)"
    figure, _ = plot_embedding_maps(maps, title=title, kl=kl, side=scene.side, label=label)
    tracked.log_figure(figure, "embedding_maps")


def _draw_reconstructions(tracked: Run, models: Mapping[str, Unmixed], data: OpenedSpectra) -> None:
    """Draw reconstructions of test spectra only; all spectra are passed, so that pixels keep their numbers."""
    tested = np.isin(np.arange(len(data.x)), data.fold.test)
    figure, _ = plot_reconstructions(
        drawn(data.measured.values.astype(np.float64)),
        {model: drawn(data.physical(each.reconstruction)) for model, each in models.items()},
        {model: np.where(tested, pixel_mse(each.reconstruction, data.x), np.nan) for model, each in models.items()},
        **drawn_axis(data),
        title=marked("test spectra", data),
    )
    tracked.log_figure(figure, "reconstructions")


def _draw_schedule(tracked: Run, unmixed: Unmixed, title: str) -> None:
    epochs = np.arange(len(unmixed.kl_history))
    steps, values = tracked.history("val/mse")
    val_mse = np.full(len(epochs), np.nan)
    val_mse[steps[steps < len(epochs)]] = values[steps < len(epochs)]
    figure, _ = plot_schedule_curves(
        epochs,
        unmixed.beta_history,
        unmixed.kl_history,
        val_mse,
        title=title,
        stages=[stage.epoch + 1 for stage in unmixed.stages if stage.epoch + 1 < len(epochs)],
        chosen_epoch=unmixed.best_epoch,
    )
    tracked.log_figure(figure, "schedule_curves")


def _draw_errors(tracked: Run, models: Mapping[str, Unmixed], data: OpenedSpectra, scene: Scene) -> None:
    """Draw the error maps on the paper's colour scale, and on a scale that tells good models apart."""
    maps = {model: _error_map(each, data, scene) for model, each in models.items()}
    largest = float(np.nanpercentile(np.stack(list(maps.values())), 95)) or 1.0
    for file, vmax in (("error_maps", 0.5), ("error_maps_close", float(f"{largest:.1g}"))):
        figure, _ = plot_error_maps(maps, title=of_scene(data, scene), vmax=vmax, side=scene.side)
        tracked.log_figure(figure, file)


def _draw_generated(
    tracked: Run, unmixed: Unmixed, models: Mapping[str, Unmixed], data: OpenedSpectra, scene: Scene, title: str
) -> None:
    """Draw spectra along the latents of the run's own model, and along the strongest latent of every model."""
    if latents := strongest_first(unmixed, data)[:MOST_LATENTS]:
        walks = [walk(unmixed, data, scene, latent, frames=POSITIONS) for latent in latents]
        positions, spectra = (np.stack(parts) for parts in zip(*walks, strict=True))
        maps = scene_maps(unmixed.embedding[:, latents], data, scene)
        shown: dict[str, Any] = {"latents": _names(latents), **drawn_axis(data), "title": title, "side": scene.side}
        figure, _ = plot_traversal(maps, positions, drawn(spectra), **shown)
        tracked.log_figure(figure, "traversal")
    compared = []
    for model, each in models.items():
        for latent in strongest_first(each, data)[:1]:
            positions, spectra = walk(each, data, scene, latent, frames=POSITIONS)
            (embedding,) = scene_maps(each.embedding[:, latent], data, scene)
            error = _error_map(each, data, scene)
            compared.append(ComparedModel(f"{model}: latent {latent + 1}", embedding, positions, drawn(spectra), error))
    if compared:
        figure, _ = plot_model_comparison(compared, **drawn_axis(data), title=of_scene(data, scene), side=scene.side)
        tracked.log_figure(figure, "model_comparison")


def _draw_contributions(tracked: Run, unmixed: Unmixed, data: OpenedSpectra) -> None:
    if not (latents := strongest_first(unmixed, data)[:MOST_LATENTS]):
        return
    steps = [added_by(unmixed, data, latent, frames=POSITIONS) for latent in latents]
    positions, added = (np.stack(parts) for parts in zip(*steps, strict=True))
    title = marked(f"{kind_of(unmixed)}: what each latent adds to the median spectrum", data)
    figure, _ = plot_contributions(positions, drawn(added), latents=_names(latents), **drawn_axis(data), title=title)
    tracked.log_figure(figure, "contributions")


def _error_map(unmixed: Unmixed, data: OpenedSpectra, scene: Scene) -> NDArray[np.float64]:
    (errors,) = scene_maps(pixel_mse(unmixed.reconstruction, data.x), data, scene)
    error_map: NDArray[np.float64] = errors
    return error_map


def _draw_posterior(tracked: Run, unmixed: Unmixed, data: OpenedSpectra, title: str) -> None:
    """Draw the posterior of every latent: active latents beside those that should be empty."""
    assert unmixed.log_variance is not None
    pixels, order = np.flatnonzero(data.valid), np.full(len(unmixed.kl), np.nan)
    if (scene := data.scene) is not None:
        pixels = scene.rows[data.valid[scene.rows]]
        order = np.array([morans_i(values).i for values in scene_maps(unmixed.embedding, data, scene)])
    figure, _ = plot_inactive_channels(
        unmixed.embedding[pixels].astype(np.float64),
        np.exp(unmixed.log_variance[pixels] / 2).astype(np.float64),
        latents=[f"{number}: {_state(kl)}" for number, kl in enumerate(unmixed.kl, start=1)],
        morans_i=order,
        title=title,
    )
    tracked.log_figure(figure, "inactive_channels")


def _state(kl: float) -> str:
    """Return whether a latent is active, inactive or masked; only a masked latent has a KL of exactly 0."""
    return "masked" if kl == 0 else "active" if active(kl) else "inactive"


def _draw_factors(tracked: Run, unmixed: Unmixed, agreed: Agreement | None, data: OpenedSpectra, title: str) -> None:
    if agreed is None or data.measured.factors is None:
        return
    latents = _names(np.flatnonzero(unmixed.active).tolist())
    factors = data.measured.factors.names
    figure, _ = plot_latent_factors(agreed.correlation, latents=latents, factors=factors, title=title)
    tracked.log_figure(figure, "latent_factors")


def _draw_toy(tracked: Run, models: Mapping[str, Unmixed], data: OpenedSpectra) -> None:
    """Draw the spectra of the toy problem, and the errors over the random colours of the test."""
    assert data.measured.factors is not None
    tested = data.fold.test
    errors = {model: pixel_mse(each.reconstruction[tested], data.x[tested]) for model, each in models.items()}
    figure, _ = plot_gamut(data.measured.factors.values[tested], errors, title=marked("gamut", data))
    tracked.log_figure(figure, "gamut")
    colours = np.full((3, 21, 3), 0.5)
    for factor in range(3):
        colours[factor, :, factor] = np.linspace(0, 1, 21)
    spectra = np.stack([toy_spectra(row) for row in colours])
    figure, _ = plot_toy_spectra(TIMES, colours, spectra, title="toy problem (synthetic data)")
    tracked.log_figure(figure, "toy_spectra")
