"""The β-VAE of spectra: residual blocks of bidirectional recurrent layers around a few disentangled latents."""

from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pytorch_lightning import LightningModule
from torch import Tensor, nn

from remanence.errors import ConfigurationError
from remanence.foundation.constraints import Count, Index, NonNegative, Positive, Share
from remanence.foundation.threads import one_thread
from remanence.models.sequence import make_cell
from remanence.science.unmixing.latent_refinement import refine_latents

INFERENCE_BATCH = 1000
MOST_STEPS_A_TOKEN = 16
"""Largest default of ``patch``.

A recurrent network takes time in proportion to the number of tokens; 96 bias steps become a sequence of six.
"""


class TimeNorm(nn.Module):
    """Layer normalisation of (batch, time, features) over time, as in the released one-channel network."""

    def __init__(self, time: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(time)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise every feature over time."""
        normed: Tensor = self.norm(x.transpose(1, 2))
        return normed.transpose(1, 2)


def make_norm(norm: str, time: int, features: int) -> nn.Module:
    """Return the normalisation of a block: over ``time``, over ``feature`` or ``none``."""
    match norm:
        case "time":
            return TimeNorm(time)
        case "feature":
            return nn.LayerNorm(features)
        case _:
            return nn.Identity()


class ResidualBlock(nn.Module):
    """``layers`` × [cell → ReLU] + skip → norm → ReLU; (batch, time, inputs) to (batch, time, 2·units)."""

    def __init__(
        self, inputs: int, units: int, time: int, *, cell: str, layers: int, norm: str, dropout: float, project: bool
    ) -> None:
        super().__init__()
        widths = [inputs, *[2 * units] * (layers - 1)]
        self.cells = nn.ModuleList(make_cell(cell, width, units, time) for width in widths)
        self.skip = nn.Linear(inputs, 2 * units) if project and inputs != 2 * units else nn.Identity()
        self.norm = make_norm(norm, time, 2 * units)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Return the output of the layers plus the skipped input, normalised, (batch, time, 2·units)."""
        y = x
        for cell in self.cells:
            y = torch.relu(cell(y))  # (batch, time, 2·units)
        return torch.relu(self.norm(self.dropout(y) + self.skip(x)))


class Encoder(nn.Module):
    """Spectra (batch, steps, channels) to mean and log-variance, each (batch, latents)."""

    def __init__(self, *, steps: int, channels: int, latents: int, **h: Any) -> None:
        super().__init__()
        time, inputs, width = steps // h["patch"], channels * h["patch"], 2 * h["units"]
        self.tokens = (time, inputs)
        block: dict[str, Any] = {key: h[key] for key in ("cell", "layers", "norm", "dropout")}
        # without a projection, a single input is broadcast over all features, as in the released code
        project = h["norm"] == "feature" or inputs > 1
        self.blocks = nn.Sequential(
            *[
                ResidualBlock(inputs if i == 0 else width, h["units"], time, **block, project=project)
                for i in range(h["blocks"])
            ]
        )
        self.last = make_cell(h["cell"], width, h["units"], time)
        self.read_out = h["read_out"]
        features = width if self.read_out == "last" else width * time
        self.norm = {"time": nn.BatchNorm1d, "feature": nn.LayerNorm}.get(h["norm"], nn.Identity)(features)
        self.dense = nn.Linear(features, h["dense"])
        self.mean = nn.Linear(h["dense"], latents)
        self.log_variance = nn.Linear(h["dense"], latents)
        nn.init.zeros_(self.log_variance.weight)
        nn.init.constant_(self.log_variance.bias, -4.0)  # little noise at first, so that latents matter

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return mean, log-variance and the activity of the dense layer (batch, dense)."""
        tokens = x.reshape(len(x), *self.tokens)  # (batch, time, patch·channels)
        states = self.last(self.blocks(tokens))  # (batch, time, 2·units)
        read = last_states(states) if self.read_out == "last" else states.flatten(1)
        activity = torch.relu(self.dense(self.norm(read)))
        return self.mean(activity), self.log_variance(activity), activity


def last_states(states: Tensor) -> Tensor:
    """Return the final state of each direction, (batch, 2·units).

    The forward direction ends at the last step, the backward direction at the first.
    """
    forwards, backwards = states.chunk(2, dim=2)
    return torch.cat([forwards[:, -1], backwards[:, 0]], dim=1)


class Decoder(nn.Module):
    """Latents (batch, latents) to spectra (batch, steps, channels)."""

    def __init__(self, *, steps: int, channels: int, latents: int, **h: Any) -> None:
        super().__init__()
        self.time, width = steps // h["patch"], 2 * h["units"]
        self.shape = (steps, channels)
        self.embedding = nn.Linear(latents, h["dense"])
        self.positions = nn.Parameter(0.5 * torch.randn(self.time, h["dense"])) if h["positions"] else None
        block: dict[str, Any] = {key: h[key] for key in ("cell", "layers", "norm", "dropout")}
        self.first = make_cell(h["cell"], h["dense"], h["units"], self.time)
        self.blocks = nn.Sequential(
            *[ResidualBlock(width, h["units"], self.time, **block, project=True) for _ in range(h["blocks"])]
        )
        self.norm = make_norm(h["norm"], self.time, width)
        self.output = nn.Linear(width, h["patch"] * channels)

    def embed(self, z: Tensor) -> Tensor:
        """Return the activity of the first dense layer, (batch, dense), which the paper maps as its embedding."""
        return torch.relu(self.embedding(z))

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Return spectra (batch, steps, channels) and the activity of the embedding (batch, dense)."""
        activity = self.embed(z)
        tokens = activity[:, None, :].expand(-1, self.time, -1)  # (batch, time, dense)
        if self.positions is not None:
            tokens = tokens + self.positions
        states = self.blocks(self.first(tokens))  # (batch, time, 2·units)
        return self.output(self.norm(states)).reshape(len(z), *self.shape), activity


class BetaVAE(LightningModule):
    """β-VAE between spectra (batch, steps, channels) and latents; the spectra are z-scored and in their layout.

    The loss is MSE + β·KL + λ·L1 with KL = −½·mean(1 + log σ² − μ² − σ²) over batch and latents, as released. β, λ
    and the mask of the latents are buffers that the schedule sets.

    Args:
        steps: number of steps of a spectrum in its layout.
        channels: number of channels of a spectrum in its layout.
        latents: number of latents at the start; the schedule finds out how many are needed.
        units: number of units of each direction of a recurrent layer.
        blocks: number of residual blocks in the encoder and in the decoder.
        layers: number of cells in a block.
        cell: kind of the cells: ``lstm``, ``gru``, ``tcn`` or ``mlp``.
        dense: width of the layers next to the latents; the paper maps the decoder's layer as its embedding.
        patch: number of steps that are one token, a divisor of ``steps``; None takes the largest divisor up to 16.
        norm: axis of normalisation: ``time`` (released code, one channel), ``none`` (released code, two channels) or
            ``feature`` (trains in minutes).
        read_out: states that the encoder reads: the ``last`` of each direction, or ``all`` of them.
        positions: whether the decoder adds a learnt position to each token.
        dropout: share of activations that each block leaves out while training.
        inference_steps: number of Gauss-Newton steps from the encoder's mean to the latents that reconstruct a spectrum
            best.
        lr: learning rate of AdamW.
        weight_decay: decoupled weight decay of AdamW; 0 makes it Adam.

    Source: Qin et al., Adv. Mater. 2022, 2202814, and the released code.
    """

    beta: Tensor
    l1: Tensor
    mask: Tensor

    kind = "spectra"

    def __init__(
        self,
        *,
        steps: int,
        channels: int,
        latents: Count = 16,
        units: Count = 64,
        blocks: Count = 1,
        layers: Count = 1,
        cell: Literal["lstm", "gru", "tcn", "mlp"] = "lstm",
        dense: Count = 128,
        patch: Count | None = None,
        norm: Literal["time", "feature", "none"] = "feature",
        read_out: Literal["last", "all"] = "all",
        positions: bool = True,
        dropout: Share = 0.0,
        inference_steps: Index = 3,
        lr: Positive = 2e-3,
        weight_decay: NonNegative = 1e-3,
    ) -> None:
        super().__init__()
        patch = patch or max(divisor for divisor in range(1, MOST_STEPS_A_TOKEN + 1) if steps % divisor == 0)
        if steps % patch:
            raise ConfigurationError(f"model.patch: must divide the {steps} steps of a spectrum, got {patch}")
        self.save_hyperparameters()
        self.encoder = Encoder(**self.hparams)
        self.decoder = Decoder(**self.hparams)
        self.register_buffer("beta", torch.zeros(()))
        self.register_buffer("l1", torch.zeros(()))
        self.register_buffer("mask", torch.ones(latents))

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance, each (batch, latents); masked latents have the values of the prior."""
        mean, log_variance, _ = self.encoder(x)
        return mean * self.mask, log_variance * self.mask

    def forward(self, x: Tensor) -> Tensor:
        """Reconstruct spectra (batch, steps, channels) from their mean latents."""
        mean, _ = self.encode(x)
        spectra: Tensor = self.decoder(mean)[0]
        return spectra

    def training_step(self, batch: Tensor, batch_index: int) -> Tensor:
        """Return the loss of one batch."""
        mean, log_variance, dense = self.encoder(batch)
        z = (mean + torch.randn_like(mean) * (0.5 * log_variance).exp()) * self.mask
        spectra, embedding = self.decoder(z)
        mse = nn.functional.mse_loss(spectra, batch)
        kl = (divergence(mean, log_variance) * self.mask).mean()
        activity = (dense.sum(dim=1) + embedding.sum(dim=1)).mean()  # non-negative after ReLU: the L1 norm
        loss: Tensor = mse + self.beta * kl + self.l1 * activity
        values = {"train/loss": loss, "train/mse": mse, "train/kl": kl}
        self.log_dict(values, on_step=False, on_epoch=True, sync_dist=True, batch_size=len(batch))
        return loss

    def validation_step(self, batch: Tensor, batch_index: int) -> None:
        """Log the error of the reconstruction from the mean latents, which does not depend on β or λ."""
        mse = nn.functional.mse_loss(self(batch), batch)
        self.log("val/mse", mse, sync_dist=True, batch_size=len(batch))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return AdamW, in its fused form unless the precision is mixed.

        The fused form is three times faster than a loop over the weights. With mixed precision, Lightning cannot clip
        the gradients of a fused optimiser.
        """
        h = self.hparams
        try:
            fused = not str(self.trainer.precision).endswith("mixed")
        except RuntimeError:  # without a trainer there is no mixed precision
            fused = True
        return torch.optim.AdamW(self.parameters(), lr=h["lr"], weight_decay=h["weight_decay"], fused=fused)

    @torch.no_grad()
    def posterior(self, x: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return mean and log-variance of the latents of spectra (n, steps, channels), each (n, latents)."""
        self.eval()
        with one_thread():
            parts = [self.encode(self._tensor(part)) for part in batches(x)]
        mean, log_variance = (torch.cat(part).cpu().numpy() for part in zip(*parts, strict=True))
        return mean, log_variance

    def embed(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the mean latents (n, latents) of spectra (n, steps, channels), refined by ``inference_steps``."""
        return self.refine(self.posterior(x)[0], x)

    def refine(self, mean: NDArray[np.float32], x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return latents (n, latents) that fit spectra ``x`` better, by ``inference_steps`` from the encoder's mean."""
        steps = self.hparams["inference_steps"]
        if not steps:
            return mean
        active = self.mask.cpu().numpy() > 0
        parts = [
            refine_latents(self.decode, z, spectra, active=active, steps=steps)
            for z, spectra in zip(batches(mean), batches(x), strict=True)
        ]
        return np.concatenate(parts).astype(np.float32)

    @torch.no_grad()
    def decode(self, z: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Return spectra (n, steps, channels) of latents (n, latents)."""
        if self.training:  # to tell every layer takes a fifth of the time of one spectrum
            self.eval()
        with one_thread():
            decoded = [self.decoder(self._tensor(part) * self.mask)[0] for part in batches(z)]
        spectra: NDArray[np.float32] = torch.cat(decoded).cpu().numpy()
        return spectra

    def reconstruct(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the reconstruction of spectra (n, steps, channels) from their refined mean latents."""
        return self.decode(self.embed(x))

    def _tensor(self, values: NDArray[np.floating[Any]]) -> Tensor:
        return torch.as_tensor(values, dtype=torch.float32, device=self.device)


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return the Kullback-Leibler divergence of N(μ, σ²) from N(0, 1) in nats, in the shape of ``mean``."""
    return -0.5 * (1 + log_variance - mean**2 - log_variance.exp())


def batches(values: NDArray[Any]) -> list[NDArray[Any]]:
    """Divide an array into parts that fit into memory; an empty array gives one empty part."""
    return [values[i : i + INFERENCE_BATCH] for i in range(0, max(1, len(values)), INFERENCE_BATCH)]
