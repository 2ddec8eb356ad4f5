"""Latents that move spectra along their axis: what they are told of the data, and what they say of it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.layout import lay_out
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.models.moving_decoder import MovingDecoder
from remanence.studies.spectra.fit import Unmixed
from remanence.studies.spectra.latents import model_title, scene_maps
from remanence.tracking.run import Run

ABOUT = {"shift": "shifts spectra", "opening": "moves the two branches apart"}
"""What a latent does, by its key."""


def tell_axis(model: Any, data: OpenedSpectra) -> None:
    """Tell a network with latents that move spectra along the axis, if it is one, where the values of spectra lie."""
    if isinstance(decoder := getattr(model, "decoder", None), MovingDecoder):
        numbers = np.indices((len(data.axis), len(data.channels)), dtype=np.float64)  # (2, steps, channels)
        laid_out = lay_out(numbers, data.layout).reshape(2, -1)
        decoder.tell_axis(data.axis, laid_out.T.astype(np.intp))


def movements(unmixed: Unmixed) -> dict[str, NDArray[np.float64]]:
    """Return how far each pixel's spectrum is moved along the axis, in its units, by ``shift`` or ``opening``.

    A positive shift moves it towards larger values of the axis. A positive opening moves the branch on which the axis
    rises so, and the branch on which it falls the other way. Each has the shape (pixels,); a masked latent moves
    nothing. A model without such latents has none.
    """
    decoder = getattr(unmixed.model, "decoder", None)
    if not isinstance(decoder, MovingDecoder):
        return {}
    names = [name for name, is_there in (("shift", decoder.shifts), ("opening", decoder.opens)) if is_there]
    kept = unmixed.model.mask.cpu().numpy()  # type: ignore[attr-defined]  # a network with a decoder masks its latents
    z = np.asarray(unmixed.embedding, dtype=np.float64) * kept
    return {name: z[:, latent] * decoder.moves[latent] for latent, name in enumerate(names)}


def movement_metrics(unmixed: Unmixed, data: OpenedSpectra) -> dict[str, float]:
    """Return the standard deviations of the movements over the test spectra, as ``test/shift_sd``, in axis units."""
    return {f"test/{name}_sd": float(by[data.fold.test].std()) for name, by in movements(unmixed).items()}


def told_movements(metrics: Mapping[str, float], data: OpenedSpectra) -> list[str]:
    """Return a line about each latent that may move spectra, from the metrics of a run."""
    along = f"along {data.measured.axis_label}"
    return [
        f"a latent {about} {along}: standard deviation {sd:.3g} over the test spectra"
        if sd
        else f"the latent that {about} {along} was not kept: nothing is gained by it"
        for name, about in ABOUT.items()
        if (sd := metrics.get(f"test/{name}_sd")) is not None
    ]


def illustrate_movements(tracked: Run, unmixed: Unmixed, data: OpenedSpectra) -> None:
    """Draw the maps of the movements, if a latent moves spectra and they form a map."""
    found = {name: by for name, by in movements(unmixed).items() if by.any()}
    if not found or data.scene is None:
        return
    from remanence.figures.spectra.movement_maps import plot_movement_maps  # a training begins without what draws

    figure, _ = plot_movement_maps(
        scene_maps(np.stack(list(found.values()), axis=1), data, data.scene),
        names=[ABOUT[name] for name in found],
        axis_label=data.measured.axis_label,
        title=model_title(unmixed, data),
        side=data.scene.side,
    )
    tracked.log_figure(figure, "movement_maps")
