"""Whole weights of a network that FSDP has cut up among the processes, and the norm of its gradients."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pytorch_lightning import Callback, LightningModule, Trainer
from pytorch_lightning.strategies import FSDPStrategy


@contextmanager
def whole_weights(trainer: Trainer) -> Iterator[None]:
    """Let every process have all weights inside the block, as it has those of any other network; changes stay."""
    if isinstance(trainer.strategy, FSDPStrategy):
        # here, because a third of a second is long for a run on one device
        from torch.distributed.fsdp import FullyShardedDataParallel

        assert trainer.strategy.model is not None
        with FullyShardedDataParallel.summon_full_params(trainer.strategy.model):
            yield
    else:
        yield


def unsharded(model: LightningModule, trainer: Trainer) -> LightningModule:
    """Return a network that can predict after a fit, when the other processes are gone: with the best weights."""
    if not isinstance(trainer.strategy, FSDPStrategy):
        return model
    checkpoint: Any = trainer.checkpoint_callback
    whole = type(model)(**model.hparams)
    whole.load_state_dict(checkpoint.best_weights)
    return whole


class ShardedClipping(Callback):
    """Scales down gradients whose norm exceeds a limit; Lightning cannot, for a process has only a part of them.

    Args:
        limit: largest norm.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit

    def on_before_optimizer_step(self, trainer: Trainer, *_: Any) -> None:
        """Clip, when Lightning would."""
        from torch.distributed.fsdp import FullyShardedDataParallel

        assert isinstance(trainer.strategy.model, FullyShardedDataParallel)
        trainer.strategy.model.clip_grad_norm_(self.limit)
