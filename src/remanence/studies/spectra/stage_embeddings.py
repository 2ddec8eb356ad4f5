"""The latents at the end of each stage of a training run."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.models.beta_vae import BetaVAE
from remanence.studies.spectra.fit import Unmixed
from remanence.studies.spectra.staging import Stage, load_stage, own_weights_kept, stage_file

MOST_STAGES = 16
"""Largest number of stages that are embedded; of more, so many are chosen evenly."""

Embedded = Sequence[tuple[Stage, NDArray[np.float32]]]


def map_at_stages(unmixed: Unmixed, data: OpenedSpectra, folder: Path) -> Embedded:
    """Return the latents of the pixels of the map at the end of each stage; none without stages or without a map."""
    if data.scene is None or not isinstance(unmixed.model, BetaVAE) or not unmixed.stages:
        return []
    return stage_embeddings(unmixed.model, data.x[data.scene.rows], unmixed.stages, folder)


def stage_embeddings(model: BetaVAE, spectra: NDArray[np.float32], stages: Sequence[Stage], folder: Path) -> Embedded:
    """Embed spectra with the weights at the end of each stage.

    Args:
        model: trained model; it has its own weights again afterwards.
        spectra: laid-out z-scores, shape (n, steps, channels).
        stages: stages of the training run; a stage without a checkpoint in ``folder`` is left out.
        folder: folder of the checkpoints ``stage_000.ckpt``, ….

    Returns:
        the stages and their mean latents, each (n, latents).
    """
    kept = [stage for stage in stages if stage_file(folder, stage).is_file()]
    chosen = np.unique(np.linspace(0, len(kept) - 1, min(MOST_STAGES, len(kept))).round().astype(int))
    embedded = []
    with own_weights_kept(model):
        for stage in (kept[place] for place in chosen):
            load_stage(model, folder, stage)
            embedded.append((stage, model.posterior(spectra)[0]))  # not refined: a map would not show the difference
    return embedded
