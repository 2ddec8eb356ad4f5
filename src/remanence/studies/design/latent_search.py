"""Descent through the latents of a scale to where its heads promise the goal."""

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
"""First step in standard deviations of a latent, falling to none: enough to cross the training rows, and to settle."""
CONSTRAINT_WEIGHT = 10.0
"""So much more a constraint counts than the target, both in standard deviations of their property."""
MARGIN = 0.1
"""Standard deviations inside a constraint at which its penalty ends, as decoding blurs what was found."""


def promising_latents(
    chain: PredictiveChain, latents: Values, starts: Sequence[int] | NDArray[np.intp], goal: Goal
) -> Values:
    """Return the latents that the search ends at, inside the range of those of the training rows.

    Constraints on other scales have no say here: their properties do not depend on these latents.

    Args:
        chain: fitted.
        latents: of the training rows in the target's scale, shape (rows, k).
        starts: rows to start from.
        goal: to be met.

    Returns:
        shape (starts, k).
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
        (z.grad,) = torch.autograd.grad(loss(z), z)  # the network's own weights get none
        optimizer.step()
        with torch.no_grad():
            z.clamp_(low, high)
    found: Values = (z * spread + centre).detach().numpy().astype(np.float64)
    return found
