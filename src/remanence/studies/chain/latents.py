"""The latents of a scale that figures show: those of one member, because those of different members differ."""

import numpy as np
import torch
from numpy.typing import NDArray

from remanence.models.nested_ae import NestedAE
from remanence.models.stacked import select
from remanence.studies.chain.fit import FittedChain


def reference_member(fitted: FittedChain, scale: str) -> NestedAE:
    """Return the member whose latents are shown, as a stack with one member, in evaluation mode."""
    member: NestedAE = select(fitted.ensemble(scale).members, [fitted.reference(scale)])
    return member.eval()


def scale_latents(member: NestedAE, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the latents (rows, latents) of inputs (rows, inputs) of a member's last scale."""
    latents: NDArray[np.float64] = (
        member.encode(torch.as_tensor(x, dtype=torch.float32)[None])[0].detach().double().numpy()
    )
    return latents
