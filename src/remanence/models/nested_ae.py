"""NestedAE: a chain of autoencoders of several scales, each taking the latents of finer scales as inputs."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from pytorch_lightning import LightningModule
from torch import Tensor, nn

from remanence.errors import ConfigurationError
from remanence.foundation.constraints import As, Index, NonNegative, Positive
from remanence.models.predict_rows import predict_rows
from remanence.models.scale import ScaleAutoencoder
from remanence.models.scale_options import Scale, read_scales

FEWEST_ROWS = 16
"""Least number of rows that are computed at once: the products of fewer rows are rounded otherwise."""


class NestedAE(LightningModule):
    """The part of a chain that ends in one scale.

    It predicts the properties of that last scale from inputs of all its scales, both in physical units.

    Args:
        scales: name of a scale to its specification, see ``scale_options.Scale``; finer scales first.
        layout: name of a scale to the columns of its rows, see ``data.nested.scale_rows``: ``blocks`` (inputs of the
            scale and of every finer scale below it, as indices into the inputs of its rows), ``categories`` (one-hot
            groups among the scale's own inputs) and ``heads`` (outputs of each head, as indices into its targets).
        ends_in: scale whose rows this network takes and whose properties it predicts; None for the last.
        optimizer: adam or adamw.
        lr: learning rate of a scale that does not set its own.
        weight_decay: weight decay of the optimizer.
        fine_tune_epochs: number of epochs in which all scales are trained together, after each was trained alone.
        fine_tune_lr: learning rate of the epochs in which all scales are trained together.

    Source: Thota, Priyadarshini, Hernandez, NestedAE, Mater. Horiz. 2024, 10.1039/D3MH01484C.
    """

    broadcasts = True  # the forward accepts any leading axes
    joins = True  # trainings that differ in losses, penalties or optimizer train as one, see ``joined``
    kind = "chain"
    without = ("ends_in",)

    def __init__(
        self,
        *,
        scales: Annotated[Mapping[str, Annotated[Mapping[str, Any], As(Scale)]], Field(min_length=1)],
        layout: Mapping[str, Any],
        ends_in: str | None = None,
        optimizer: Literal["adam", "adamw"] = "adamw",
        lr: Positive = 0.005,
        weight_decay: NonNegative = 0.01,
        fine_tune_epochs: Index = 0,
        fine_tune_lr: Positive = 5e-4,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        specs = read_scales(scales)
        self.ends_in = ends_in or list(specs)[-1]
        self.parents = {name: spec.parents for name, spec in specs.items()}
        self.layout = layout[self.ends_in]
        self._columns = {name: _neighbours(block) for name, block in self.layout["blocks"].items()}
        self.fine_tuning = False
        self.scales = nn.ModuleDict()
        for name in self.layout["blocks"]:
            if not name.isidentifier() or hasattr(self.scales, name):
                raise ConfigurationError(f"model.scales.{name}: a network's part cannot be called '{name}'; rename it")
            spec = specs[name]
            self.scales[name] = ScaleAutoencoder(
                n_own=len(layout[name]["blocks"][name]),
                n_parents=sum(specs[parent].latent_dim for parent in spec.parents),
                latent_dim=spec.latent_dim,
                categories=layout[name]["categories"],
                encoder=spec.encoder,
                decoder=spec.decoder,
                heads=spec.heads,
                columns=layout[name]["heads"],
                regularizers=spec.regularizers,
            )
        self.training_spec = specs[self.ends_in].training

    def ending_in(self, scale: str) -> "NestedAE":
        """Return the untrained part of this chain that ends in ``scale``."""
        return NestedAE(**{**self.hparams, "ends_in": scale})

    @property
    def last(self) -> ScaleAutoencoder:
        """Autoencoder of the last scale, whose properties are predicted."""
        return self.scales[self.ends_in]  # type: ignore[return-value]

    @property
    def finer(self) -> list[str]:
        """Names of all scales except the last."""
        return [name for name in self.scales if name != self.ends_in]

    def prepare(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        """Fit the scalers of the last scale to training rows, x (rows, n_inputs) and y (rows, targets)."""
        self.last.fit_scalers(self._own(torch.as_tensor(x, dtype=torch.float32)), torch.as_tensor(y).float())

    def stand_on(self, finer: Mapping[str, nn.Module], x: Tensor, training: Tensor) -> None:
        """Use the trained finer scales of a stack, freeze them, and learn the z-scores of their latents.

        Args:
            finer: name of a finer scale to its stack; each member takes the member of the same number.
            x: inputs of the rows of the last scale, shape (rows, n_inputs).
            training: 1 where a member trains on a row and 0 elsewhere, shape (members, rows).
        """
        for name, scale in finer.items():
            self.scales[name] = scale
            scale.requires_grad_(False)
        with torch.no_grad():
            latents = self.parent_latents(x.expand(len(training), *x.shape))  # (members, rows, latents of the parents)
            weight = (training / training.sum(dim=1, keepdim=True))[..., None]
            mean = (latents * weight).sum(dim=1, keepdim=True)
            deviation = ((latents - mean).square() * weight).sum(dim=1, keepdim=True).sqrt()
        scaler = self.last.parent_scaler
        scaler.mean = mean
        scaler.scale = torch.where(deviation > 1e-6, deviation, torch.ones_like(deviation))

    def forward(self, x: Tensor) -> Tensor:
        """Predict the properties (…, rows, targets) of the last scale from x (…, rows, n_inputs)."""
        return self.last.properties(self.encode(x))

    def encode(self, x: Tensor, scale: str | None = None) -> Tensor:
        """Return the latents (…, rows, latent_dim) of ``scale``, which defaults to the last scale."""
        scale = scale or self.ends_in
        network: ScaleAutoencoder = self.scales[scale]  # type: ignore[assignment]
        return network.encode(self._own(x, scale), self.parent_latents(x, scale))

    def parent_latents(self, x: Tensor, scale: str | None = None) -> Tensor:
        """Return the concatenated latents (…, rows, latents) of the parents of ``scale``.

        A scale without parents has none, shape (…, rows, 0).
        """
        parents = self.parents[scale or self.ends_in]
        place = None
        if parents and x.ndim == 3 and len(x) > 1 and x.stride(0) == 0 and not torch.is_grad_enabled():
            taken = sorted({column for parent in parents for column in self._taken(parent)})
            first, place = _first_of_equal(x[0][:, taken])
            x = x[:, first]
        latents = torch.cat([x[..., :0], *(self.encode(x, parent) for parent in parents)], dim=-1)
        return latents if place is None else latents[:, place]

    def _taken(self, scale: str) -> set[int]:
        """Return the columns that the latents of a scale depend on."""
        finer = [self._taken(parent) for parent in self.parents[scale]]
        return {*self.layout["blocks"][scale]}.union(*finer)

    def row_loss(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the loss of each row (…, rows).

        While all scales are trained together, it includes the reconstruction losses of the finer scales.
        """
        loss = self.last.loss(self._own(x), self.parent_latents(x), y)
        if self.fine_tuning and self.training:
            for name in self.finer:
                network: ScaleAutoencoder = self.scales[name]  # type: ignore[assignment]
                own, parents = self._own(x, name), self.parent_latents(x, name)
                loss = loss + network.reconstruction_loss(own, parents)
        return loss

    def train(self, mode: bool = True) -> "NestedAE":
        """Switch between training and evaluation mode; frozen scales stay in evaluation mode."""
        super().train(mode)
        if not self.fine_tuning:
            for name in self.finer:
                self.scales[name].eval()
        return self

    def tune_all(self) -> None:
        """Unfreeze every scale, so that all are trained together from now on."""
        self.fine_tuning = True
        self.requires_grad_(True)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return the optimizer, with the weights that are not frozen."""
        kind: Any = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[self.hparams["optimizer"]]
        own = self.training_spec.lr or self.hparams["lr"]
        lr = self.hparams["fine_tune_lr"] if self.fine_tuning else own
        trained = [weight for weight in self.parameters() if weight.requires_grad]
        optimizer: torch.optim.Optimizer = kind(trained, lr=lr, weight_decay=self.hparams["weight_decay"])
        return optimizer

    def predict(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predict the properties (rows, targets) from inputs (rows, n_inputs), both in physical units."""
        return predict_rows(self, x)

    def _own(self, x: Tensor, scale: str | None = None) -> Tensor:
        return x[..., self._columns[scale or self.ends_in]]


def _first_of_equal(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return the first of each run of equal rows, and which of these each row is equal to.

    The rows of one composition with several solvents stand together, and have the latents of the ions in common.
    """
    begins = torch.cat([rows.new_ones(1, dtype=torch.bool), (rows[1:] != rows[:-1]).any(dim=1)])[: len(rows)]
    first = begins.nonzero()[:, 0]
    padding = first.new_zeros(max(0, min(FEWEST_ROWS, len(rows)) - len(first)))
    return torch.cat([first, padding]), begins.cumsum(0) - 1


def _neighbours(columns: Sequence[int]) -> slice | list[int]:
    """Return columns as a slice where they are neighbours: of a slice there is no copy."""
    begin = columns[0] if len(columns) else 0
    is_run = list(columns) == list(range(begin, begin + len(columns)))
    return slice(begin, begin + len(columns)) if is_run else list(columns)
