"""A training of a fraction of a second, for the tests of this folder."""

from dataclasses import replace

from pytorch_lightning import seed_everything
from pytorch_lightning.loggers.logger import DummyLogger

from remanence.data.nbbt import NBBT
from remanence.models.dnn import DNN
from remanence.training.checkpoint import Checkpoint
from remanence.training.options import Callbacks, Trainer
from remanence.training.trainer import build_trainer

SPLIT = {"folds": 5, "fold": 0, "validation": 0.2, "bins": 5, "seed": 0}
KFOLD = {"kind": "kfold", "folds": 3, "repeats": 1, "validation": 0.2, "bins": 5, "seed": 0}
TRAINER = Trainer(
    max_epochs=6,
    accelerator="cpu",
    devices=1,
    num_nodes=1,
    strategy="auto",
    precision="32-true",
    gradient_clip_val=None,
    deterministic=True,
    enable_progress_bar=False,
)
CALLBACKS = Callbacks(monitor="val/loss", mode="min", patience=None, min_delta=0.0, checkpoint_seconds=1e9)


def open_data(**arguments):
    """Return 42 rows, 27 of them for training in four batches."""
    given = {"series": ["NS", "QS", "Sr", "Bi"], "replicates": 2, "target": ["d33", "eps_r"], "batch_size": 8}
    given |= {"features": ["x", "lph_slope"], "split": SPLIT}
    return NBBT(**given | arguments).open()


def make_model(seed=0, **arguments):
    """Return a small network; also seeds what the training will draw."""
    seed_everything(seed, verbose=False)
    return DNN(n_features=2, n_targets=2, **{"hidden": [8, 8], "lr": 0.05, **arguments})


def make_trainer(folder, *, max_epochs=6, weights="best", **callbacks):
    """Return a trainer whose checkpoints lie in ``folder``; keyword arguments replace ``CALLBACKS``."""
    return build_trainer(
        replace(TRAINER, max_epochs=max_epochs),
        replace(CALLBACKS, **callbacks),
        logger=DummyLogger(),
        checkpoints=folder,
        weights=weights,
    )


def checkpoint_of(trainer):
    """Return the checkpoint callback of a trainer."""
    return next(callback for callback in trainer.callbacks if isinstance(callback, Checkpoint))


def weights_of(model):
    """Return a copy of the weights."""
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def same(first, second):
    """Return whether two sets of weights are equal to the last bit."""
    return first.keys() == second.keys() and all(first[name].equal(second[name]) for name in first)
