"""What the processes of a training do in the tests of this folder; each is started with the name of a function."""

import multiprocessing
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import torch
from pytorch_lightning import Callback, seed_everything
from pytorch_lightning.loggers.logger import DummyLogger
from small_training import CALLBACKS, TRAINER, checkpoint_of, make_model, open_data, weights_of
from small_unmixing import CALLBACKS as STAGED_CALLBACKS
from small_unmixing import LINEAR, configuration, open_toy
from small_unmixing import TRAINER as STAGED_TRAINER
from small_unmixing import make_model as make_vae

from remanence.foundation.threads import one_thread
from remanence.studies.spectra.fit import fit_spectra
from remanence.studies.spectra.staging import build_staged_trainer, build_trainer
from remanence.training.fit import fit
from remanence.training.pruning import never
from remanence.training.report import Pruned

TWO = {"devices": 2}


def tell(ranks, folder, **values):
    """Leave what a process knows where the test finds it; nobody goes on before all have."""
    torch.save(values, Path(folder) / f"rank{ranks.rank}.pt")
    ranks.gather(None)


def greet(ranks, folder):
    """Say who is there."""
    with ranks.joined("abc", folder):
        ranks.gather(None)
        tell(ranks, folder, told=ranks.gather((ranks.rank, os.getpid(), os.environ.get("GREETING"), os.getcwd())))


def disagree(ranks, folder):
    """Have another configuration in each process."""
    with ranks.joined(f"of rank {ranks.rank}", folder):
        pass


def fail(ranks, folder, where, how):
    """Fail in one process in some way while the others wait for it."""
    if (how, ranks.rank) == ("before", where):
        raise ValueError("not even joined\nand more")
    with ranks.joined("abc", folder, where, how):
        ranks.gather(None)
        if ranks.rank == where:
            match how:
                case "raise":
                    raise ValueError("this one\nand more")
                case "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                case "exit":
                    os._exit(3)
        ranks.gather(None)


def wait_for_ever(ranks, folder):
    """Write down the number of each process and stay."""
    with ranks.joined("abc", folder):
        (Path(folder) / f"{ranks.rank}.pid").write_text(str(os.getpid()))
        while True:
            time.sleep(0.05)
            ranks.gather(None)


def alone(folder):
    """Be rank 0 of a training, in a process of its own that a test can kill."""
    from remanence.training.started_ranks import Lead

    wait_for_ever(Lead(2, wait_for_ever), folder)


def start_alone(folder):
    """Start ``alone``."""
    process = multiprocessing.get_context("forkserver").Process(target=alone, args=(folder,))
    process.start()
    return process


class Diary(Callback):
    """What a process sees and does."""

    def __init__(self):
        self.batches, self.metrics, self.noise = [], [], []

    def on_train_batch_start(self, trainer, model, batch, index):
        x = batch[0] if isinstance(batch, list | tuple) else batch
        self.batches.append((trainer.current_epoch, x.flatten(1)[:, :4].tolist()))

    def on_train_epoch_end(self, trainer, model):
        self.metrics.append({name: float(value) for name, value in trainer.callback_metrics.items()})
        self.noise.append(float(torch.rand(())))


class PowerCut(Callback):
    """Ends the training of a process in the middle of an epoch."""

    def on_train_batch_end(self, trainer, *_):
        if trainer.current_epoch == 3:
            raise RuntimeError("power cut")


def report_of(ranks, stop_after):
    """Return a report that says stop in rank 0 only."""
    if stop_after is None:
        return None
    return never if ranks.rank else lambda metrics, epoch: epoch == stop_after


def fit_table(ranks, folder, checkpoints, options):
    """Train a network on a table and tell what became of it."""
    data, model = open_data(), make_model(**options.get("model", {}))
    seed_everything(ranks.rank, verbose=False)
    trainer = build_trainer(
        replace(TRAINER, **TWO, max_epochs=options.get("max_epochs", 6)),
        replace(CALLBACKS, **{"checkpoint_seconds": 0.0, **options.get("callbacks", {})}),
        logger=None if ranks.rank else DummyLogger(),
        checkpoints=Path(checkpoints),
        report=report_of(ranks, options.get("stop_after")),
        ranks=ranks,
    )
    diary = Diary()
    trainer.callbacks.insert(0, diary)
    if ranks.rank == options.get("cut"):
        trainer.callbacks.insert(0, PowerCut())
    resume = options.get("resume_from")
    with ranks.joined("abc", folder, checkpoints, options), one_thread():
        try:
            fit(model, data, trainer, resume_from=None if resume is None else Path(resume))
        except Pruned as pruned:
            tell(ranks, folder, pruned=pruned.epochs, epochs=trainer.current_epoch)
            return
        tell(
            ranks,
            folder,
            batches=diary.batches,
            metrics=diary.metrics,
            noise=diary.noise,
            weights=weights_of(model),
            best=checkpoint_of(trainer).best_epoch,
            epochs=trainer.current_epoch,
        )


def fit_toy(ranks, folder, checkpoints, options):
    """Train a network on spectra by a schedule of β and tell what became of it."""
    data, model = open_toy(), make_vae()
    seed_everything(ranks.rank, verbose=False)
    cfg = configuration(
        trainer=replace(STAGED_TRAINER, **TWO),
        callbacks=STAGED_CALLBACKS,
        beta_schedule=replace(LINEAR, wanted=None),
    )
    trainer = build_staged_trainer(
        data, cfg, logger=None if ranks.rank else DummyLogger(), checkpoints=Path(checkpoints), ranks=ranks
    )
    diary = Diary()
    trainer.callbacks.insert(1, diary)
    if options.get("cut") is not None:
        trainer.callbacks.insert(0, PowerCut())
    resume = options.get("resume_from")
    with ranks.joined("abc", folder, checkpoints, options):
        unmixed = fit_spectra(model, data, trainer, resume_from=None if resume is None else Path(resume))
        tell(
            ranks,
            folder,
            batches=diary.batches,
            metrics=diary.metrics,
            noise=diary.noise,
            weights=weights_of(model),
            kl=torch.as_tensor(unmixed.kl_history),
            betas=torch.as_tensor(unmixed.beta_history),
            stages=[vars(stage) for stage in unmixed.stages],
            chosen=vars(unmixed.chosen),
        )
