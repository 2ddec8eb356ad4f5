"""Fitting of any model of spectra, and the result of a fit."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from pytorch_lightning import LightningModule, Trainer

from remanence.data.spectra.module import SpectraModule
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.errors import ConfigurationError
from remanence.models.beta_vae import BetaVAE
from remanence.science.unmixing.active_units import active, kl_per_latent
from remanence.science.unmixing.novelty import calibrate, spectral_distance
from remanence.studies.spectra.staging import Stage, Staging, load_stage, own_weights_kept
from remanence.training.alone import train_alone
from remanence.training.stamp import fitted_before

Spectrum = NDArray[np.float32]


class SpectraModel(Protocol):
    """The methods of a fitted model of spectra; all spectra are laid-out z-scores."""

    hparams: Any
    """Arguments that rebuild the model."""

    def embed(self, x: Spectrum) -> NDArray[np.floating[Any]]:
        """Return the latents (n, latents) of spectra (n, steps, channels)."""
        ...

    def decode(self, z: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """Return spectra (n, steps, channels), decoded from latents (n, latents)."""
        ...


@runtime_checkable
class Refining(Protocol):
    """The further methods of a model whose reported latents are not those by which it codes a spectrum itself."""

    def code(self, x: Spectrum) -> NDArray[np.floating[Any]]:
        """Return the latents (n, latents) by which the model itself codes spectra (n, steps, channels)."""
        ...

    def refine(self, z: Any, x: Spectrum) -> NDArray[np.floating[Any]]:
        """Return the latents (n, latents) that the model reports of spectra ``x``, which it codes as ``z``."""
        ...


@dataclass
class Unmixed:
    """A fitted model, with embedding and reconstruction of every pixel."""

    model: SpectraModel
    embedding: NDArray[np.floating[Any]]
    """Mean latents as the model reports them, after the projection towards each spectrum; shape (pixels, latents)."""
    reconstruction: NDArray[np.floating[Any]]
    """Spectra decoded from the mean latents, with the shape and units of ``OpenedSpectra.x``."""
    log_variance: NDArray[np.floating[Any]] | None
    """Logarithm of the variance of the posterior, shape (pixels, latents); None for a model without a posterior."""
    kl: NDArray[np.float64]
    """Mean KL divergence of each latent over the training pixels, nats; infinite for a model without a posterior."""
    fit_seconds: float
    inference_seconds: float
    """Time that embedding and reconstruction of all pixels took."""
    guess: NDArray[np.floating[Any]]
    """Latents as the model itself encodes or codes spectra, in the shape of ``embedding``, which is projected."""
    epochs: int = 0
    best_epoch: int | None = None
    stages: Sequence[Stage] = ()
    chosen: Stage | None = None
    natural: int | None = None
    """Number of active units that β left before a number was wanted; None without stages."""
    before_masking: "Unmixed | None" = None
    """The model of the chosen stage, before inactive latents were masked; None if none were masked."""
    kl_history: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    """KL divergence of each latent in each epoch, shape (epochs, latents), nats."""
    beta_history: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    @property
    def active(self) -> NDArray[np.bool_]:
        """Which latents are active, with a KL divergence above 0.05 nats; all latents of a linear method are."""
        return active(self.kl)

    @property
    def kept(self) -> int:
        """Number of latents that are not masked."""
        mask = getattr(self.model, "mask", None)
        return self.embedding.shape[1] if mask is None else int((mask > 0).sum())


def check_model(key: str, model: Any) -> None:
    """Refuse a model without the methods of ``SpectraModel``; a model that is not a network also needs ``fit``.

    Args:
        key: key of the model in the configuration.
        model: untrained model.

    Raises:
        ConfigurationError: if the model lacks a method, naming the method.
    """
    needed = ("embed", "decode") if isinstance(model, LightningModule) else ("fit", "embed", "decode")
    missing = [f"{name}()" for name in needed if not callable(getattr(model, name, None))]
    if missing:
        raise ConfigurationError(
            f"{key}: {type(model).__name__} is not a model of spectra; try model=beta_vae, or give it "
            f"{' and '.join(missing)}"
        )


def fit_spectra(
    model: Any, data: OpenedSpectra, trainer: Trainer | None = None, *, resume_from: Path | None = None
) -> Unmixed:
    """Fit ``model`` to the pixels outside the test and embed every pixel.

    Args:
        model: untrained ``LightningModule`` on spectra, or untrained ``Unmixer``.
        data: spectra and the pixels that are held out.
        trainer: trainer of a network; None for other models.
        resume_from: checkpoint ``last.ckpt`` to resume from.

    Raises:
        FloatingPointError: if the training diverged.
    """
    check_model("model", model)
    began = time.perf_counter()
    if isinstance(model, LightningModule):
        if trainer is None:
            raise ValueError("Expected argument `trainer` to be a trainer for a network, but got None.")
        model = train_alone(model, SpectraModule(data), trainer, resume_from=resume_from)
    else:
        model.fit(data.x[data.fold.fitting])
    if isinstance(model, BetaVAE):
        model.turn(data.x[data.fold.train])
    fitted = time.perf_counter()
    unmixed = embed_all(model, data)
    unmixed.fit_seconds, unmixed.inference_seconds = fitted - began, time.perf_counter() - fitted
    if isinstance(model, LightningModule) and trainer is not None:
        unmixed.fit_seconds += fitted_before(trainer.logger)
        unmixed.epochs = trainer.current_epoch
        unmixed.best_epoch = getattr(trainer.checkpoint_callback, "best_epoch", None)
        if isinstance(model, BetaVAE) and model.has_prior:
            _remember(unmixed, model, data, trainer)
    return unmixed


def embed_all(model: SpectraModel, data: OpenedSpectra) -> Unmixed:
    """Embed and reconstruct every pixel with a fitted model."""
    if isinstance(model, BetaVAE) and model.has_prior:
        guess, log_variance = model.posterior(data.x)
        embedding = model.refine(guess, data.x)
        kl = kl_per_latent(guess[data.fold.train], log_variance[data.fold.train])
        return Unmixed(model, embedding, model.decode(embedding), log_variance, kl, 0.0, 0.0, guess)
    guess, embedding = coded(model, data.x)
    kl = np.full(embedding.shape[1], np.inf)
    return Unmixed(model, embedding, model.decode(embedding), None, kl, 0.0, 0.0, guess)


def coded(model: SpectraModel, x: Spectrum) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
    """Return the latents (n, latents) by which a model itself codes spectra, and those that it reports.

    They differ for a model that has ``code`` and ``refine`` beside ``embed``.
    """
    if not isinstance(model, Refining):
        latents = model.embed(x)
        return latents, latents
    own = model.code(x)
    return own, model.refine(own, x)


def calibration_of(unmixed: Unmixed, data: OpenedSpectra) -> NDArray[np.float64]:
    """Return what calibrates novelty: the sorted distances of the held-out pixels from what the model makes of them.

    Where nothing was held out (``data.split.kind=all``), there are none.
    """
    held_out = np.setdiff1d(data.fold.test, data.fold.fitting)
    return calibrate(spectral_distance(unmixed.reconstruction[held_out], data.x[held_out]))


def embed(model: SpectraModel, x: Spectrum) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]] | None]:
    """Return the latents of spectra (n, steps, channels), and the standard deviations of their posterior.

    Both are (n, latents); a model without a posterior has None for the deviations. The means are refined, while the
    deviations are those that the encoder gives.
    """
    if not (isinstance(model, BetaVAE) and model.has_prior):
        return model.embed(x), None
    mean, log_variance = model.posterior(x)
    return model.refine(mean, x), np.exp(log_variance / 2)


def _remember(unmixed: Unmixed, model: BetaVAE, data: OpenedSpectra, trainer: Trainer) -> None:
    """Copy the history of the schedule of β from the trainer's callback into ``unmixed``."""
    for callback in trainer.callbacks:  # type: ignore[attr-defined]
        if isinstance(callback, Staging):
            unmixed.stages, unmixed.chosen = callback.stages, callback.chosen
            unmixed.kl_history, unmixed.beta_history = np.array(callback.kl), np.array(callback.betas)
            if callback.stages:
                unmixed.natural = callback.natural_number(len(model.mask))
            if callback.chosen is not None and not model.mask.all():
                with own_weights_kept(model):
                    load_stage(model, callback.folder, callback.chosen)
                    mean, log_variance = model.posterior(data.x)
                    decoded = model.decode(mean)
                kl = kl_per_latent(mean[data.fold.train], log_variance[data.fold.train])
                unmixed.before_masking = replace(
                    unmixed, embedding=mean, reconstruction=decoded, log_variance=log_variance, kl=kl, guess=mean
                )
