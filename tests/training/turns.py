"""Processes of a training played by threads of which one runs at a time, so that tests are fast and repeatable."""

import pickle
from collections.abc import Callable
from threading import Condition, Thread
from typing import Any

from remanence.training.ranks import OneMachine, Ranks


class _Table:
    """Where each puts its value and waits for its next turn."""

    def __init__(self, size: int) -> None:
        self.size, self.turn, self.failed = size, 0, False
        self.values: list[Any] = [None] * size
        self.told: list[Any] = []
        self.changed = Condition()

    def wait(self, rank: int) -> None:
        self.changed.wait_for(lambda: self.turn == rank or self.failed)
        if self.failed:
            raise ConnectionError("another process is gone")

    def gather(self, rank: int, value: Any) -> list[Any]:
        with self.changed:
            self.values[rank] = pickle.dumps(value)
            if rank == self.size - 1:
                self.told = list(self.values)
            self.pass_on(rank)
            self.wait(rank)
            return [pickle.loads(value) for value in self.told]

    def pass_on(self, rank: int) -> None:
        self.turn = (rank + 1) % self.size
        self.changed.notify_all()


class _InTurn(Ranks):
    def __init__(self, rank: int, table: _Table) -> None:
        super().__init__(OneMachine(rank, table.size))
        self.table = table

    def gather(self, value: Any) -> list[Any]:
        return self.table.gather(self.rank, value)


def together(size: int, work: Callable[[Ranks], Any]) -> list[Any]:
    """Return what ``work`` returns, or the exception that it raises, in each of ``size`` processes."""
    table = _Table(size)
    results: list[Any] = [None] * size

    def run(rank: int) -> None:
        try:
            with table.changed:
                table.wait(rank)
            results[rank] = work(_InTurn(rank, table))
        except Exception as error:
            results[rank] = error
        with table.changed:
            table.failed = table.failed or type(results[rank]) is ConnectionError
            table.pass_on(rank)

    threads = [Thread(target=run, args=(rank,)) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results
