"""The single autoencoder that a chain is compared with: one latent space for the inputs of all scales."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pytorch_lightning import LightningModule
from torch import Tensor

from remanence.foundation.constraints import As, Count, NonNegative, Positive
from remanence.models.predict_rows import predict_rows
from remanence.models.scale import ScaleAutoencoder
from remanence.models.scale_options import Decoder, Encoder, Regression, Regularizers


class SingleAutoencoder(LightningModule):
    """One autoencoder between inputs and targets in physical units.

    Args:
        n_features: number of inputs.
        n_targets: number of targets.
        latent_dim: number of latents.
        encoder: options of the encoder, see ``scale_options.Encoder``.
        head: options of the head of all targets, see ``scale_options.Regression``; its ``columns`` are ignored.
        decoder: options of the decoder of the inputs, see ``scale_options.Decoder``.
        regularizers: weights of the penalties that are added to the loss, see ``scale_options.Regularizers``.
        optimizer: adam or adamw.
        lr: learning rate.
        weight_decay: weight decay of the optimizer.
    """

    broadcasts = True  # the forward accepts any leading axes
    kind = "table"

    def __init__(
        self,
        *,
        n_features: int,
        n_targets: int = 1,
        latent_dim: Count = 8,
        encoder: Annotated[Mapping[str, Any], As(Encoder)],
        head: Annotated[Mapping[str, Any], As(Regression)],
        decoder: Annotated[Mapping[str, Any], As(Decoder)],
        regularizers: Annotated[Mapping[str, Any], As(Regularizers)],
        optimizer: Literal["adam", "adamw"] = "adamw",
        lr: Positive = 0.005,
        weight_decay: NonNegative = 0.01,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        targets = [f"target {number}" for number in range(n_targets)]
        self.scale = ScaleAutoencoder(
            n_own=n_features,
            n_parents=0,
            latent_dim=latent_dim,
            categories=[],
            encoder=Encoder(**encoder),
            decoder=Decoder(**decoder),
            heads={"properties": Regression(**{**head, "kind": "regression", "columns": targets})},
            columns={"properties": range(n_targets)},
            regularizers=Regularizers(**regularizers),
        )

    def prepare(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        """Fit the scalers to training rows, x (rows, n_features) and y (rows, n_targets)."""
        self.scale.fit_scalers(torch.as_tensor(x, dtype=torch.float32), torch.as_tensor(y, dtype=torch.float32))

    def forward(self, x: Tensor) -> Tensor:
        """Predict the targets (…, rows, n_targets) from x (…, rows, n_features)."""
        return self.scale.properties(self.scale.encode(x, x[..., :0]))

    def row_loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the loss of each row (…, rows)."""
        return self.scale.loss(x, x[..., :0], y)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return the optimizer named by the configuration."""
        kind: Any = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[self.hparams["optimizer"]]
        optimizer: torch.optim.Optimizer = kind(
            self.parameters(), lr=self.hparams["lr"], weight_decay=self.hparams["weight_decay"]
        )
        return optimizer

    def predict(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predict the targets (rows, n_targets) from inputs (rows, n_features), both in physical units."""
        return predict_rows(self, x)
