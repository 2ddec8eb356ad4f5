"""The processes that share one training: the rank of this process, and how the processes communicate."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psutil
import torch.distributed as dist
from lightning_fabric.plugins import ClusterEnvironment
from torch.distributed.distributed_c10d import Store

T = TypeVar("T")

LOCALHOST = "127.0.0.1"


class OneMachine(ClusterEnvironment):
    """Tells Lightning the rank of this process among the processes that a run has started on its machine.

    Without it, Lightning would start the processes itself by repeating the command line of this process. In a sweep
    that is the command of the whole sweep. On a cluster, Lightning would also take a run of one process for one of as
    many processes as the job has tasks.

    Args:
        rank: rank of this process; 0 is the process of the run itself.
        size: number of processes.
        port: TCP port at which rank 0 listens.
    """

    def __init__(self, rank: int = 0, size: int = 1, port: int = 0) -> None:
        self.rank, self.size, self.port = rank, size, port

    @property
    def creates_processes_externally(self) -> bool:
        """True: Lightning has no process to start."""
        return True

    @property
    def main_address(self) -> str:
        """Loopback address of this machine."""
        return LOCALHOST

    @property
    def main_port(self) -> int:
        """TCP port at which rank 0 listens."""
        return self.port

    @staticmethod
    def detect() -> bool:
        """Return False: this environment is always given, so that Lightning never has to detect it."""
        return False

    def world_size(self) -> int:
        """Return the number of processes."""
        return self.size

    def set_world_size(self, size: int) -> None:
        """Do nothing: the value is known from the start."""

    def global_rank(self) -> int:
        """Return the rank of this process."""
        return self.rank

    def set_global_rank(self, rank: int) -> None:
        """Do nothing: the value is known from the start."""

    def local_rank(self) -> int:
        """Return the rank of this process on this machine, which decides its device."""
        return self.rank

    def node_rank(self) -> int:
        """Return 0: there is one machine."""
        return 0


class Ranks:
    """The processes that share a training, as one of them sees them; this base class is for a single process.

    Args:
        environment: environment that knows the rank of this process.
    """

    def __init__(self, environment: ClusterEnvironment | None = None) -> None:
        self.environment = environment or OneMachine()

    @property
    def rank(self) -> int:
        """Rank of this process; rank 0 tracks the run and writes its files."""
        return self.environment.global_rank()

    @property
    def size(self) -> int:
        """Number of processes."""
        return self.environment.world_size()

    @contextmanager
    def joined(self, identity: str, *arguments: Any) -> Iterator[None]:
        """Train together inside the block.

        Args:
            identity: hash of the configuration, on which all processes must agree.
            *arguments: arguments of the work of the other processes, after their ranks; rank 0 provides them.

        Raises:
            RuntimeError: if the processes do not agree on ``identity``.
        """
        yield

    def gather(self, value: T) -> list[T]:
        """Return the values of all processes, in the order of ranks; every process must call this."""
        if self.size == 1:
            return [value]
        values: list[Any] = [None] * self.size
        dist.all_gather_object(values, value)
        return values

    def share(self, count: int) -> range:
        """Return the consecutive items out of ``count`` that belong to this process, divided as evenly as possible."""
        return range(count * self.rank // self.size, count * (self.rank + 1) // self.size)

    def check(self, identity: str) -> None:
        """Raise RuntimeError unless all processes have the same ``identity``."""
        for rank, other in enumerate(identities := self.gather(identity)):
            if other != identities[0]:
                raise RuntimeError(f"rank {rank} has another configuration ({other}) than rank 0 ({identities[0]})")


ALONE = Ranks()


@contextmanager
def process_group(rank: int, size: int, store: Store, *, on_gpu: bool = False) -> Iterator[None]:
    """Connect the processes inside the block.

    Args:
        rank: rank of this process.
        size: number of processes.
        store: key-value store through which the processes find each other.
        on_gpu: whether the processes train on CUDA devices; only rank 0 has to know, and it tells the others.
    """
    if rank == 0:  # on CPUs gloo alone: only then Lightning avoids what gloo cannot do
        store.set("backend", "cpu:gloo,cuda:nccl" if on_gpu else "gloo")
    backend = store.get("backend").decode()
    # a lost device ends the operations that wait for it but not this process, which has to record how the run ended
    os.environ.setdefault("TORCH_NCCL_ASYNC_ERROR_HANDLING", "2")
    dist.init_process_group(backend, rank=rank, world_size=size, store=store)
    try:
        yield
    except BaseException:
        dist.group.WORLD.abort()  # type: ignore[union-attr]  # an orderly end would wait for processes that wait for us
        raise
    finally:
        dist.destroy_process_group()


@contextmanager
def on_loopback() -> Iterator[None]:
    """Let the processes of one machine communicate over the loopback interface, without a network."""
    names = [name for name, own in psutil.net_if_addrs().items() if any(entry.address == LOCALHOST for entry in own)]
    before = os.environ.get("GLOO_SOCKET_IFNAME")
    if names:
        os.environ["GLOO_SOCKET_IFNAME"] = names[0]
    try:
        yield
    finally:
        os.environ.pop("GLOO_SOCKET_IFNAME", None)
        if before is not None:
            os.environ["GLOO_SOCKET_IFNAME"] = before
