"""A training whose processes torchrun or srun started, on one machine or several."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lightning_fabric.plugins.environments.slurm import SLURMEnvironment
from lightning_fabric.plugins.environments.torchelastic import TorchElasticEnvironment

from remanence.training.ranks import Ranks, process_group


class External(Ranks):
    """One of them; each was started by the same command, and rank 0 tells the others what to do.

    Args:
        arguments: of the work, from rank 0.
    """

    def __init__(self, arguments: tuple[Any, ...] = ()) -> None:
        # requeueing a job is the launcher's, not Lightning's
        own = TorchElasticEnvironment() if TorchElasticEnvironment.detect() else SLURMEnvironment(auto_requeue=False)
        super().__init__(own)
        self.arguments = arguments

    @contextmanager
    def joined(self, identity: str) -> Iterator[None]:
        """Train together inside the block, which the others leave for good."""
        if self.rank:
            self.check(identity)
            yield
            return
        with self._connected():
            self.gather(self.arguments)
            self.check(identity)
            yield

    def follow(self, work: Callable[..., None]) -> None:
        """Do what rank 0 does, with the arguments that it hands over."""
        with self._connected():
            work(self, *self.gather(())[0])

    def _connected(self) -> Any:
        _ = self.environment.main_address, self.environment.main_port  # SLURM's become known by asking
        return process_group(self.rank, self.size)
