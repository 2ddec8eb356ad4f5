"""What a network of one's own needs: to be trained alone, and to be stacked. The README prints this."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class Network(Protocol):
    """What every network on a table needs; ``pytorch_lightning.LightningModule`` has the rest.

    Its constructor takes ``n_features`` and ``n_targets`` beside the keys of its YAML.
    """

    def training_step(self, batch: tuple[Tensor, Tensor], batch_index: int) -> Tensor:
        """Return the loss of a batch of x (batch, n_features) and y (batch, n_targets), both in physical units."""

    def validation_step(self, batch: tuple[Tensor, Tensor], batch_index: int) -> None:
        """Log what `callbacks.monitor` names, `val/loss` by default, for the validation rows."""

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return one optimizer; stacked members need one that treats each value of a weight by itself."""

    def predict(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the targets (rows, n_targets) of x (rows, n_features), both in physical units."""


class Prepared(Protocol):
    """What a network may have beside, to learn from its training rows before it is trained."""

    def prepare(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        """Fit scalers to the training rows; what is learnt belongs into buffers, which are saved with the weights."""


class Stackable(Protocol):
    """What a network needs for `ensemble=stacked` and for several outer folds, in place of the two steps and predict.

    It is written for rows of one network: how many members are computed at once is not its concern. ``hparams`` are
    what ``save_hyperparameters()`` in its constructor leaves.
    """

    @property
    def hparams(self) -> Mapping[str, Any]:
        """Arguments of the constructor, as `save_hyperparameters()` keeps them: every member is built from them."""

    def __call__(self, x: Tensor) -> Tensor:
        """Return the targets (batch, n_targets) of x (batch, n_features): the network's `forward`."""

    def row_loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the loss of each row, (batch,), of x (batch, n_features) and y (batch, n_targets)."""

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return one optimizer; stacked members need one that treats each value of a weight by itself."""
