"""A β-VAE of a few hundred weights, for the tests of this folder."""

import torch

from remanence.models.beta_vae import BetaVAE

STEPS, LATENTS = 12, 4
SMALL = {"latents": LATENTS, "units": 3, "blocks": 2, "layers": 2, "dense": 6}
PLAIN = {"patch": 1, "read_out": "last", "positions": False, "inference_steps": 0, "lr": 3e-5, "weight_decay": 0.0}
"""As in the paper's code, where a test does not say otherwise."""


def make(*, channels=1, **arguments):
    """Return an untrained network; keyword arguments replace ``SMALL`` and ``PLAIN``."""
    torch.manual_seed(0)
    return BetaVAE(steps=STEPS, channels=channels, **{**SMALL, **PLAIN, **arguments})


def spectra(n=8, channels=1):
    """Return the same random spectra (n, STEPS, channels) at every call."""
    return torch.randn(n, STEPS, channels, generator=torch.Generator().manual_seed(1))


def step(model, x, seed=2):
    """Return the loss of one batch and what it logs; the noise of the latents is drawn from ``seed``."""
    logged = {}
    model.log_dict = lambda values, **_: logged.update({name: float(value.detach()) for name, value in values.items()})
    torch.manual_seed(seed)
    return model.training_step(x, 0), logged
