"""Starting a training from the best weights of another run."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytorch_lightning import Callback, LightningModule, Trainer
from torch import Tensor, nn

from remanence.errors import ConfigurationError
from remanence.foundation.damage import reading
from remanence.training.checkpoint_file import read_checkpoint
from remanence.training.fitter import Weights
from remanence.training.stacked.course import ALONE_WEIGHTS
from remanence.training.stacked.members import Member
from remanence.training.stacked.stacked_training import Adapt

NETWORK = "best"
STACK = "last"
AUGMENTED = "augmented"
"""Names of the checkpoints of one network, of stacked members, and of their second training on drawn rows.

In a chain, the checkpoint of each scale has the name of the scale.
"""


def read_weights(folder: Path, names: Iterable[str]) -> dict[str, Weights]:
    """Return the best weights in the checkpoints of a run, by the name of the checkpoint.

    Checkpoints that do not exist are left out. A network whose training was interrupted has no ``best.ckpt``; its
    ``last.ckpt`` holds the best weights so far.

    Raises:
        ConfigurationError: if weights are not finite.
    """
    found = {}
    for name in names:
        paths = [folder / f"{name}.ckpt", *([folder / f"{STACK}.ckpt"] if name == NETWORK else [])]
        path = next((path for path in paths if path.is_file()), None)
        if path is not None:
            with reading(path):
                found[name] = _best(read_checkpoint(path))
            if any(value.is_floating_point() and bool(value.isnan().any()) for value in found[name].values()):
                raise ConfigurationError(f"{path}: its weights are not finite: the file is damaged")
    return found


def _best(checkpoint: Mapping[str, Any]) -> Weights:
    if ALONE_WEIGHTS in checkpoint:  # written by a network that was trained beside those of other runs
        return checkpoint[ALONE_WEIGHTS]  # type: ignore[no-any-return]
    if "best_weights" in checkpoint:  # written by stacked members
        return checkpoint["best_weights"]  # type: ignore[no-any-return]
    for state in checkpoint.get("callbacks", {}).values():
        if state.get("weights"):
            return state["weights"]  # type: ignore[no-any-return]
    return checkpoint["state_dict"]  # type: ignore[no-any-return]


class FirstWeights(Callback):
    """Loads weights when the model is set up; Lightning does that before it restores a checkpoint."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Load the weights before a fit."""
        if stage == "fit":
            pl_module.load_state_dict(self.weights)


def beginning_with(weights: Weights | None, adapt: Adapt | None = None, *, finer: Sequence[str] = ()) -> Adapt | None:
    """Return a function that calls ``adapt`` on an untrained stack and then loads ``weights`` into it.

    Args:
        weights: weights of all members; None returns ``adapt`` alone.
        adapt: function that puts the trained finer scales into the stack of a coarser scale.
        finer: names of the finer scales, which keep the weights and the z-scores of latents that this run gave them.
    """
    if weights is None:
        return adapt

    def load(network: nn.Module, x: Tensor, members: Sequence[Member]) -> None:
        if adapt is not None:
            adapt(network, x, members)
        kept = tuple(f"scales.{name}." for name in finer)
        own = {
            name: value
            for name, value in weights.items()
            if not name.startswith(kept) and ".parent_scaler." not in name
        }
        network.load_state_dict({**network.state_dict(), **own})

    return load
