"""Random generators in a checkpoint, so that a resumed run shuffles as an uninterrupted run does."""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from pytorch_lightning import Callback

from remanence.errors import ConfigurationError
from remanence.training.ranks import ALONE, Ranks


class RandomState(Callback):
    """Saves and restores the random states of torch, numpy and Python as tensors and plain values.

    Args:
        ranks: the processes that train together; each has generators of its own.
    """

    def __init__(self, ranks: Ranks = ALONE) -> None:
        self.ranks = ranks

    def state_dict(self) -> dict[str, Any]:
        """Return the states of all generators of all processes; they load with ``weights_only=True``."""
        return {"ranks": self.ranks.gather(generator_states())}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the states and keep them for the start of the fit; with FSDP this is called after that start."""
        self._saved = state_dict["ranks"]
        restore_generators(self._saved, self.ranks)

    def on_fit_start(self, *_: Any) -> None:
        """Restore the states again: setting up the model may have drawn, and the loader draws its seed from them."""
        restore_generators(self.__dict__.pop("_saved", []), self.ranks)


def restore_generators(states: Sequence[Mapping[str, Any]], ranks: Ranks) -> None:
    """Restore the generators of this process to saved states.

    Args:
        states: states of the processes of the saved run, as ``generator_states`` returned them. A process with a rank
            beyond these keeps the state that its seed gave it.
        ranks: the processes of this run.

    Raises:
        ConfigurationError: if an older version of remanence has written the states.
    """
    if ranks.rank >= len(states):
        return
    saved = states[ranks.rank]
    if not isinstance(saved, Mapping):
        raise ConfigurationError("resume: the checkpoint is of an older version of remanence; fork= takes its weights")
    torch.set_rng_state(saved["torch"].cpu())
    for number, state in enumerate(saved["cuda"][: torch.cuda.device_count()]):
        torch.cuda.set_rng_state(state.cpu(), number)
    kind, keys, *rest = saved["numpy"]
    np.random.set_state((kind, keys.numpy().astype(np.uint32), *rest))
    version, internal, gauss = saved["python"]
    random.setstate((version, tuple(internal), gauss))


@contextmanager
def undisturbed() -> Iterator[None]:
    """Restore the generators of this process after the block to the states before it."""
    before = generator_states()
    try:
        yield
    finally:
        restore_generators([before], ALONE)


def generator_states() -> dict[str, Any]:
    """Return the random states of torch, numpy and Python as tensors and plain values."""
    kind, keys, position, has_gauss, gauss = np.random.get_state()
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else [],  # type: ignore[no-untyped-call]
        "numpy": (
            str(kind),
            torch.as_tensor(np.asarray(keys, dtype=np.int64)),
            int(position),
            int(has_gauss),
            float(gauss),
        ),
        "python": random.getstate(),
    }
