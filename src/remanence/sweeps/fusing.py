"""Trials that train together: those that differ in numbers only are members of one network.

How their runs wait for each other is told in ``training.meeting``.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from remanence.sweeps.slots import Ended, Job, Slots

JOINING = ("remanence.models.dnn.DNN", "remanence.models.nested_ae.NestedAE")
"""Models whose trainings are joined; by name, as to import them would bring torch into the process of the sweep."""
NUMBERS = (
    "model.lr",
    "model.weight_decay",
    "model.momentum",
    "model.loss",
    "model.activation",
    "model.bins",
    "seed",
    "data.seed",
    "data.batch_size",
    "data.split.seed",
    "data.draw",
    "model.fine_tune_lr",
    "baselines.*.seed",
    *(
        f"{owner}.scales.*.{key}"
        for owner in ("model", "data")  # the data of a chain repeat the scales of its model
        for key in (
            *("training.lr", "training.batch_size", "regularizers", "decoder.weight"),
            *("encoder.activation", "encoder.output", "encoder.dropout", "decoder.activation"),
            *(f"heads.*.{each}" for each in ("loss", "weight", "activation", "dropout")),
        )
    ),
)
"""Keys in which trials that train together may differ; ``*`` stands for any name."""
OF_A_TRIAL = ("name", "sweep.trial")
GRID_AT_ONCE = 64
"""Largest number of trials of a grid that a process takes at once; who shares the study takes the others."""
PROPOSED_AT_ONCE = 8
"""Number of trials that a sampler proposes without knowing how the others of them end."""


class Groups(Slots, Protocol):
    """Slots that run groups of trials."""

    @property
    def room(self) -> int:
        """Number of slots that are free."""

    def start(self, job: Job, *others: Job) -> None:
        """Start trials that train together in one slot."""


class Fusing:
    """Slots that are filled with groups of trials, as large as the slots can share them evenly.

    Args:
        slots: slots that run groups.
        at_once: largest number of trials that are taken before the first of them starts.
        largest: largest number of trials in a group.
    """

    def __init__(self, slots: Groups, *, at_once: int, largest: int) -> None:
        self.slots, self.at_once, self.largest = slots, at_once, largest
        self.waiting: dict[str, list[Job]] = {}
        """Trials that were taken and have not started, by what they have in common."""
        self.suspected: set[int] = set()
        """Trials of groups whose process has died; each is run alone from then on."""
        self.side_by_side = 0
        """Largest number of trials that were in training at a time, in all slots."""

    @property
    def free(self) -> bool:
        """Whether another trial can be taken now."""
        return self.slots.free and len(self._waiting) < self.at_once

    @property
    def busy(self) -> set[int]:
        """Numbers of the trials that were taken and have not ended."""
        return self.slots.busy | self._waiting

    @property
    def _waiting(self) -> set[int]:
        return {job.number for jobs in self.waiting.values() for job in jobs}

    def start(self, job: Job) -> None:
        """Take a trial; one that needs a process of its own starts at once."""
        kind = None if job.number in self.suspected else likeness(job.cfg.plain)
        if kind is None:
            self.slots.start(job)
        else:
            self.waiting.setdefault(kind, []).append(job)

    def ended(self) -> list[Ended]:
        """Start groups of the trials that wait, and wait until at least one trial has ended, or for a limited time."""
        while self.waiting and (room := self.slots.room):
            kind, jobs = max(self.waiting.items(), key=lambda item: len(item[1]))
            size = min(self.largest, -(-len(jobs) // room))
            self.slots.start(*jobs[:size])
            self.waiting[kind] = jobs[size:]
            if not self.waiting[kind]:
                del self.waiting[kind]
        self.side_by_side = max(self.side_by_side, len(self.slots.busy))
        ended = self.slots.ended()
        self.suspected |= {number for number, answer in ended if answer is None}
        return ended

    def close(self) -> None:
        """End all trials that run, and forget those that wait: the study gives them to whoever asks next."""
        self.waiting.clear()
        self.slots.close()


def likeness(plain: Mapping[str, Any]) -> str | None:
    """Return a text that is the same for trials that can train together; None for one that trains alone.

    Args:
        plain: configuration of a trial, plain values.
    """
    trainer = plain["trainer"]
    one_process = trainer["devices"] in (1, "auto") and trainer["num_nodes"] == 1 and trainer["strategy"] == "auto"
    if plain["model"]["_target_"] not in JOINING or not one_process or plain["fork"]:
        return None
    common = copy.deepcopy(dict(plain))
    for key in (*NUMBERS, *OF_A_TRIAL):
        _remove(common, key.split("."))
    return repr(common)


def _remove(node: Any, path: Sequence[str]) -> None:
    """Remove the keys at ``path`` from nested plain values."""
    first, *rest = path
    if not isinstance(node, dict):
        return
    for name in list(node) if first == "*" else [first]:
        if rest:
            _remove(node.get(name), rest)
        else:
            node.pop(name, None)


def sizes(fuse: str | int, on_failure: str, *, is_grid: bool, slots: int) -> tuple[int, int] | None:
    """Return how many trials are taken at once, and how many of them train together at most; None to fuse none.

    Args:
        fuse: ``hydra.sweeper.fuse``: auto, off, or the largest number of trials that train together.
        on_failure: ``hydra.sweeper.on_failure``: after a failure that is to stop a sweep, no other trial goes on.
        is_grid: whether all trials are known from the start.
        slots: number of slots.

    >>> sizes("auto", "continue", is_grid=True, slots=2), sizes("auto", "continue", is_grid=False, slots=2)
    ((64, 64), (8, 8))
    >>> sizes(3, "continue", is_grid=True, slots=2), sizes("auto", "stop", is_grid=True, slots=2)
    ((6, 3), None)
    """
    if fuse in ("off", 1) or on_failure == "stop":
        return None
    if fuse == "auto":
        most = GRID_AT_ONCE if is_grid else PROPOSED_AT_ONCE
        return most, most
    return int(fuse) * slots, int(fuse)
