"""Campaigns: chains of runs in which each was forked from the one before and has more measured rows."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from numpy.typing import NDArray

from remanence.errors import UserError
from remanence.tracking.compared_run import ComparedRun

if TYPE_CHECKING:
    from remanence.tracking.run import Run

MEASURED_TAG = "remanence.measured"
"""Tag with the number of rows of a run on a table, and the lowest and highest value of each target."""
FORKED_TAG = "remanence.forked_from"


def measured_tag(y: NDArray[np.float64], targets: Sequence[str]) -> str:
    """Return the value of ``MEASURED_TAG``.

    Args:
        y: measured targets, shape (rows, targets).
        targets: their names.

    >>> measured_tag(np.array([[1.0], [3.0]]), ["d33"])
    '{"rows": 2, "targets": {"d33": [1.0, 3.0]}}'
    """
    ends = {name: [float(column.min()), float(column.max())] for name, column in zip(targets, y.T, strict=True)}
    return json.dumps({"rows": len(y), "targets": ends})


def campaigns(runs: Sequence[ComparedRun]) -> list[pd.DataFrame]:
    """Return a table for each campaign among the runs, in the order in which they were begun.

    A run belongs to the campaign of the run that it was forked from if that has another number of measured rows.

    Returns:
        one row per run, by the number of rows: ``run``, ``experiments``, the number of measured rows, ``<target>
        lowest`` and ``<target> highest``, the best values so far, and ``id``.
    """
    known = {run.info.run_id: (run, measured) for run in runs if (measured := _measured(run)) is not None}
    chains: dict[str, list[str]] = {}
    for name in known:
        chains.setdefault(_beginning(name, known), []).append(name)
    tables = []
    for names in chains.values():
        if len({known[name][1]["rows"] for name in names}) > 1:
            rows = [_row(*known[name]) for name in names]
            tables.append(pd.DataFrame(rows).sort_values("experiments", kind="stable", ignore_index=True))
    return tables


def earlier_runs(run: "Run") -> list[tuple[str, Mapping[str, Any]]]:
    """Return name and measured values of the runs that a run was forked from, one after the other, the oldest first.

    Returns:
        for each run its name, and a mapping of ``rows`` to the number of its measured rows and of ``targets`` to the
        lowest and highest value of each; a run that was deleted or lacks its tag ends the list.
    """
    found: list[tuple[str, Mapping[str, Any]]] = []
    seen = {run.id}
    with suppress(MlflowException, UserError, OSError):  # deleted for good, in another database, or that has gone away
        while (origin := run.found.data.tags.get(FORKED_TAG)) is not None and origin not in seen:
            run = run.beside(origin)
            seen.add(origin)
            measured = _measured(run.found)
            if measured is None:
                break
            found.insert(0, (run.name, measured))
    return found


def _beginning(name: str, known: Mapping[str, tuple[ComparedRun, Mapping[str, Any]]]) -> str:
    """Return the run that a chain of forks begins with."""
    seen = {name}
    while (origin := known[name][0].data.tags.get(FORKED_TAG)) in known and origin not in seen:
        name = str(origin)
        seen.add(name)
    return name


def _row(run: ComparedRun, measured: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"run": run.info.run_name, "experiments": measured["rows"]}
    for target, ends in measured["targets"].items():
        row |= {f"{target} lowest": ends[0], f"{target} highest": ends[1]}
    return row | {"id": run.info.run_id}


def _measured(run: ComparedRun) -> Mapping[str, Any] | None:
    """Return what the tag says; None for a run without it, or with one that somebody else has damaged."""
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        measured = json.loads(run.data.tags[MEASURED_TAG])
        ends = {str(target): (float(low), float(high)) for target, (low, high) in measured["targets"].items()}
        return {"rows": int(measured["rows"]), "targets": ends}
    return None
