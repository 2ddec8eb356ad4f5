"""Starting a training from weights that another run ended with."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from pytorch_lightning import Callback, LightningModule, Trainer
from torch import Tensor, nn

from remanence.training.fitter import Weights
from remanence.training.members import Member
from remanence.training.stacked_fit import Adapt

NETWORK = "best"
STACK = "last"
AUGMENTED = "augmented"
"""Checkpoints of one network, of stacked members and of their second training on drawn rows; each scale of a chain has
one of its own name."""


def read_weights(folder: Path, names: Iterable[str]) -> dict[str, Weights]:
    """Return the best weights in the checkpoints of a run, by the name of the checkpoint; those that are there.

    A network whose training was interrupted has no ``best.ckpt``; its ``last.ckpt`` knows the best weights so far.
    """
    found = {}
    for name in names:
        paths = [folder / f"{name}.ckpt", *([folder / f"{STACK}.ckpt"] if name == NETWORK else [])]
        path = next((path for path in paths if path.is_file()), None)
        if path is not None:
            found[name] = _best(torch.load(path, map_location="cpu", weights_only=True))
    return found


def _best(checkpoint: Mapping[str, Any]) -> Weights:
    if "best_weights" in checkpoint:  # of stacked members
        return checkpoint["best_weights"]  # type: ignore[no-any-return]
    for state in checkpoint.get("callbacks", {}).values():
        if state.get("weights"):
            return state["weights"]  # type: ignore[no-any-return]
    return checkpoint["state_dict"]  # type: ignore[no-any-return]


class FirstWeights(Callback):
    """Loads weights once the model is set up, which Lightning does before it restores a checkpoint."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Load the weights before a fit."""
        if stage == "fit":
            pl_module.load_state_dict(self.weights)


def beginning_with(weights: Weights | None, adapt: Adapt | None = None, *, finer: Sequence[str] = ()) -> Adapt | None:
    """Return what puts ``weights`` into an untrained stack, after ``adapt``.

    Args:
        weights: of all members; None leaves the stack as it is.
        adapt: makes a coarser scale stand on the finer ones.
        finer: names of these. They keep the weights that this run has given them, and the z-scores of their latents.
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
