"""The stages of the training of a β-VAE: β, λ, active units, and the stage that the refinement starts from."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pytorch_lightning import Callback, Trainer

from remanence.configuration.configuration import Configuration
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.errors import ConfigurationError
from remanence.models.beta_vae import BetaVAE
from remanence.science.unmixing.active_units import active, choose_stage, kl_per_latent, natural_number
from remanence.science.unmixing.intrinsic_dimension import intrinsic_dimension
from remanence.studies.spectra.revival import revive
from remanence.training.beta_schedule import BetaSchedule, calibrated_step
from remanence.training.checkpoint import Checkpoint
from remanence.training.checkpoint_file import read_checkpoint, write_checkpoint
from remanence.training.options import BetaSchedule as BetaScheduleOptions
from remanence.training.sharded import whole_weights
from remanence.training.stamp import KEY, stamped_by
from remanence.training.trainer import build_trainer


@dataclass
class Stage:
    """The result of a finished stage."""

    number: int
    epoch: int
    """Last epoch of the stage, counted from 0."""
    beta: float
    mse: float
    """Mean squared error of the validation spectra, decoded from their mean latents."""
    active_units: int


class Staging(Callback):
    """Callback that follows a ``BetaSchedule``.

    The checkpoint contains the state of the callback, so that a resumed training run has the same result.

    Args:
        schedule: schedule of β, λ and the learning rate.
        spectra: spectra on which active units are counted, shape (n, steps, channels).
        training: spectra whose intrinsic dimension is estimated and from which latents that were switched off are
            revived, shape (n, steps, channels).
        folder: folder for the checkpoint of each stage.
        checkpoint: callback that keeps the best weights; a new stage makes it forget those of earlier stages.
    """

    def __init__(
        self,
        schedule: BetaSchedule,
        spectra: np.ndarray,
        *,
        training: np.ndarray,
        folder: Path,
        checkpoint: Checkpoint,
    ) -> None:
        self.schedule, self.spectra, self.training = schedule, spectra, training
        self.folder, self.checkpoint = folder, checkpoint
        self.stages: list[Stage] = []
        self.chosen: Stage | None = None
        self.step: float | None = None
        self.kl: list[list[float]] = []
        """KL divergence of each latent in nats, one row per epoch."""
        self.betas: list[float] = []
        self._mean_kl = self._mean_mse = 0.0

    def on_train_epoch_start(self, trainer: Trainer, model: BetaVAE) -> None:  # type: ignore[override]
        """Set β and λ; at the beginning of a stage, prepare weights and optimiser as the schedule says."""
        epoch, schedule = trainer.current_epoch, self.schedule
        if schedule.begins_stage(epoch) and schedule.kind != "none":
            if schedule.stage(epoch) == -1:
                with whole_weights(trainer):
                    self._begin_refinement(trainer, model)
            else:
                if schedule.reload_best and self.checkpoint.best_weights:
                    with whole_weights(trainer):
                        model.load_state_dict(self.checkpoint.best_weights)
                if schedule.reset_optimizer:
                    forget_moments(trainer)
                self.checkpoint.forget()
        if schedule.calibrates and schedule.stage(epoch) == 1 and self.step is None:
            self.step = calibrated_step(self._mean_mse, self._mean_kl, schedule.share)
        if schedule.revives(epoch) and isinstance(model, BetaVAE):
            with whole_weights(trainer):
                self._revive(model, self.chosen.epoch if self.chosen and epoch == schedule.rise_end else epoch - 1)
        beta = schedule.beta(epoch, step=self.step, chosen=self.chosen.beta if self.chosen else None)
        model.free_nats = schedule.free(epoch)
        model.beta.fill_(beta)
        model.l1.fill_(schedule.penalty(epoch, beta))
        self.betas.append(beta)

    def on_train_batch_start(self, trainer: Trainer, model: BetaVAE, batch: Any, batch_index: int) -> None:  # type: ignore[override]
        """Set the learning rate."""
        fraction = trainer.current_epoch + batch_index / trainer.num_training_batches
        for group in trainer.optimizers[0].param_groups:
            group["lr"] = model.hparams["lr"] * self.schedule.lr_factor(fraction)

    def on_validation_epoch_end(self, trainer: Trainer, model: BetaVAE) -> None:  # type: ignore[override]
        """Count the active units."""
        with whole_weights(trainer):
            kl = kl_per_latent(*model.posterior(self.spectra))
        self.kl.append(kl.tolist())
        model.log_dict({"val/kl": float(kl.mean()), "val/active_units": float(active(kl).sum())}, sync_dist=True)
        model.log("beta", float(model.beta), sync_dist=True)

    def on_train_epoch_end(self, trainer: Trainer, model: BetaVAE) -> None:  # type: ignore[override]
        """At the end of a stage, save its weights."""
        values = trainer.callback_metrics
        self._mean_kl, self._mean_mse = float(values["train/kl"]), float(values["train/mse"])
        epoch, schedule = trainer.current_epoch, self.schedule
        if schedule.kind == "none" or not schedule.ends_stage(epoch):
            return
        units = int(active(np.asarray(self.kl[-1])).sum())
        stage = Stage(schedule.stage(epoch), epoch, float(model.beta), float(values["val/mse"]), units)
        self.stages.append(stage)
        with whole_weights(trainer):
            if trainer.is_global_zero:
                write_checkpoint({**model.state_dict(), **stamped_by(trainer.logger)()}, stage_file(self.folder, stage))
            trainer.strategy.barrier()  # the other ranks may read the file right away
            if epoch + 1 == schedule.max_epochs:
                self.choose(model)

    @property
    def risen(self) -> list[Stage]:
        """The stages after the warm-up; the warm-up if there are none."""
        return [stage for stage in self.stages if stage.number > 0] or self.stages

    def number(self, latents: int) -> int:
        """Return the number of latents to keep, of a network with so many: what is wanted, or what is found."""
        if self.schedule.wanted:
            return self.schedule.wanted
        found = intrinsic_dimension(self.training).number(latents) if self.schedule.number == "dimension" else None
        return found or self.natural_number(latents)

    def natural_number(self, latents: int) -> int:
        """Return the number of active units that β left by itself, of a network with so many latents."""
        # the stages do not begin with the warm-up, so the number of latents has to be passed as well
        return natural_number([stage.active_units for stage in self.risen], latents=latents)

    def choose(self, model: BetaVAE) -> Stage:
        """Load the weights of the stage with the wanted, or the natural, number of active units into ``model``."""
        risen = self.risen
        counts = np.array([stage.active_units for stage in risen])
        errors = np.array([stage.mse for stage in risen])
        if not np.isfinite(errors).any():
            raise FloatingPointError("training diverged: no stage has a finite error; try a smaller model.lr")
        self.chosen = risen[choose_stage(counts, errors, self.number(len(model.mask)))]
        load_stage(model, self.folder, self.chosen)
        self.checkpoint.forget()
        self.checkpoint.keep(model, self.chosen.epoch)
        return self.chosen

    def _begin_refinement(self, trainer: Trainer, model: BetaVAE) -> None:
        """Mask all latents except the strongest ones of the chosen stage, and reset the optimiser."""
        chosen = self.choose(model)
        kl = np.asarray(self.kl[chosen.epoch])
        number = self.schedule.wanted or chosen.active_units
        if self.schedule.wanted is None and self.schedule.number == "dimension":
            # a number that was found, not wanted, is no reason to keep latents that hold nothing at any stage
            number = min(self.number(len(kl)), chosen.active_units)
        if not number:
            raise ConfigurationError(
                "beta_schedule: no latent is active after any stage, nothing is left to refine; "
                "lower beta_schedule.peak or step, or give beta_schedule.wanted"
            )
        kept = np.argsort(kl)[::-1][:number]
        model.mask.zero_()
        model.mask[torch.as_tensor(kept.copy(), device=model.mask.device)] = 1.0
        forget_moments(trainer)
        self.checkpoint.forget()

    def _revive(self, model: BetaVAE, epoch: int) -> None:
        """Revive the kept latents that were switched off at the end of an epoch."""
        off = (model.mask.cpu().numpy() > 0) & ~active(self.kl[epoch])
        if off.any():
            revive(model, self.training, np.flatnonzero(off))

    def state_dict(self) -> dict[str, Any]:
        """Return the state as plain values, which torch loads with ``weights_only=True``."""
        return {
            "stages": [asdict(stage) for stage in self.stages],
            "chosen": asdict(self.chosen) if self.chosen else None,
            "step": self.step,
            "kl": self.kl,
            "betas": self.betas,
            "means": (self._mean_kl, self._mean_mse),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the state that ``state_dict`` returned."""
        self.stages = [Stage(**stage) for stage in state_dict["stages"]]
        self.chosen = Stage(**state_dict["chosen"]) if state_dict["chosen"] else None
        self.step, self.kl, self.betas = state_dict["step"], state_dict["kl"], state_dict["betas"]
        self._mean_kl, self._mean_mse = state_dict["means"]


