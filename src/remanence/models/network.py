"""What your own network on a table needs; docs/guides/own-network.md prints these methods.

The network is a ``pytorch_lightning.LightningModule``. Its constructor takes ``n_features`` and ``n_targets`` besides
the keys of its YAML. It is written for the rows of one network and need not know that a stack has many members.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class Network(Protocol):
    """Methods that every network needs."""

    @property
    def hparams(self) -> Mapping[str, Any]:
        """Arguments of the constructor, as `save_hyperparameters()` keeps them: it is built from them again."""

    def __call__(self, x: Tensor) -> Tensor:
        """Return the targets (batch, n_targets) of x (batch, n_features), both in physical units."""

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return the optimizer; in a stack one that treats each value of a weight by itself."""


class Prepared(Protocol):
    """Method that a network may have to learn from its training rows before it is trained."""

    def prepare(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        """Learn from the training rows, such as scalers; what is learnt belongs into buffers."""


class TrainedAlone(Network, Protocol):
    """Methods that a network needs to be trained alone by Lightning."""

    def training_step(self, batch: tuple[Tensor, Tensor], batch_index: int) -> Tensor:
        """Return the loss of a batch of x (batch, n_features) and y (batch, n_targets)."""

    def validation_step(self, batch: tuple[Tensor, Tensor], batch_index: int) -> None:
        """Log what `callbacks.monitor` names for the validation rows, by default `val/loss`."""

    def predict(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the targets (rows, n_targets) of x (rows, n_features), as arrays."""


class Stackable(Network, Protocol):
    """Methods that a network needs to be a member of a stack."""

    def row_loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the loss of each row, (batch,), of x (batch, n_features) and y (batch, n_targets)."""
