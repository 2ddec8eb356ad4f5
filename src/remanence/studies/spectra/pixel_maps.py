"""Figures of what is known of each pixel beside its latents: their uncertainty, and how novel its spectrum is."""

import numpy as np

from remanence.data.spectra.measurement import Scene
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.figures.spectra.novelty_maps import plot_novelty_maps
from remanence.figures.spectra.posterior_maps import plot_posterior_maps
from remanence.science.unmixing.novelty import novelty, spectral_distance
from remanence.studies.presentation import marked
from remanence.studies.spectra.fit import Unmixed, calibration_of
from remanence.studies.spectra.latents import kind_of, scene_maps, strongest_first
from remanence.tracking.run import Run

MOST_LATENTS = 8
"""Largest number of latents in the figure of their posterior."""


def illustrate_pixels(tracked: Run, unmixed: Unmixed, data: OpenedSpectra, scene: Scene) -> None:
    """Draw the posterior of the active latents, if there is one, and the novelty, if pixels were held out."""
    latents = strongest_first(unmixed, data)[:MOST_LATENTS]
    if unmixed.log_variance is not None and latents:
        figure, _ = plot_posterior_maps(
            scene_maps(unmixed.embedding[:, latents], data, scene),
            scene_maps(np.exp(unmixed.log_variance[:, latents] / 2), data, scene),
            latents=[f"latent {latent + 1}" for latent in latents],
            title=marked(kind_of(unmixed), data),
            side=scene.side,
        )
        tracked.log_figure(figure, "posterior_maps")
    calibration = calibration_of(unmixed, data)
    if not len(calibration):
        return
    distance = spectral_distance(unmixed.reconstruction, data.x)
    far, near = (scene_maps(values, data, scene)[0] for values in (distance, novelty(distance, calibration)))
    title = marked(f"{kind_of(unmixed)}: distance from what it can make, and its rank among held-out spectra", data)
    figure, _ = plot_novelty_maps(far, near, title=title, side=scene.side)
    tracked.log_figure(figure, "novelty_maps")