SCHEDULED = ("beta", "l1", "mask", "posterior")
"""Attributes and methods of a network that a schedule sets and reads; ``BetaVAE`` has them."""


def follows_schedule(model: Any) -> bool:
    """Return whether a network has everything that a schedule of β sets and reads."""
    return all(hasattr(model, name) for name in SCHEDULED) and getattr(model, "has_prior", True)


def check_schedule(schedule: BetaScheduleOptions, model: Any) -> None:
    """Refuse a schedule for a network without β, and more latents than a network has.

    Args:
        schedule: options of the schedule, see ``conf/beta_schedule``.
        model: untrained model.

    Raises:
        ConfigurationError: if the network lacks something that the schedule sets or reads, or has fewer latents than
            are wanted.
    """
    asked = [key for key, neutral in (("kind", "none"), ("cosine", False)) if getattr(schedule, key) != neutral]
    if asked and not follows_schedule(model):
        missing = ", ".join(name for name in SCHEDULED if not hasattr(model, name)) or "prior"
        raise ConfigurationError(
            f"beta_schedule.{asked[0]}: {type(model).__name__} has no {missing} for a schedule to set and read, got "
            f"{getattr(schedule, asked[0])}; add beta_schedule=none"
        )
    wanted = getattr(schedule, "wanted", None)
    if wanted is not None and wanted > len(model.mask):
        raise ConfigurationError(
            f"beta_schedule.wanted: should be at most model.latents={len(model.mask)}, got {wanted}"
        )


