"""The movies of a run on spectra: along the latents, and over the stages of the training run."""

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

import numpy as np

from remanence.data.spectra.measurement import Scene
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.figures.spectra.frames import Frame
from remanence.figures.spectra.movie import write_movie
from remanence.figures.spectra.training_movie import training_frames
from remanence.figures.spectra.traversal_movie import traversal_frames
from remanence.foundation.names import file_names
from remanence.models.dictionary_learning import DictionaryLearning
from remanence.studies.spectra.drawn_channels import drawn, drawn_axis
from remanence.studies.spectra.fit import Unmixed
from remanence.studies.spectra.latents import as_maps, model_title, scene_maps, strongest_first, walk
from remanence.studies.spectra.stage_embeddings import Embedded
from remanence.tracking.run import Run

FRAMES = 200
"""Number of frames for each latent, as in the released code."""
MOST_LATENTS = 8
GIF_FRAMES = 45
"""Number of frames of a .gif, over all latents: they take 3.5 MB, small enough for mail and slides."""
TRAVERSAL_FPS = 25.0
TRAINING_FPS = 2.0


def make_movies(
    tracked: Run, unmixed: Unmixed, references: Mapping[str, Unmixed], data: OpenedSpectra, embedded: Embedded = ()
) -> None:
    """Make movies along the latents of the model and of dictionary learning, and of a network's maps during training.

    Every movie is logged as .mp4 and, with fewer frames, as .gif. Data without a map have no movies.

    Args:
        tracked: run that the movies are logged to.
        unmixed: fit of the run's own model.
        references: fit of each baseline to the same pixels, by its name.
        data: opened spectra.
        embedded: latents of the map at the end of each stage, see ``map_at_stages``; without any, no movie shows them.
    """
    if data.scene is None:
        return
    _film_latents(tracked, "traversal", unmixed, data, data.scene, model_title(unmixed, data))
    files = file_names(references)
    for key, each in references.items():
        if isinstance(each.model, DictionaryLearning):
            _film_latents(tracked, f"traversal_{files[key]}", each, data, data.scene, model_title(each, data))
    if embedded:
        _film_training(tracked, unmixed, embedded, data, data.scene, model_title(unmixed, data))


def _film_latents(tracked: Run, file: str, unmixed: Unmixed, data: OpenedSpectra, scene: Scene, title: str) -> None:
    """Make one movie of the traversals of all active latents, one after the other."""
    latents = strongest_first(unmixed, data)[:MOST_LATENTS]
    if not latents:
        return
    frames = chain.from_iterable(_along(unmixed, data, scene, latent, title) for latent in latents)
    every = math.ceil(FRAMES * len(latents) / GIF_FRAMES)
    _write(tracked, file, frames, fps=TRAVERSAL_FPS, every=every)


def _along(unmixed: Unmixed, data: OpenedSpectra, scene: Scene, latent: int, title: str) -> Iterator[Frame]:
    positions, spectra = walk(unmixed, data, scene, latent, frames=FRAMES)
    (latent_map,) = scene_maps(unmixed.embedding[:, latent], data, scene)
    return traversal_frames(
        latent_map,
        positions,
        drawn(spectra),
        latent=f"latent {latent + 1}",
        **drawn_axis(data),
        title=title,
        side=scene.side,
    )


def _film_training(
    tracked: Run, unmixed: Unmixed, embedded: Embedded, data: OpenedSpectra, scene: Scene, title: str
) -> None:
    """Make a movie of the maps at the end of each stage; the last frame shows the weights that were kept."""
    moments = [z for _, z in embedded] + [unmixed.embedding[scene.rows]]
    maps = np.stack([as_maps(z, data, scene) for z in moments])
    labels = [f"epoch {stage.epoch}, β = {stage.beta:.3g}, {stage.active_units} active" for stage, _ in embedded]
    labels.append(f"kept: epoch {unmixed.best_epoch}, {unmixed.active.sum()} active")
    _write(tracked, "training", training_frames(maps, labels, title=title, side=scene.side), fps=TRAINING_FPS, every=1)


def _write(tracked: Run, file: str, frames: Iterable[Frame], *, fps: float, every: int) -> None:
    """Write all frames as .mp4 and every ``every``-th frame as .gif; each frame is drawn once."""
    kept: list[Frame] = []

    def watched() -> Iterator[Frame]:
        for number, frame in enumerate(frames):
            if number % every == 0:
                kept.append(frame)
            yield frame

    for ending, shown, rate in ((".mp4", watched(), fps), (".gif", kept, fps / every)):
        path = tracked.movie_path(f"{file}{ending}")
        write_movie(shown, path, fps=rate)
        tracked.log_movie(path)
