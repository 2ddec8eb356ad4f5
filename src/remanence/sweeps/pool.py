"""Processes for trials that start fast: they are forked from a server that has already imported slow libraries."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess

from hydra.types import TaskFunction

from remanence.foundation.cores import share_cores
from remanence.sweeps.slots import Ended, Job, run_together
from remanence.tracking.interruption import Interrupted, interruptible
from remanence.training.forkserver import CONTEXT, start_server, without_main

PRELOADED = ["remanence.sweeps.preload"]
"""Modules that the fork server imports before it forks; given by name, so this process need not import them."""
GRACE = 30.0
"""Seconds that an interrupted trial has to save its state."""
POLL = 2.0
"""Longest wait for a trial in seconds; then the sweep looks for trials that dead processes have left."""


def warm_up() -> None:
    """Start the fork server if it does not run yet; it imports its modules while this process goes on."""
    start_server(PRELOADED)


@dataclass
class _Worker:
    process: ForkServerProcess
    connection: Connection
    trials: list[int] = field(default_factory=list)
    """Numbers of the trials that it was sent and that have not ended."""


class Pool:
    """A fixed number of processes, each of which runs one trial after the other.

    Args:
        work: function that runs a trial; it must be importable by its name.
        slots: number of processes.
        devices: values of CUDA_VISIBLE_DEVICES, which the slots take in turn; empty to leave the variable alone.
    """

    def __init__(self, work: TaskFunction, slots: int, devices: Sequence[str] = ()) -> None:
        self.work = work
        self.environments = [
            {"CUDA_VISIBLE_DEVICES": devices[slot % len(devices)]} if devices else {} for slot in range(slots)
        ]
        self.workers: dict[int, _Worker] = {}
        """Number of a slot to its process."""

    @property
    def free(self) -> bool:
        """Whether a slot is free."""
        return self.room > 0

    @property
    def room(self) -> int:
        """Number of slots that are free."""
        return len(self.environments) - sum(bool(worker.trials) for worker in self.workers.values())

    @property
    def busy(self) -> set[int]:
        """Numbers of the trials that run."""
        return {trial for worker in self.workers.values() for trial in worker.trials}

    def start(self, job: Job, *others: Job) -> None:
        """Send trials that train together to a free slot, and start a process for this slot if it has none."""
        slot = next(s for s in range(len(self.environments)) if s not in self.workers or not self.workers[s].trials)
        if slot not in self.workers or not self.workers[slot].process.is_alive():
            self.workers[slot] = _launch(self.work, self.environments[slot], len(self.environments))
        worker = self.workers[slot]
        worker.trials = [each.number for each in (job, *others)]
        with suppress(OSError):  # if the process has just died, ``ended`` will notice
            worker.connection.send([(each.number, dict(each.cfg.plain)) for each in (job, *others)])

    def ended(self) -> list[Ended]:
        """Wait until a trial has ended or a process has died, for at most ``POLL`` seconds."""
        running = {slot: worker for slot, worker in self.workers.items() if worker.trials}
        connections = [worker.connection for worker in running.values()]
        wait([*connections, *(worker.process.sentinel for worker in running.values())], POLL)
        ended: list[Ended] = []
        for slot, worker in running.items():
            alive = worker.process.is_alive()  # asked before the connection: the process may answer and then end
            try:
                while worker.trials and worker.connection.poll():
                    number, outcome = worker.connection.recv()
                    ended.append((number, outcome))
                    worker.trials.remove(number)
            except (EOFError, OSError):  # the process died without an answer
                worker.process.join(GRACE)
                alive = False
            if worker.trials and not alive:
                how = _how_it_died(worker.process.exitcode) if len(worker.trials) == 1 else None
                ended += [(number, how) for number in worker.trials]
                del self.workers[slot]
        return ended

    def close(self) -> None:
        """End all processes: idle ones at once, busy ones by SIGTERM and, after ``GRACE`` seconds, by SIGKILL."""
        for worker in self.workers.values():
            with suppress(OSError):
                worker.connection.send(None)
            if worker.trials:
                worker.process.terminate()
        deadline = time.monotonic() + GRACE
        for worker in self.workers.values():
            worker.process.join(max(0.0, deadline - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        self.workers.clear()


def _launch(work: TaskFunction, environment: dict[str, str], slots: int) -> _Worker:
    here, there = CONTEXT.Pipe()
    # not a daemon, because a daemon may not have child processes, which a trial on several devices needs
    process = CONTEXT.Process(target=_serve, args=(work, there, {**os.environ, **environment}, slots), daemon=False)
    with without_main():
        process.start()
    there.close()
    return _Worker(process, here)


def _serve(work: TaskFunction, connection: Connection, environment: dict[str, str], slots: int) -> None:
    """Run the trials that arrive through ``connection``, until None arrives."""
    os.environ.update(environment)
    share_cores(slots)
    end_with_parent()
    try:
        with interruptible():
            while (group := connection.recv()) is not None:
                run_together(work, group, lambda number, outcome: connection.send((number, outcome)))
    except (Interrupted, EOFError):
        pass


def end_with_parent() -> None:
    """Interrupt this process when its parent has ended: nobody waits for the answer, and the trial can be resumed."""
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
