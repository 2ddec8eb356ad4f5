"""The β-VAE of spectra: residual blocks of bidirectional recurrent layers around a few disentangled latents."""

from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pytorch_lightning import LightningModule
from torch import Tensor, nn

from remanence.errors import ConfigurationError
from remanence.foundation.constraints import Count, Counts, Index, NonNegative, Positive, Share, Shares
from remanence.foundation.threads import one_thread
from remanence.models.additive_decoder import AdditiveDecoder
from remanence.models.fused_steps import takes_fused_steps
from remanence.models.moving_decoder import MovingDecoder
from remanence.models.spectra_decoder import Decoder
from remanence.models.spectra_encoder import Encoder
from remanence.science.unmixing.active_units import active, kl_per_latent
from remanence.science.unmixing.independent_axes import independent_axes
from remanence.science.unmixing.latent_refinement import refine_latents

INFERENCE_BATCH = 1000
MOST_STEPS_A_TOKEN = 16
"""Largest default of ``patch``.

A recurrent network takes time in proportion to the number of tokens; 96 bias steps become a sequence of six.
"""


class BetaVAE(LightningModule):
    """β-VAE between spectra (batch, steps, channels) and latents; the spectra are z-scored and in their layout.

    The loss is MSE + β·KL + λ·L1 with KL = −½·mean(1 + log σ² − μ² − σ²) over batch and latents, as released. β, λ,
    the mask of the latents, and the nats of each latent that KL leaves out are set by the schedule.

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
        decoder: ``joint`` decodes all latents in one network; ``additive`` adds what a network of each latent makes of
            it, so that latents can be told apart without labels, see ``AdditiveDecoder``.
        decoder_units: number of units of each direction in the decoder, for ``additive`` in each of its networks; None
            takes ``units``.
        decoder_blocks: numbers of latents that share a network of an additive decoder because they interact, in the
            order of the latents, such as ``[2, 1]``; None gives each latent a network of its own.
        shift: makes the first latent shift what the others decode along the axis, by so many of its units, such as V,
            for each standard deviation of the prior; None: no latent shifts. See ``MovingDecoder``.
        opening: makes the next latent move the two branches of a loop apart, likewise.
        enter: share of the epochs after which each latent enters the training, such as ``[0, 0, 0.4]``: what the first
            ones explain best, they explain before others can; None lets all in at once.
        dropout: share of activations that each block leaves out while training.
        inference_steps: number of Gauss-Newton steps from the encoder's mean to the latents that reconstruct a spectrum
            best.
        rotate: ``ica`` turns the active latents of the trained network to axes along which they are independent, see
            ``turn``; ``none`` leaves them as they are.
        lr: learning rate of AdamW.
        weight_decay: decoupled weight decay of AdamW; 0 makes it Adam.

    Source: Qin et al., Adv. Mater. 2022, 2202814, and the released code.
    """

    beta: Tensor
    l1: Tensor
    mask: Tensor
    axes: Tensor
    present: Tensor

    kind = "spectra"
    has_prior = True
    """Whether β draws the latents of a spectrum towards a prior, so that they have a distribution."""

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
        decoder: Literal["joint", "additive"] = "joint",
        decoder_units: Count | None = None,
        decoder_blocks: Counts | None = None,
        shift: Positive | None = None,
        opening: Positive | None = None,
        enter: Shares | None = None,
        dropout: Share = 0.0,
        inference_steps: Index = 3,
        rotate: Literal["none", "ica"] = "none",
        lr: Positive = 6e-3,
        weight_decay: NonNegative = 1e-3,
    ) -> None:
        super().__init__()
        patch = patch or max(divisor for divisor in range(1, MOST_STEPS_A_TOKEN + 1) if steps % divisor == 0)
        if steps % patch:
            raise ConfigurationError(f"model.patch: must divide the {steps} steps of a spectrum, got {patch}")
        if decoder_blocks is not None and decoder == "joint":
            raise ConfigurationError(
                f"model.decoder_blocks: only an additive decoder has blocks, got {list(decoder_blocks)}; "
                "add model.decoder=additive"
            )
        moving = sum(each is not None for each in (shift, opening))
        if moving >= latents:
            raise ConfigurationError(f"model.latents: {moving} of them move spectra and none decodes, got {latents}")
        if enter is not None and len(enter) != latents:
            raise ConfigurationError(
                f"model.enter: needs a share of the epochs for each of model.latents={latents}, got {list(enter)}"
            )
        if rotate != "none" and decoder == "additive":
            raise ConfigurationError(
                f"model.rotate: the latents of model.decoder=additive have their own spectra already, got {rotate}; "
                "add model.rotate=none"
            )
        if rotate != "none" and moving:
            told = f"model.shift={shift}" if shift is not None else f"model.opening={opening}"
            raise ConfigurationError(
                f"model.rotate: turning mixes the latent of {told} with the others, got {rotate}; add model.rotate=none"
            )
        self.save_hyperparameters()
        arguments = {**self.hparams, "patch": patch, "latents": latents}  # those of a subclass may have None
        self.encoder = Encoder(**arguments)
        made_by = {"joint": Decoder, "additive": AdditiveDecoder}[decoder]
        self.decoder: nn.Module = made_by(**{**arguments, "latents": latents - moving})
        if moving:
            self.decoder = MovingDecoder(self.decoder, size=steps * channels, shift=shift, opening=opening)
        self.register_buffer("beta", torch.zeros(()))
        self.register_buffer("l1", torch.zeros(()))
        self.register_buffer("mask", torch.ones(latents))
        if rotate != "none":
            self.register_buffer("axes", torch.eye(latents))
        self.register_buffer("present", torch.ones(latents), persistent=False)
        self.free_nats = 0.0  # of each latent, not penalised; the schedule sets it

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance, each (batch, latents); masked latents have the values of the prior."""
        mean, log_variance, _ = self.encoder(x)
        return mean * self.kept, log_variance * self.kept

    def forward(self, x: Tensor) -> Tensor:
        """Reconstruct spectra (batch, steps, channels) from their mean latents."""
        mean, _ = self.encode(x)
        spectra: Tensor = self.decoder(mean, self.kept)[0]
        return spectra

    def training_step(self, batch: Tensor, batch_index: int) -> Tensor:
        """Return the loss of one batch."""
        mean, log_variance, dense = self.encoder(batch)
        z = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        spectra, embedding = self.decoder(z, self.kept)
        mse = nn.functional.mse_loss(spectra, batch)
        nats = divergence(mean, log_variance) * self.kept
        kl = nats.mean()
        penalised = (nats.mean(dim=0) - self.free_nats).relu().mean() if self.free_nats else kl
        activity = (dense.sum(dim=1) + embedding.sum(dim=1)).mean()  # non-negative after ReLU: the L1 norm
        loss: Tensor = mse + self.beta * penalised + self.l1 * activity
        values = {"train/loss": loss, "train/mse": mse, "train/kl": kl}
        self.log_dict(values, on_step=False, on_epoch=True, sync_dist=True, batch_size=len(batch))
        return loss

    def validation_step(self, batch: Tensor, batch_index: int) -> None:
        """Log the error of the reconstruction from the mean latents, which does not depend on β or λ."""
        mse = nn.functional.mse_loss(self(batch), batch)
        self.log("val/mse", mse, sync_dist=True, batch_size=len(batch))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return AdamW."""
        h = self.hparams
        return torch.optim.AdamW(
            self.parameters(), lr=h["lr"], weight_decay=h["weight_decay"], fused=takes_fused_steps(self)
        )

    @property
    def kept(self) -> Tensor:
        """The mask of the latents, without those that have not entered yet."""
        return self.mask * self.present

    def on_train_epoch_start(self) -> None:
        """Let those latents in whose time has come."""
        if self.hparams["enter"] is not None:
            done = self.trainer.current_epoch / (self.trainer.max_epochs or 1)
            self.present.copy_(torch.tensor([float(share <= done) for share in self.hparams["enter"]]))

    def on_fit_end(self) -> None:
        """Leave no latent out after a training that ended early."""
        self.present.fill_(1.0)

    def on_fit_start(self) -> None:
        """Forget how the latents were turned after an earlier training, which this one goes on from."""
        if self.turns:
            self.axes.copy_(torch.eye(len(self.mask)))

    @property
    def turns(self) -> bool:
        """Whether the latents are turned after the training."""
        return bool(self.hparams["rotate"] != "none")

    def turn(self, x: NDArray[np.float32]) -> None:
        """Turn the latents that are active in spectra (n, steps, channels), if ``rotate`` says so.

        From then on ``posterior`` and ``decode`` speak of the turned latents, which decode to the same spectra.
        """
        if not self.turns:
            return
        mean, log_variance = self.posterior(x)
        turned = active(kl_per_latent(mean, log_variance)) & (self.mask.cpu().numpy() > 0)
        axes = independent_axes(mean, turned=turned)
        self.axes.copy_(self.axes @ torch.as_tensor(axes, dtype=torch.float32, device=self.device))

    @torch.no_grad()
    def posterior(self, x: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return mean and log-variance of the latents of spectra (n, steps, channels), each (n, latents)."""
        self.eval()
        with one_thread():
            parts = [self.encode(self._tensor(part)) for part in batches(x)]
        mean, log_variance = (torch.cat(part) for part in zip(*parts, strict=True))
        if self.turns:
            mean, log_variance = mean @ self.axes, (log_variance.exp() @ self.axes**2).log()
        return mean.cpu().numpy(), log_variance.cpu().numpy()

    def embed(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the mean latents (n, latents) of spectra (n, steps, channels), refined by ``inference_steps``."""
        return self.refine(self.code(x), x)

    def code(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the latents (n, latents) of spectra (n, steps, channels) by the encoder alone."""
        return self.posterior(x)[0]

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
            decoded = [self.decoder(self._unturned(self._tensor(part)), self.kept)[0] for part in batches(z)]
        spectra: NDArray[np.float32] = torch.cat(decoded).cpu().numpy()
        return spectra

    def reconstruct(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the reconstruction of spectra (n, steps, channels) from their refined mean latents."""
        return self.decode(self.embed(x))

    def _unturned(self, z: Tensor) -> Tensor:
        return torch.linalg.solve(self.axes, z, left=False) if self.turns else z

    def _tensor(self, values: NDArray[np.floating[Any]]) -> Tensor:
        return torch.as_tensor(values, dtype=torch.float32, device=self.device)


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return the Kullback-Leibler divergence of N(μ, σ²) from N(0, 1) in nats, in the shape of ``mean``."""
    return -0.5 * (1 + log_variance - mean**2 - log_variance.exp())


def batches(values: NDArray[Any]) -> list[NDArray[Any]]:
    """Divide an array into parts that fit into memory; an empty array gives one empty part."""
    return [values[i : i + INFERENCE_BATCH] for i in range(0, max(1, len(values)), INFERENCE_BATCH)]
