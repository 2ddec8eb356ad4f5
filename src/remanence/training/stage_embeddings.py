"""What the latents held at the end of each stage of a training."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from remanence.models.beta_vae import BetaVAE
from remanence.training.staging import Stage


def stage_embeddings(
    model: BetaVAE, spectra: NDArray[np.float32], stages: Sequence[Stage], folder: Path, *, most: int = 16
) -> list[tuple[Stage, NDArray[np.float32]]]:
    """Embed spectra with the weights that each stage left.

    Args:
        model: of the training; it ends with the weights that it came with.
        spectra: laid-out z-scores, shape (n, steps, channels).
        stages: of the training; one whose checkpoint is not in ``folder`` is left out.
        folder: of the checkpoints ``stage_000.ckpt``, ….
        most: stages that are embedded, evenly chosen.

    Returns:
        stages and their mean latents, each (n, latents).
    """
    kept = [(stage, path) for stage in stages if (path := folder / f"stage_{stage.number:03d}.ckpt").is_file()]
    chosen = np.unique(np.linspace(0, len(kept) - 1, min(most, len(kept))).round().astype(int))
    own = {name: value.clone() for name, value in model.state_dict().items()}
    embedded = []
    try:
        for stage, path in (kept[place] for place in chosen):
            model.load_state_dict(torch.load(path, map_location=model.device, weights_only=True))
            embedded.append((stage, model.posterior(spectra)[0]))  # unrefined: the last digits do not show in a map
    finally:
        model.load_state_dict(own)
    return embedded
