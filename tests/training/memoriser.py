"""A network that knows the rows it was trained on and nothing else."""

import torch
from pytorch_lightning import LightningModule
from torch import Tensor, nn

UNKNOWN = -1000.0
"""What it predicts for a row that it has not been trained on."""
CAPACITY = 200


class Memoriser(LightningModule):
    """Predicts exactly for training rows, ``UNKNOWN`` for every other."""

    broadcasts = True
    x: Tensor
    y: Tensor

    def __init__(self, *, n_features, n_targets=1):
        super().__init__()
        self.save_hyperparameters()
        self.register_buffer("x", torch.full((CAPACITY, n_features), torch.nan))
        self.register_buffer("y", torch.zeros(CAPACITY, n_targets))
        self.layer = nn.Linear(n_features, n_targets)  # an optimizer needs something to move

    def prepare(self, x, y):
        self.x[: len(x)] = torch.as_tensor(x, dtype=torch.float32)
        self.y[: len(y)] = torch.as_tensor(y, dtype=torch.float32)

    def forward(self, x):
        known = (x[..., :, None, :] == self._own(self.x)[..., None, :, :]).all(dim=-1)  # (…, rows, memory)
        recalled = (known.float() @ self._own(self.y)) / known.sum(dim=-1, keepdim=True).clamp(min=1)
        return torch.where(known.any(dim=-1, keepdim=True), recalled, torch.full_like(recalled, UNKNOWN))

    def row_loss(self, x, y):
        return ((self.layer(x) - y) ** 2).mean(dim=-1)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.0)

    @staticmethod
    def _own(memory):
        return memory.squeeze(1) if memory.ndim == 4 else memory  # stacked: (members, 1, memory, columns)
