"""The rows of several trainings as one table, so that their members can be trained as members of one training."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from remanence.training.stacked.course import Course
from remanence.training.stacked.members import Member
from remanence.training.stacked.stacked_training import StackedTraining


def join_rows(courses: Sequence[Course]) -> tuple[StackedTraining, list[Member]]:
    """Return one training with the rows of all courses, and all members with the places of their rows in it."""
    if len(courses) == 1:
        return courses[0].asked, list(courses[0].asked.members)
    xs, ys, uncertainties, members = [], [], [], []
    tables: dict[bytes, int] = {}
    rows = folds = 0
    for course in courses:
        asked = course.asked
        known = _digest(asked)
        if known not in tables:  # trials of a sweep mostly share their table
            tables[known] = rows
            rows += len(asked.x)
            xs.append(asked.x)
            ys.append(asked.y)
            if asked.uncertainty is not None:
                drawn = np.full((len(asked.x) - len(asked.uncertainty), asked.uncertainty.shape[1]), np.nan)
                uncertainties += [asked.uncertainty, drawn]
        begin = tables[known]
        members += [_moved(member, begin, folds) for member in asked.members]
        folds += 1 + max(member.fold for member in asked.members)
    uncertainty = np.concatenate(uncertainties) if uncertainties else None
    return replace(courses[0].asked, x=np.concatenate(xs), y=np.concatenate(ys), uncertainty=uncertainty), members


def _digest(asked: StackedTraining) -> bytes:
    """Return a digest of the rows of a training."""
    digest = hashlib.blake2b()
    for values in (asked.x, asked.y, asked.uncertainty):
        digest.update(b"" if values is None else np.ascontiguousarray(values).data)
    return digest.digest()


def _moved(member: Member, rows: int, folds: int) -> Member:
    """Return a member whose rows stand ``rows`` places later, in a fold of its own training."""
    return replace(member, fold=member.fold + folds, train=member.train + rows, validation=member.validation + rows)
