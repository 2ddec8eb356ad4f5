"""Starting the other processes of a training on this machine, and ending all of them with it."""

import os
import signal
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from multiprocessing.connection import Connection, wait
from typing import Any

import torch.distributed as dist
from torch.distributed import TCPStore  # type: ignore[attr-defined]

from remanence.training.forkserver import CONTEXT, PRELOADED, end_with_parent, start_server, without_main
from remanence.training.ranks import LOCALHOST, OneMachine, Ranks, on_loopback, process_group

PATIENCE = 5.0
"""Seconds within which a failed process is expected to have ended."""

Work = Callable[..., None]
"""Function that a process runs with its ``Ranks`` and further arguments; must be importable by name."""


class RankError(RuntimeError):
    """Another process of the training failed."""


class Lead(Ranks):
    """Rank 0 of a training on this machine; the other processes live only while it is inside ``joined``.

    Args:
        size: number of processes, rank 0 included.
        work: function that the other processes run; it must enter ``joined`` as rank 0 does.
        on_gpu: whether the processes train on CUDA devices.
    """

    def __init__(self, size: int, work: Work, *, on_gpu: bool = False) -> None:
        super().__init__(OneMachine(0, size))
        self.work, self.on_gpu = work, on_gpu

    @contextmanager
    def joined(self, identity: str, *arguments: Any) -> Iterator[None]:
        """Start the other processes, train with them inside the block, and end them after it.

        Raises:
            RankError: if another process failed; the message names its rank and the reason.
        """
        store = TCPStore(LOCALHOST, 0, is_master=True, wait_for_workers=False)
        others: list[_Other] = []
        try:
            for rank in range(1, self.size):
                others.append(_Other(OneMachine(rank, self.size, store.port), self.work, arguments))
            for other in others:
                other.wait_until_ready()
            noticing = _losses_end_waiting(others) if self.on_gpu else nullcontext()
            with on_loopback(), process_group(0, self.size, store, on_gpu=self.on_gpu), noticing:
                self.check(identity)
                yield
        except RuntimeError as error:
            failure = _first_failure(others) if _is_loss(error) else None
            if failure is None:
                raise
            raise failure from error
        finally:
            for other in others:
                other.end()


class Follower(Ranks):
    """A process that rank 0 started.

    Args:
        place: environment with the rank of this process.
        connection: pipe to rank 0.
    """

    def __init__(self, place: OneMachine, connection: Connection) -> None:
        super().__init__(place)
        self.port, self.connection = place.port, connection

    @contextmanager
    def joined(self, identity: str, *arguments: Any) -> Iterator[None]:
        """Train together with rank 0."""
        self.connection.send(None)
        store = TCPStore(LOCALHOST, self.port, is_master=False, wait_for_workers=False)
        with on_loopback(), process_group(self.rank, self.size, store):
            try:
                self.check(identity)
                yield
            except BaseException as error:  # before the waiting processes fail too
                self.fail(error)

    def fail(self, error: BaseException) -> None:
        """Report an error to rank 0 and end this process at once, so that the waiting processes notice."""
        line = (str(error).strip().splitlines() or [""])[0]
        self.connection.send((time.time(), f"{type(error).__name__}: {line}", traceback.format_exc()))
        os._exit(1)


class _Other:
    """Another process of the training, as rank 0 sees it."""

    def __init__(self, place: OneMachine, work: Work, arguments: tuple[Any, ...]) -> None:
        self.rank, self.is_ready = place.rank, False
        self.failed: tuple[float, RankError] | None = None
        start_server(PRELOADED)
        self.connection, there = CONTEXT.Pipe(duplex=False)
        # the environment is passed on, because the fork server may have been started long ago in another one
        given = (place, there, dict(os.environ), work, arguments)
        self.process = CONTEXT.Process(target=_take_part, args=given, name=f"rank {self.rank}", daemon=False)
        with without_main():
            self.process.start()
        there.close()

    def wait_until_ready(self) -> None:
        """Wait until the process joins the training; raise its RankError if it fails before."""
        wait([self.connection, self.process.sentinel])
        self.listen()
        if self.failed:
            raise self.failed[1]

    def listen(self) -> None:
        """Read the messages of the process: that it is ready, or when and why it failed."""
        try:
            while self.failed is None and self.connection.poll():
                told = self.connection.recv()
                if told is None:
                    self.is_ready = True
                    return
                when, line, trace = told
                self.failed = when, RankError(f"rank {self.rank}: {line}")
                self.failed[1].add_note(trace)
        except (EOFError, OSError):
            self.process.join(PATIENCE)
            code = self.process.exitcode or 0
            how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
            if code or not self.is_ready:
                self.failed = 0.0, RankError(f"rank {self.rank} {how}")  # it sent no reason, so it failed first

    def end(self) -> None:
        """Kill the process; it holds nothing that needs an orderly end."""
        self.process.kill()
        self.process.join()
        self.connection.close()


def _take_part(
    place: OneMachine, connection: Connection, variables: Mapping[str, str], work: Work, arguments: tuple[Any, ...]
) -> None:
    """Run the work of a rank; rank 0 decides when the process ends, also on Ctrl-C or without a terminal."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.environ.clear()
    os.environ.update(variables)
    warnings.simplefilter("ignore")  # rank 0 gives the same warnings
    end_with_parent()
    ranks = Follower(place, connection)
    try:
        work(ranks, *arguments)
    except BaseException as error:
        ranks.fail(error)


@contextmanager
def _losses_end_waiting(others: Sequence[_Other]) -> Iterator[None]:
    """Abort what this process waits for on its GPU when another process dies; gloo notices that by itself."""
    done, end = CONTEXT.Pipe(duplex=False)

    def watch() -> None:
        if done not in wait([done, *(other.process.sentinel for other in others)]):
            dist.group.WORLD.abort()  # type: ignore[union-attr]

    threading.Thread(target=watch, name="ranks", daemon=True).start()
    try:
        yield
    finally:
        end.close()


def _is_loss(error: RuntimeError) -> bool:
    """Return whether an operation failed because another process has ended."""
    return isinstance(error, dist.DistError) or "gloo" in str(error)


def _first_failure(others: Sequence[_Other]) -> RankError | None:
    """Return the error of the process that failed first; None if none failed."""
    wait([other.process.sentinel for other in others], PATIENCE)
    for other in others:
        other.listen()
    failed = [other.failed for other in others if other.failed]
    return min(failed, key=lambda failure: failure[0])[1] if failed else None
