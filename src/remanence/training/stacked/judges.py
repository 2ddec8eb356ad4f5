"""Which members of an ensemble choose the best epoch of a member, so that its own validation rows need not."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from remanence.training.stacked.members import Member


def judges(members: Sequence[Member]) -> Tensor:
    """Return which members choose the best epoch of each, shape (members, members): 1 for those that do, else 0.

    They have the same fold and target and validate other rows. A member without such others chooses its own.
    """
    kinds = {kind: number for number, kind in enumerate(dict.fromkeys((m.fold, m.target) for m in members))}
    parts = {part: number for number, part in enumerate(dict.fromkeys(m.validation.tobytes() for m in members))}
    kind = np.array([kinds[member.fold, member.target] for member in members])
    part = np.array([parts[member.validation.tobytes()] for member in members])
    chosen = (kind[:, None] == kind) & (part[:, None] != part)
    alone = ~chosen.any(axis=1)
    chosen[alone, alone] = True
    return torch.as_tensor(chosen, dtype=torch.float32)
