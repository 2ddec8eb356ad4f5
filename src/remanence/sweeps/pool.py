"""Warm processes for trials: forked from a server that has imported what takes seconds to import."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess

from hydra.types import TaskFunction
from omegaconf import OmegaConf

from remanence.sweeps.slots import Ended, Job
from remanence.tracking.interruption import Interrupted, interruptible
from remanence.training.forkserver import without_main

PRELOADED = ["remanence.sweeps.warm"]
"""What the processes are forked with, by name: this process need not import it."""
CONTEXT = multiprocessing.get_context("forkserver")
GRACE = 30.0
"""Seconds in which an interrupted trial may write down where it is."""
POLL = 2.0
"""Seconds after which a waiting sweep looks for trials that others left."""


def warm_up() -> None:
    """Start the server that the processes are forked from; it imports while this process goes on.

    Ctrl-C reaches every process of a terminal; the server and its processes leave it to this one, which ends them.
    """
    CONTEXT.set_forkserver_preload(PRELOADED)
    from multiprocessing import resource_tracker
    from multiprocessing.forkserver import ensure_running

    if threading.current_thread() is threading.main_thread():
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is started now inherits it
        try:
            ensure_running()
        finally:
            signal.signal(signal.SIGINT, before)
        return
    # another thread may set no handler, but what it blocks is inherited, too
    resource_tracker.ensure_running()  # before that, because it ends by unblocking
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


@dataclass
class _Worker:
    process: ForkServerProcess
    connection: Connection
    trial: int | None = None


class Pool:
    """A number of processes that run one trial after the other; a slot is filled as soon as it is free.

    Args:
        work: runs a trial; importable by its name.
        slots: number of processes.
        devices: GPUs, as CUDA_VISIBLE_DEVICES names them; each slot gets the next one. None where there are none.
    """

    def __init__(self, work: TaskFunction, slots: int, devices: Sequence[str] = ()) -> None:
        self.work = work
        self.environments = [
            {"CUDA_VISIBLE_DEVICES": devices[slot % len(devices)]} if devices else {} for slot in range(slots)
        ]
        self.workers: dict[int, _Worker] = {}
        """Slot to its process."""

    @property
    def free(self) -> bool:
        """Whether a slot is free."""
        return len(self.busy) < len(self.environments)

    @property
    def busy(self) -> set[int]:
        """Trials that run."""
        return {worker.trial for worker in self.workers.values() if worker.trial is not None}

    def start(self, job: Job) -> None:
        """Send a trial to a free slot; its process is started if there is none."""
        slot = next(s for s in range(len(self.environments)) if s not in self.workers or self.workers[s].trial is None)
        if slot not in self.workers or not self.workers[slot].process.is_alive():
            self.workers[slot] = _launch(self.work, self.environments[slot])
        worker = self.workers[slot]
        worker.trial = job.number
        with suppress(OSError):  # it has just died, which ``ended`` will find
            worker.connection.send(dict(job.cfg.plain))

    def ended(self) -> list[Ended]:
        """Wait until a trial has ended or a process has died, at most for ``POLL`` seconds."""
        running = {slot: worker for slot, worker in self.workers.items() if worker.trial is not None}
        connections = [worker.connection for worker in running.values()]
        wait([*connections, *(worker.process.sentinel for worker in running.values())], POLL)
        ended: list[Ended] = []
        for slot, worker in running.items():
            trial = worker.trial
            assert trial is not None
            alive = worker.process.is_alive()  # before the connection: an answer may come and the process end
            try:
                if worker.connection.poll():
                    ended.append((trial, worker.connection.recv()))
                    worker.trial = None
                    continue
            except (EOFError, OSError):  # it died without an answer
                worker.process.join(GRACE)
                alive = False
            if not alive:
                ended.append((trial, _how_it_died(worker.process.exitcode)))
                del self.workers[slot]
        return ended

    def close(self) -> None:
        """End all processes: idle ones at once, busy ones by SIGTERM, and after ``GRACE`` seconds by force."""
        for worker in self.workers.values():
            with suppress(OSError):
                worker.connection.send(None)
            if worker.trial is not None:
                worker.process.terminate()
        deadline = time.monotonic() + GRACE
        for worker in self.workers.values():
            worker.process.join(max(0.0, deadline - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        self.workers.clear()


def _launch(work: TaskFunction, environment: dict[str, str]) -> _Worker:
    here, there = CONTEXT.Pipe()
    # not a daemon: those may not have children, and a trial on several devices has
    process = CONTEXT.Process(target=_serve, args=(work, there, {**os.environ, **environment}), daemon=False)
    with without_main():
        process.start()
    there.close()
    return _Worker(process, here)


def _serve(work: TaskFunction, connection: Connection, environment: dict[str, str]) -> None:
    """Run the trials that come through ``connection`` until None comes."""
    os.environ.update(environment)
    end_with_parent()
    try:
        with interruptible():
            while (cfg := connection.recv()) is not None:
                connection.send(work(OmegaConf.create(cfg)))
    except (Interrupted, EOFError):
        pass


def end_with_parent() -> None:
    """Interrupt this process when its parent is gone: nobody waits for its answer, and its trial can be resumed."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _how_it_died(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        return f"its process was killed by {name}" + (", as when memory runs out" if name == "SIGKILL" else "")
    return f"its process ended with code {code}"
