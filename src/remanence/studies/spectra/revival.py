"""Reviving latents of a β-VAE that were switched off: each learns what the others leave of the spectra."""

import numpy as np
import torch
from numpy.typing import NDArray

from remanence.models.beta_vae import BetaVAE, batches
from remanence.models.spectra_encoder import LITTLE_NOISE

SPECTRA = 2000
"""Most spectra that are looked at: more do not change the first components of what is left."""
SHRINKAGE = 1e-2
"""Ridge of the regression on the encoder's dense layer, in units of the mean variance of its activities."""


@torch.no_grad()
def revive(model: BetaVAE, spectra: NDArray[np.float32], latents: NDArray[np.intp]) -> None:
    """Make the encoder's means of switched-off latents those of the first components of the residual spectra.

    A latent whose posterior equals the prior is ignored by the decoder, and because it is ignored nothing drives its
    encoder: no gradient leads out. Here the encoder's last layer is regressed onto the first principal components of
    what the other latents leave. The decoder is not changed; a latent that varies has a gradient there.

    Args:
        model: network; the rows of these latents in the encoder's last layers are changed.
        spectra: spectra of the training, shape (n, steps, channels).
        latents: indices of the latents that are revived, shape (k,).
    """
    model.eval()
    some = spectra[:: -(-len(spectra) // SPECTRA)]
    left = (some - model.decode(model.posterior(some)[0])).reshape(len(some), -1)
    left_singular = np.linalg.svd(left - left.mean(axis=0), full_matrices=False)[0]
    count = min(len(latents), left_singular.shape[1])
    scores = left_singular[:, :count] * np.sqrt(len(some))  # (n, k), of variance 1 as the prior's
    tensors = [torch.as_tensor(part, dtype=torch.float32, device=model.device) for part in batches(some)]
    activity = torch.cat([model.encoder(part)[2] for part in tensors]).double()  # (n, dense)
    mean, target = activity.mean(dim=0), torch.as_tensor(scores, dtype=torch.float64, device=model.device)
    centred = activity - mean
    covariance = centred.T @ centred / len(centred)
    ridge = SHRINKAGE * covariance.diagonal().mean() + 1e-12
    ridged = covariance + ridge * torch.eye(len(covariance), dtype=torch.float64, device=model.device)
    weights = torch.linalg.solve(ridged, centred.T @ target / len(centred))  # (dense, k)
    for column, latent in enumerate(latents[:count].tolist()):
        model.encoder.mean.weight[latent] = weights[:, column].float()
        model.encoder.mean.bias[latent] = -(mean @ weights[:, column]).float()
        model.encoder.log_variance.weight[latent] = 0.0
        model.encoder.log_variance.bias[latent] = LITTLE_NOISE
    model.train()
