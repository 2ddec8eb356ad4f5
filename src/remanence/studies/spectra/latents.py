"""The latents of a fitted model as figures show them: sorted by strength, as maps, and as spectra along them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.measurement import Scene
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.foundation.names import free_names
from remanence.science.unmixing.traversal import neighbour_traversal
from remanence.studies.presentation import OWN, marked
from remanence.studies.spectra.fit import Unmixed

Values = NDArray[np.float64]
USUAL_NAMES = {"BetaVAE": "β-VAE", "DictionaryLearning": "dictionary learning", "Autoencoder": "autoencoder"}
TAIL = 1.0
"""Percent of the pixels beyond either end of a walk, so that an outlier does not stretch the walk."""


def strongest_first(unmixed: Unmixed, data: OpenedSpectra) -> list[int]:
    """Return the active latents by falling KL divergence; for a linear model, by the variance that each explains."""
    strength = unmixed.kl
    if not np.isfinite(strength).all():
        spectra = unmixed.model.decode(np.eye(len(strength) + 1)[:, 1:])  # of no latent, then of each latent alone
        size = ((spectra[1:] - spectra[0]) ** 2).sum(axis=(1, 2))  # components of NMF may have any length
        strength = size * unmixed.embedding[data.fold.train].var(axis=0)
    return [int(latent) for latent in np.argsort(-strength, kind="stable") if unmixed.active[latent]]


def scene_maps(values: NDArray[np.floating[Any]], data: OpenedSpectra, scene: Scene) -> Values:
    """Return values of all pixels, (pixels,) or (pixels, k), as maps (k, rows, columns); NaN where masked."""
    return as_maps(values[scene.rows], data, scene)


def as_maps(values: NDArray[np.floating[Any]], data: OpenedSpectra, scene: Scene) -> Values:
    """Return values of the scene's pixels only, (pixels,) or (pixels, k), as maps; otherwise like ``scene_maps``."""
    known = np.where(data.valid[scene.rows, None], np.reshape(values, (len(values), -1)), np.nan)
    return known.T.reshape(-1, *scene.shape)


def walk(unmixed: Unmixed, data: OpenedSpectra, scene: Scene, latent: int, *, frames: int) -> tuple[Values, Values]:
    """Generate spectra along one latent, each from the mean latents of the 100 nearest pixels of the scene.

    Returns:
        positions along the latent (frames,), and spectra (frames, steps, channels) in physical units.
    """
    pixels = scene.rows[data.valid[scene.rows]]
    z, positions = neighbour_traversal(unmixed.embedding[pixels], latent, frames=frames, tail=TAIL)
    return positions, data.physical(unmixed.model.decode(z.astype(np.float32)))


def added_by(unmixed: Unmixed, data: OpenedSpectra, latent: int, *, frames: int) -> tuple[Values, Values]:
    """Return what one latent adds to the spectrum of the median latents, while the others stay there.

    Returns:
        positions along the latent (frames,), and what is added (frames, steps, channels) in physical units.
    """
    embedding = unmixed.embedding[data.valid]
    start, end = np.percentile(embedding[:, latent], [TAIL, 100 - TAIL])
    positions = np.linspace(start, end, frames)
    z = np.tile(np.median(embedding, axis=0), (frames + 1, 1))
    z[:-1, latent] = positions
    spectra = data.physical(unmixed.model.decode(z.astype(np.float32)))
    return positions, spectra[:-1] - spectra[-1]


def model_title(unmixed: Unmixed, data: OpenedSpectra) -> str:
    """Return the heading of a figure about one model."""
    return marked(kind_of(unmixed), data)


def of_scene(data: OpenedSpectra, scene: Scene) -> str:
    """Return the heading of a figure about all models."""
    return marked(f"every pixel of the {scene.name}", data)


def kind_of(unmixed: Unmixed) -> str:
    """Return the usual name of a model's method, such as PCA."""
    kind = type(unmixed.model).__name__
    return USUAL_NAMES.get(kind, kind)


def all_models(unmixed: Unmixed, references: Mapping[str, Unmixed]) -> dict[str, Unmixed]:
    """Return all models by the names that figures show; the run's own model comes first."""
    models = {f"{kind_of(unmixed)} ({OWN})": unmixed}
    for key, each in references.items():
        shown, kind = key.replace("_", " "), kind_of(each)
        shown = kind if shown == kind.lower() else shown
        (free,) = free_names([f"{shown} (baseline)" if shown in models else shown], models)
        models[free] = each
    return models
