"""Whole weights and gradient norm of a network that FSDP has sharded among the processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pytorch_lightning import Callback, LightningModule, Trainer
from pytorch_lightning.strategies import FSDPStrategy


@contextmanager
def whole_weights(trainer: Trainer) -> Iterator[None]:
    """Gather all weights in every process inside the block; changes made there are kept. Without FSDP, do nothing."""
    if isinstance(trainer.strategy, FSDPStrategy):
        # imported here, because it takes a third of a second, which is long for a run on one device
        from torch.distributed.fsdp import FullyShardedDataParallel

        assert trainer.strategy.model is not None
        with FullyShardedDataParallel.summon_full_params(trainer.strategy.model):
            yield
    else:
        yield


def unsharded(model: LightningModule, trainer: Trainer) -> LightningModule:
    """Return a whole network with the best weights, which can predict when the other processes have ended."""
    if not isinstance(trainer.strategy, FSDPStrategy):
        return model
    checkpoint: Any = trainer.checkpoint_callback
    whole = type(model)(**model.hparams)
    whole.load_state_dict(checkpoint.best_weights)
    return whole


class ShardedClipping(Callback):
    """Scales down gradients whose norm exceeds a limit.

    Lightning cannot do this with FSDP, where a process holds only a part of the gradients.

    Args:
        limit: largest norm of the gradient.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit

    def on_before_optimizer_step(self, trainer: Trainer, *_: Any) -> None:
        """Clip at the point where Lightning would."""
        from torch.distributed.fsdp import FullyShardedDataParallel

        assert isinstance(trainer.strategy.model, FullyShardedDataParallel)
        trainer.strategy.model.clip_grad_norm_(self.limit)
