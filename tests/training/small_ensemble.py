"""Ensembles trained in a fraction of a second, for the tests of this folder."""

from small_training import make_model

from remanence.foundation.threads import one_thread
from remanence.training.stacked.stacked_trainer import StackedTrainer
from remanence.training.stacked.stacked_training import Schedule


def make_trainer(*, max_epochs=3, log=lambda metrics, epoch: None, **arguments):
    """Return a trainer of small ensembles; keyword arguments replace its settings."""
    schedule = Schedule(max_epochs=max_epochs, batch_size=8)
    given = {"folds": 3, "repeats": 2, "per_target": True, "coverage": 0.9, "seed": 0, **arguments}
    return StackedTrainer(schedule=schedule, log=log, **given)


def fit(data, model=None, *, drawn=(), **arguments):
    """Train ensembles on every fold of ``data``."""
    with one_thread():
        return make_trainer(**arguments).fit(model or make_model(), data, drawn)
