"""A staged training of a second, for the tests of this folder."""

from dataclasses import replace
from functools import cache

import small_training
from pytorch_lightning import Callback, seed_everything
from pytorch_lightning.loggers.logger import DummyLogger

from remanence.configuration.compose import compose
from remanence.data.spectra.toy import Toy
from remanence.models.beta_vae import BetaVAE
from remanence.studies.kinds import checked
from remanence.studies.spectra.fit import fit_spectra
from remanence.studies.spectra.staging import Staging, build_staged_trainer
from remanence.training.options import Callbacks, Linear, NoSchedule, Staged

TRAINER = replace(small_training.TRAINER, max_epochs=10, gradient_clip_val=1.0)
CALLBACKS = Callbacks(monitor="val/mse", mode="min", patience=None, min_delta=0.0, checkpoint_seconds=0.0)
PLAIN = {
    "share": 0.6,
    "l1": False,
    "l1_in_warmup": False,
    "reset_optimizer": False,
    "reload_best": False,
    "refine_from": None,
    "refine_to": 1e-3,
    "cosine": False,
}
SHORT = PLAIN | {"warmup_epochs": 2, "stage_epochs": 2, "wanted": 2}
LINEAR = Linear(kind="linear", peak=0.5, refine_epochs=4, **SHORT)
"""Warm-up in epochs 0 and 1, stages of epochs 2-3 and 4-5, refinement in epochs 6 to 9."""
STAGED = Staged(kind="staged", step=None, refine_epochs=0, **SHORT)
"""Warm-up in epochs 0 and 1, four stages of two epochs."""
UNSCHEDULED = NoSchedule(kind="none", cosine=False)
MODEL = {"latents": 4, "units": 3, "blocks": 1, "layers": 1, "dense": 8, "patch": 5, "read_out": "all"}
MODEL |= {"positions": False, "inference_steps": 0, "weight_decay": 0.0}


@cache
def _composed():
    return checked(compose(["experiment=beps/toy"]))


def configuration(**nodes):
    """Return a checked configuration of spectra with other nodes."""
    return replace(_composed(), **nodes)


def open_toy(**arguments):
    """Return 60 colours for training, in four batches of which the last is smaller."""
    given = {
        "colours": 60,
        "validation": 20,
        "gamut": 20,
        "image_size": 4,
        "scaling": "step",
        "batch_size": 16,
        "mixup": 0.3,
    }
    return Toy(**given | arguments).open()


def make_model(seed=0, **arguments):
    """Return a small network; also seeds what the training will draw."""
    seed_everything(seed, verbose=False)
    return BetaVAE(steps=25, channels=1, **{**MODEL, "dropout": 0.1, "lr": 0.01, **arguments})


def make_trainer(data, folder, schedule, *, max_epochs=10, report=None, **callbacks):
    """Return a staged trainer whose checkpoints lie in ``folder``; keyword arguments replace ``CALLBACKS``."""
    cfg = configuration(
        trainer=replace(TRAINER, max_epochs=max_epochs),
        callbacks=replace(CALLBACKS, **callbacks),
        beta_schedule=schedule,
    )
    return build_staged_trainer(data, cfg, logger=DummyLogger(), checkpoints=folder, report=report)


def staging_of(trainer):
    """Return the staging of a trainer."""
    return next(callback for callback in trainer.callbacks if isinstance(callback, Staging))


def train(data, folder, schedule, *, seed=0, watchers=(), resume_from=None, model=(), **trainer_arguments):
    """Fit a small network and return what it is afterwards, its trainer and its staging."""
    network = make_model(seed, **dict(model))
    trainer = make_trainer(data, folder, schedule, **trainer_arguments)
    trainer.callbacks[1:1] = watchers  # after the staging, before the checkpoints
    unmixed = fit_spectra(network, data, trainer, resume_from=resume_from)
    return unmixed, trainer, staging_of(trainer)


class Diary(Callback):
    """What the network is like at the beginning and the end of each epoch."""

    def __init__(self):
        self.begun, self.ended, self.moments, self.beta, self.l1, self.lr, self.metrics = [], [], [], [], [], [], []

    def on_train_epoch_start(self, trainer, model):
        self.begun.append({name: value.detach().clone() for name, value in model.state_dict().items()})
        self.moments.append(len(trainer.optimizers[0].state))
        self.beta.append(float(model.beta))
        self.l1.append(float(model.l1))

    def on_train_batch_start(self, trainer, *_):
        self.lr.append(trainer.optimizers[0].param_groups[0]["lr"])

    def on_validation_end(self, trainer, model):
        self.ended.append({name: value.detach().clone() for name, value in model.state_dict().items()})

    def on_train_epoch_end(self, trainer, *_):
        self.metrics.append({name: float(value) for name, value in trainer.callback_metrics.items()})
