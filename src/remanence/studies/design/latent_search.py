"""Gradient descent through the latents of a scale to points where its heads predict that the goal is met."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from remanence.studies.design.goal import Goal
from remanence.studies.design.predictive_chain import PredictiveChain

Values = NDArray[np.float64]

STEPS = 300
LR = 0.05
"""First step size, in standard deviations of a latent; it falls to 0, so the descent can both travel and settle."""
CONSTRAINT_WEIGHT = 10.0
"""Weight of a constraint relative to the target, both in standard deviations of their property."""
MARGIN = 0.1
"""How far inside a constraint its penalty ends, in standard deviations, because decoding is not exact."""


def promising_latents(
    chain: PredictiveChain, latents: Values, starts: Sequence[int] | NDArray[np.intp], goal: Goal
) -> Values:
    """Return the latents that the descents end at, which stay inside the range of the training rows' latents.

    Constraints on other scales are ignored, because their properties do not depend on these latents.

    Args:
        chain: fitted chain.
        latents: latents of the training rows in the target's scale, shape (rows, k).
        starts: positions of the training rows to start from.
        goal: goal that the latents should meet.

    Returns:
        the final latents, shape (starts, k).
    """
    own = list(chain.targets[goal.scale])
    columns = {wish: own.index(wish.target) for wish in goal.wishes if wish.target in own}
    trained = torch.as_tensor(latents, dtype=torch.get_default_dtype())
    centre, spread = trained.mean(dim=0), trained.std(dim=0, correction=0).clamp_min(1e-9)
    low, high = ((end - centre) / spread for end in torch.aminmax(trained, dim=0))
    with torch.no_grad():
        unit = chain.head(trained, goal.scale).std(dim=0, correction=0).clamp_min(1e-9)

    def loss(z: Tensor) -> Tensor:
        predicted = chain.head(z * spread + centre, goal.scale)  # (starts, targets)
        total = torch.zeros(())
        for wish, column in columns.items():
            score = wish.score(predicted[:, column]) / unit[column]
            total = total + (-score if wish is goal.target else CONSTRAINT_WEIGHT * (MARGIN - score).relu()).sum()
        return total

    z = ((trained[list(starts)] - centre) / spread).requires_grad_()
    optimizer = torch.optim.Adam([z], lr=LR)
    for step in range(STEPS):
        optimizer.param_groups[0]["lr"] = LR * (1 - step / STEPS)
        (z.grad,) = torch.autograd.grad(loss(z), z)  # only of z, not of the weights
        optimizer.step()
        with torch.no_grad():
            z.clamp_(low, high)
    found: Values = (z * spread + centre).detach().numpy().astype(np.float64)
    return found
