"""Random generators as part of a checkpoint, so that a resumed run shuffles as the uninterrupted one would have."""

import random
from typing import Any

import numpy as np
import torch
from pytorch_lightning import Callback

from remanence.training.ranks import ALONE, Ranks


class RandomState(Callback):
    """Saves and restores the states of torch, numpy and Python as tensors and plain values.

    Args:
        ranks: the processes that train together; each has generators of its own.
    """

    def __init__(self, ranks: Ranks = ALONE) -> None:
        self.ranks = ranks

    def state_dict(self) -> dict[str, Any]:
        """Return the states of all generators of all processes; loads with ``weights_only=True``."""
        return {"ranks": self.ranks.gather(_state())}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Keep the states until the model is set up."""
        self._saved = state_dict

    def on_fit_start(self, *_: Any) -> None:
        """Restore the states of a resumed checkpoint, before the loader of the next epoch draws its seed from them."""
        states = self.__dict__.pop("_saved", {"ranks": []})["ranks"]
        if self.ranks.rank >= len(states):  # one that was not there before begins from its seed
            return
        saved = states[self.ranks.rank]
        torch.set_rng_state(saved["torch"].cpu())
        if saved["cuda"] and torch.cuda.is_available():
            torch.cuda.set_rng_state_all([state.cpu() for state in saved["cuda"]])
        kind, keys, *rest = saved["numpy"]
        np.random.set_state((kind, keys.numpy().astype(np.uint32), *rest))
        version, internal, gauss = saved["python"]
        random.setstate((version, tuple(internal), gauss))


def _state() -> dict[str, Any]:
    kind, keys, position, has_gauss, gauss = np.random.get_state()
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "numpy": (
            str(kind),
            torch.as_tensor(np.asarray(keys, dtype=np.int64)),
            int(position),
            int(has_gauss),
            float(gauss),
        ),
        "python": random.getstate(),
    }
