"""The paper's network: a few dense layers from the features of a ceramic to its properties."""

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pytorch_lightning import LightningModule
from torch import Tensor, nn

from remanence.foundation.constraints import Count, Counts, NonNegative, Positive, Share
from remanence.models.dense import dense
from remanence.models.fused_steps import has_many_weights, takes_fused_steps
from remanence.models.piecewise import PiecewiseLinear
from remanence.models.predict_rows import predict_rows
from remanence.models.standardizer import Standardizer

LOSSES = {"mse": nn.MSELoss, "smooth_l1": nn.SmoothL1Loss}
Activation = Literal["tanh", "sigmoid", "relu", "gelu", "silu"]
Loss = Literal["mse", "smooth_l1"]
Optimizer = Literal["adam", "adamw", "sgd", "adagrad", "rmsprop"]


class DNN(LightningModule):
    """Dense network between z-scored inputs and z-scored targets; it takes and returns physical units.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        hidden: width of each hidden layer.
        activation: one of ``activation.ACTIVATIONS``.
        loss: one of ``LOSSES``, taken on z-scores so that all targets weigh the same.
        optimizer: adam, adamw, sgd, adagrad or rmsprop.
        lr: learning rate.
        weight_decay: weight decay of the optimizer.
        momentum: momentum of sgd and rmsprop.
        bins: number of bins of the piecewise-linear encoding of each input; None feeds z-scores.

    Source: the piezoceramics paper, Table 1 and Fig. 8 (two hidden layers of 2**n units, n = 5 to 9).
    """

    broadcasts = True  # the forward accepts any leading axes
    joins = True  # trainings that differ in activation, loss or optimizer train as one, see ``joined``
    is_dense = True  # nothing else is between rows and loss, see ``dense_pass``
    weighs_rows = True  # a batch may hold the weights of its rows
    kind = "table"

    def __init__(
        self,
        *,
        n_features: int,
        n_targets: int = 1,
        hidden: Counts = (64, 64),
        activation: Activation = "tanh",
        loss: Loss = "mse",
        optimizer: Optimizer = "adam",
        lr: Positive = 0.005,
        weight_decay: NonNegative = 0.0,
        momentum: Share = 0.9,
        bins: Count | None = None,
    ) -> None:
        super().__init__()
        hidden = list(hidden)  # plain values only: checkpoints load with weights_only=True
        self.save_hyperparameters()
        self.input_scaler = PiecewiseLinear(n_features, bins) if bins else Standardizer(n_features)
        self.target_scaler = Standardizer(n_targets)
        self.network = dense(n_features * (bins or 1), hidden, n_targets, activation=activation)
        self.criterion = LOSSES[loss](reduction="none")

    def prepare(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        """Fit the scalers to the training rows, x (rows, n_features) and y (rows, n_targets)."""
        self.input_scaler.fit(torch.as_tensor(x, dtype=torch.float32))
        self.target_scaler.fit(torch.as_tensor(y, dtype=torch.float32))

    def forward(self, x: Tensor) -> Tensor:
        """Predict targets (…, batch, n_targets) from inputs (…, batch, n_features), both in physical units."""
        return self.target_scaler.inverse(self.network(self.input_scaler(x)))

    def training_step(self, batch: tuple[Tensor, ...], batch_index: int) -> Tensor:
        """Return the loss of one batch, in units of the squared z-score; its rows may have weights with the mean 1."""
        x, y, *weights = batch
        loss = _weighed(self.row_loss(x, y), weights)
        self.log("train/loss", loss, on_step=False, on_epoch=True, sync_dist=True, batch_size=len(x))
        return loss

    def validation_step(self, batch: tuple[Tensor, ...], batch_index: int) -> None:
        """Log the loss on z-scores and the mean squared error of the first target, in its squared unit."""
        x, y, *weights = batch
        z = self.network(self.input_scaler(x))  # (batch, n_targets)
        self.log("val/loss", _weighed(self._loss(z, y), weights), sync_dist=True, batch_size=len(x))
        mse = nn.functional.mse_loss(self.target_scaler.inverse(z)[:, 0], y[:, 0])
        self.log("val/mse", mse, sync_dist=True, batch_size=len(x))

    def row_loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the loss of each row, shape (…, batch), in units of the squared z-score."""
        return self._loss(self.network(self.input_scaler(x)), y)

    def _loss(self, z: Tensor, y: Tensor) -> Tensor:
        """Return the loss of each row, shape (…, batch), from predicted z-scores (…, batch, n_targets)."""
        loss: Tensor = self.criterion(z, self.target_scaler(y)).mean(dim=-1)
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return the optimizer named by the configuration."""
        h = self.hparams
        common = {"lr": h["lr"], "weight_decay": h["weight_decay"]}
        fused = has_many_weights(self) and takes_fused_steps(self)
        match h["optimizer"]:
            case "adam":
                return torch.optim.Adam(self.parameters(), fused=fused, **common)
            case "adamw":
                return torch.optim.AdamW(self.parameters(), fused=fused, **common)
            case "sgd":
                return torch.optim.SGD(self.parameters(), momentum=h["momentum"], **common)
            case "adagrad":
                return torch.optim.Adagrad(self.parameters(), **common)
            case "rmsprop":
                return torch.optim.RMSprop(self.parameters(), momentum=h["momentum"], **common)
            case other:
                raise ValueError(f"Expected argument `optimizer` to be a known optimizer, but got {other!r}.")

    def predict(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predict targets (rows, n_targets) from inputs (rows, n_features), both in physical units."""
        return predict_rows(self, x)


def _weighed(loss: Tensor, weights: list[Tensor]) -> Tensor:
    """Return the mean of a loss (batch,), weighed if there are weights (batch,)."""
    return (loss * weights[0]).mean() if weights else loss.mean()
