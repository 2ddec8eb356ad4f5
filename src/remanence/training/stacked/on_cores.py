"""Joined trainings divided among the cores of this process: each thread trains some of them for an epoch at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import torch

from remanence.foundation.cores import own_cores
from remanence.training.stacked.course import Course

Map = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
"""What ``map`` is."""

ENOUGH = 1e8
"""Multiplications and additions of an epoch that are worth a thread: some milliseconds of a core."""


def divided(courses: Sequence[Course]) -> list[list[Course]]:
    """Divide trainings that could be joined into as many parts as cores are worth it; neighbours stay neighbours.

    They are divided only where torch is to compute on one core, as it is for tables, whose products are too small to be
    divided themselves.
    """
    on_one_core = courses[0].best.device.type == "cpu" and torch.get_num_threads() == 1
    work = sum(_operations(course) for course in courses)
    number = max(1, min(own_cores(), len(courses), int(work / ENOUGH))) if on_one_core else 1
    ends = [round(len(courses) * part / number) for part in range(number + 1)]
    return [list(courses[begin:end]) for begin, end in pairwise(ends)]


@contextmanager
def threads(number: int) -> Iterator[Map]:
    """Give a ``map`` whose calls run in so many threads, each of which computes on one core."""
    if number == 1:
        yield map
        return
    with ThreadPoolExecutor(number, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        yield pool.map


def _operations(course: Course) -> float:
    """Return how many multiplications and additions an epoch of a training takes: forwards, and twice backwards."""
    weights: int = sum(weight.numel() for weight in course.network.parameters())  # of all members
    rows = max(len(member.train) for member in course.asked.members)
    return 6.0 * weights * rows
