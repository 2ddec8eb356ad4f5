"""What weights a training begins with, told before anything is trained."""

from collections.abc import Mapping
from typing import Any

from pytorch_lightning import LightningModule

from remanence.data.nested.chain import Chain
from remanence.data.spectra.spectra import Spectra
from remanence.data.table import Table
from remanence.models.stacked import stack
from remanence.training.initial_weights import NETWORK, STACK, Weights
from remanence.training.members import plan_members

Shapes = dict[str, tuple[int, ...]]


def untrained_shapes(
    model: LightningModule, data: Table | Spectra | Chain, ensemble: Mapping[str, Any], *, seed: int
) -> dict[str, Shapes]:
    """Return the shape of every weight that a training begins with, by the name of the checkpoint.

    Args:
        model: untrained.
        data: opened.
        ensemble: see ``conf/ensemble``.
        seed: of the run.
    """
    if isinstance(data, Chain):
        planned = {**ensemble, "per_target": False}
        return {name: _stacked(model.ending_in(name), level, planned, seed) for name, level in data.levels.items()}  # type: ignore[operator]
    if isinstance(data, Table) and (ensemble["folds"] * ensemble["repeats"] > 1 or len(data.folds) > 1):
        return {STACK: _stacked(model, data, ensemble, seed)}
    return {NETWORK: shapes(model.state_dict())}


def shapes(weights: Weights) -> Shapes:
    """Return the shape of each weight."""
    return {name: tuple(value.shape) for name, value in weights.items()}


def _stacked(model: LightningModule, data: Table, ensemble: Mapping[str, Any], seed: int) -> Shapes:
    arguments = {key: ensemble[key] for key in ("folds", "repeats", "per_target")}
    members = plan_members(data, **arguments, seed=seed)
    network = type(model)(**{**model.hparams, **({"n_targets": 1} if ensemble["per_target"] else {})})
    return {name: (len(members), *shape[1:]) for name, shape in shapes(stack([network]).state_dict()).items()}
