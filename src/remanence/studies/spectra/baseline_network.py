"""A network as a baseline of spectra: its training, which is resumed with the run that it belongs to."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pytorch_lightning import LightningModule, Trainer, seed_everything

from remanence.configuration.configuration import Configuration
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.errors import ConfigurationError
from remanence.studies.spectra.fit import Unmixed, fit_spectra
from remanence.studies.spectra.moving_latents import tell_axis
from remanence.studies.spectra.staging import follows_schedule
from remanence.training.fit_clock import FitClock
from remanence.training.fitter import Weights
from remanence.training.stamp import read_stamp
from remanence.training.trainer import LightningFitter, build_trainer

FOLDER = "baselines"
"""Folder within the run's checkpoints, where each network has a folder of its own."""


@dataclass
class SpectraFitter:
    """The trainer of the run's own model, if it is a network, and where its baselines keep their checkpoints."""

    trainer: Trainer | None
    checkpoints: Path
    run: str
    """Id of the run."""

    def begin_with(self, weights: Mapping[str, Weights]) -> None:
        """Begin with the weights of a network instead of random ones."""
        if self.trainer is not None:
            LightningFitter(self.trainer).begin_with(weights)


def check_network(name: str, network: LightningModule) -> None:
    """Refuse a network that needs a schedule of β, because a baseline has none.

    Raises:
        ConfigurationError: naming ``baselines.<name>``.
    """
    if follows_schedule(network):
        raise ConfigurationError(
            f"baselines.{name}: {type(network).__name__} needs a schedule of β, which only the run's own model has; "
            f"take the plain autoencoder, +model@baselines.{name}=autoencoder"
        )


def fit_network(network: LightningModule, data: OpenedSpectra, cfg: Configuration, fitter: SpectraFitter) -> Unmixed:
    """Train a network beside the run's own model, for epochs of its own; go on if an earlier part of the run began.

    Args:
        network: untrained network; its argument ``epochs`` says how long it is trained, otherwise the run's trainer.
        data: spectra and the pixels that are held out.
        cfg: configuration of the run; the device, the precision and the clipping are those of ``trainer``.
        fitter: where checkpoints are kept.
    """
    hparams: Any = dict(network.hparams)
    about = f"{type(network).__name__} {sorted(hparams.items())}"
    folder = fitter.checkpoints / FOLDER / hashlib.sha256(about.encode()).hexdigest()[:12]
    last = folder / "last.ckpt"
    stamp = read_stamp(last) if last.is_file() else None
    goes_on = stamp is not None and stamp.run == fitter.run
    folder.mkdir(parents=True, exist_ok=True)
    options = cfg.trainer
    devices = options.devices[:1] if isinstance(options.devices, list) else 1
    trainer = build_trainer(
        replace(
            options,
            max_epochs=hparams.get("epochs") or options.max_epochs,
            devices=devices,
            num_nodes=1,
            strategy="auto",
        ),
        replace(cfg.callbacks, monitor="val/mse", mode="min", patience=None),
        logger=FitClock(fitter.run, before=stamp.seconds if stamp is not None and goes_on else 0.0),
        checkpoints=folder,
        weights=getattr(network, "ends_with", "best"),
    )
    tell_axis(network, data)
    seed_everything(cfg.seed, workers=True, verbose=False)  # whatever the run's own model has drawn
    return fit_spectra(network, data, trainer, resume_from=last if goes_on else None)
