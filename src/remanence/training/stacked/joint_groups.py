"""Groups of trainings that are joined: their networks have weights of equal shapes, and they take equal steps."""

from collections.abc import Sequence
from dataclasses import replace

from remanence.models.joined import joinable
from remanence.models.stacked import form_of
from remanence.training.stacked.course import Course
from remanence.training.stacked.even_steps import even_number
from remanence.training.stacked.joint_steps import step_kind
from remanence.training.stacked.stacked_training import StackedTraining

MOST_ROWS = 20_000_000
"""Largest number of training rows of all members of a joined network; each takes some 20 bytes."""


def joint_groups(courses: Sequence[Course]) -> list[list[Course]]:
    """Return the trainings that are joined with each other; neighbours of a group are computed alike."""
    alike: dict[object, list[Course]] = {}
    for course in courses:
        alike.setdefault(_likeness(course), []).append(course)
    parts = [part for group in alike.values() for part in _in_parts(group)]
    return [sorted(part, key=_neighbourhood) if len(part) > 1 else part for part in parts]


def steps_of(asked: StackedTraining) -> int:
    """Return the number of steps of an epoch of a training."""
    counts = [len(member.train) for member in asked.members]
    if asked.order is not None:
        return -(-counts[0] // asked.schedule.batch_size)
    return even_number(counts, batch_size=asked.schedule.batch_size, steps=asked.schedule.steps)


def _in_parts(group: Sequence[Course]) -> list[list[Course]]:
    """Divide trainings that are alike so that the rows of all members of a part fit into memory."""
    parts: list[list[Course]] = [[]]
    rows = 0
    for course in group:
        own = sum(len(member.train) for member in course.asked.members)
        if parts[-1] and rows + own > MOST_ROWS:
            parts.append([])
            rows = 0
        parts[-1].append(course)
        rows += own
    return parts


def _likeness(course: Course) -> object:
    """Return what trainings must have in common to be joined; of one that is trained alone, something of its own."""
    asked, schedule = course.asked, course.schedule
    if course.ranks.size > 1 or form_of(course.network) != "batched" or not vars(type(course.network)).get("joins"):
        return id(course)
    common = replace(schedule, checkpoint=None, stamp=dict, seconds=0.0, batch_size=1, steps=steps_of(asked))
    return (
        joinable(course.network),
        common,
        asked.y.shape[1],
        course.epoch,
        asked.uncertainty is None,
        asked.order is None,
    )


def _neighbourhood(course: Course) -> str:
    """Return a text by which trainings are sorted, so that those that are computed alike are neighbours."""
    given = {key: value for key, value in course.network.hparams.items() if key not in ("lr", "weight_decay")}
    return f"{step_kind(course)} {given}"
