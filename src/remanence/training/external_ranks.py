"""A training whose processes torchrun or srun has started, on one machine or several."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lightning_fabric.plugins.environments.slurm import SLURMEnvironment
from lightning_fabric.plugins.environments.torchelastic import TorchElasticEnvironment
from torch.distributed.rendezvous import rendezvous

from remanence.training.ranks import Ranks, process_group


class External(Ranks):
    """One process of a training that a launcher has started.

    The launcher starts every process with the same command. Rank 0 tells the others what to do.

    Args:
        on_gpu: whether the processes train on CUDA devices; only rank 0 has to know.
    """

    def __init__(self, *, on_gpu: bool = False) -> None:
        # the launcher requeues a job, not Lightning
        own = TorchElasticEnvironment() if TorchElasticEnvironment.detect() else SLURMEnvironment(auto_requeue=False)
        super().__init__(own)
        self.on_gpu = on_gpu

    @contextmanager
    def joined(self, identity: str, *arguments: Any) -> Iterator[None]:
        """Train together inside the block; rank 0 alone goes on to work after it."""
        if self.rank:
            self.check(identity)
            yield
            return
        with self._connected():
            self.gather(arguments)
            self.check(identity)
            yield

    def follow(self, work: Callable[..., None]) -> None:
        """Run ``work`` beside rank 0, with the arguments that rank 0 hands over."""
        with self._connected():
            work(self, *self.gather(())[0])

    def _connected(self) -> Any:
        _ = self.environment.main_address, self.environment.main_port  # reading them makes SLURM's known
        store, *_ = next(rendezvous("env://", self.rank, self.size))
        return process_group(self.rank, self.size, store, on_gpu=self.on_gpu)