def build_staged_trainer(data: OpenedSpectra, cfg: Configuration, *, checkpoints: Path, **given: Any) -> Trainer:
    """Return Lightning's trainer with the schedule of β.

    Args:
        data: opened spectra; active units are counted on the validation pixels.
        cfg: checked configuration; ``trainer``, ``callbacks`` and ``beta_schedule`` are read.
        checkpoints: folder of the run's checkpoints.
        **given: further arguments of ``build_trainer``.
    """
    schedule = BetaSchedule(**vars(cfg.beta_schedule), max_epochs=cfg.trainer.max_epochs)
    trainer = build_trainer(cfg.trainer, cfg.callbacks, checkpoints=checkpoints, weights=schedule.weights, **given)
    checkpoint = trainer.checkpoint_callback
    assert isinstance(checkpoint, Checkpoint)
    counted, learnt = data.x[data.fold.validation], data.x[data.fold.train]
    staging = Staging(schedule, counted, training=learnt, folder=checkpoints, checkpoint=checkpoint)
    # first, because the checkpoint callback must save the state after the schedule has changed it
    trainer.callbacks.insert(0, staging)  # type: ignore[attr-defined]
    return trainer


def stage_file(folder: Path, stage: Stage) -> Path:
    """Return the path of the file with the weights of a stage."""
    return folder / f"stage_{stage.number:03d}.ckpt"


def load_stage(model: BetaVAE, folder: Path, stage: Stage) -> None:
    """Load the weights of a stage into ``model``."""
    state = read_checkpoint(stage_file(folder, stage), model.device)
    model.load_state_dict({name: value for name, value in state.items() if name != KEY})


@contextmanager
def own_weights_kept(model: BetaVAE) -> Iterator[None]:
    """Restore the weights of ``model`` after the block, which may load other weights into it."""
    own = {name: value.clone() for name, value in model.state_dict().items()}
    try:
        yield
    finally:
        model.load_state_dict(own)


def forget_moments(trainer: Trainer) -> None:
    """Reset the optimiser, because its moments belong to another loss."""
    for optimizer in trainer.optimizers:
        optimizer.state.clear()
