"""Shapes of the weights that a training begins with, known before the training."""

from pytorch_lightning import LightningModule

from remanence.data.folded_rows import FoldedRows
from remanence.models.stacked import stack
from remanence.training.fitter import Weights
from remanence.training.options import Ensemble
from remanence.training.stacked.members import planned
from remanence.training.stacked.stackable import builder, how_to_stack, member_arguments

Shapes = dict[str, tuple[int, ...]]


def shapes(weights: Weights) -> Shapes:
    """Return the shape of each weight."""
    return {name: tuple(value.shape) for name, value in weights.items()}


def stacked_shapes(model: LightningModule, data: FoldedRows, ensemble: Ensemble, *, seed: int) -> Shapes:
    """Return the shape of each weight of the stack of all members.

    Args:
        model: untrained network with the class and the arguments of the members.
        data: rows and the folds that hold some of them out.
        ensemble: options of ``conf/ensemble``.
        seed: seed of the run.
    """
    members = planned(data, ensemble, seed=seed)
    build = builder(model, member_arguments(model, per_target=ensemble.per_target))
    stacked = stack([build()], how_to_stack(build, data.x, data.learnt, members))  # type: ignore[list-item]
    return {name: (len(members), *shape[1:]) for name, shape in shapes(stacked.state_dict()).items()}
