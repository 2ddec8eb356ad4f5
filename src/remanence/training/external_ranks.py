"""A training whose processes torchrun or srun started, on one machine or several."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lightning_fabric.plugins.environments.slurm import SLURMEnvironment
from lightning_fabric.plugins.environments.torchelastic import TorchElasticEnvironment
from torch.distributed.rendezvous import rendezvous

from remanence.training.ranks import Ranks, process_group


class External(Ranks):
    """One of them; each was started by the same command, and rank 0 tells the others what to do.

    Args:
        on_gpu: whether they train on CUDA devices; rank 0 knows it.
    """

    def __init__(self, *, on_gpu: bool = False) -> None:
        # requeueing a job is the launcher's, not Lightning's
        own = TorchElasticEnvironment() if TorchElasticEnvironment.detect() else SLURMEnvironment(auto_requeue=False)
        super().__init__(own)
        self.on_gpu = on_gpu

    @contextmanager
    def joined(self, identity: str, *arguments: Any) -> Iterator[None]:
        """Train together inside the block, which the others leave for good."""
        if self.rank:
            self.check(identity)
            yield
            return
        with self._connected():
            self.gather(arguments)
            self.check(identity)
            yield

    def follow(self, work: Callable[..., None]) -> None:
        """Do what rank 0 does, with the arguments that it hands over."""
        with self._connected():
            work(self, *self.gather(())[0])

    def _connected(self) -> Any:
        _ = self.environment.main_address, self.environment.main_port  # SLURM's become known by asking
        store, *_ = next(rendezvous("env://", self.rank, self.size))
        return process_group(self.rank, self.size, store, on_gpu=self.on_gpu)
