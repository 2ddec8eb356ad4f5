"""The processes that share one training: who this one is among them, and what they tell each other."""

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
    """Tells Lightning the place of this process among those that a run started on its own machine.

    Lightning would otherwise start them itself, by typing the command line of this process again, which in a sweep is
    that of the sweep; and on a cluster it would take a run of one process for one of as many as the job has.

    Args:
        rank: of this process, 0 for that of the run itself.
        size: number of processes.
        port: at which rank 0 listens.
    """

    def __init__(self, rank: int = 0, size: int = 1, port: int = 0) -> None:
        self.rank, self.size, self.port = rank, size, port

    @property
    def creates_processes_externally(self) -> bool:
        """True: Lightning has none to start."""
        return True

    @property
    def main_address(self) -> str:
        """This machine."""
        return LOCALHOST

    @property
    def main_port(self) -> int:
        """Where rank 0 listens."""
        return self.port

    @staticmethod
    def detect() -> bool:
        """Return False: it is given, never found."""
        return False

    def world_size(self) -> int:
        """Return the number of processes."""
        return self.size

    def set_world_size(self, size: int) -> None:
        """Do nothing: it is known from the start."""

    def global_rank(self) -> int:
        """Return the place of this process."""
        return self.rank

    def set_global_rank(self, rank: int) -> None:
        """Do nothing: it is known from the start."""

    def local_rank(self) -> int:
        """Return the place of this process, and so which device is its."""
        return self.rank

    def node_rank(self) -> int:
        """Return 0: there is one machine."""
        return 0


class Ranks:
    """The processes that share a training, seen from one of them; here the only one.

    Args:
        environment: knows the place of this process.
    """

    def __init__(self, environment: ClusterEnvironment | None = None) -> None:
        self.environment = environment or OneMachine()

    @property
    def rank(self) -> int:
        """Place of this process; 0 tracks the run and writes its files."""
        return self.environment.global_rank()

    @property
    def size(self) -> int:
        """Number of processes."""
        return self.environment.world_size()

    @contextmanager
    def joined(self, identity: str, *arguments: Any) -> Iterator[None]:
        """Train together inside the block.

        Args:
            identity: what all must agree on: the hash of the configuration.
            *arguments: of what the others do, after their ranks; rank 0 knows them.

        Raises:
            RuntimeError: if they do not.
        """
        yield

    def gather(self, value: T) -> list[T]:
        """Return the values of all processes, in their order; each must call it."""
        if self.size == 1:
            return [value]
        values: list[Any] = [None] * self.size
        dist.all_gather_object(values, value)
        return values

    def share(self, count: int) -> range:
        """Return which of ``count`` things are this process's: consecutive ones, as evenly as they divide."""
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
        rank: of this process.
        size: number of processes.
        store: where they find each other.
        on_gpu: whether they train on CUDA devices; rank 0 knows it and tells the others.
    """
    if rank == 0:  # Lightning knows what gloo cannot do only where gloo is all there is
        store.set("backend", "cpu:gloo,cuda:nccl" if on_gpu else "gloo")
    backend = store.get("backend").decode()
    # a device that is lost ends what waits for it, but not the process: it has to write down how the run ended
    os.environ.setdefault("TORCH_NCCL_ASYNC_ERROR_HANDLING", "2")
    dist.init_process_group(backend, rank=rank, world_size=size, store=store)
    try:
        yield
    except BaseException:
        dist.group.WORLD.abort()  # type: ignore[union-attr]  # to leave in order is to wait for those who wait for us
        raise
    finally:
        dist.destroy_process_group()


@contextmanager
def on_loopback() -> Iterator[None]:
    """Let processes of one machine talk to each other without a network."""
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
