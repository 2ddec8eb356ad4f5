"""Campaigns: chains of runs in which each was forked from the one before and has more measured rows."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.tracking.compared_run import ComparedRun

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
    known = {run.info.run_id: (run, values) for run in runs if (values := measured(run)) is not None}
    chains: dict[str, list[str]] = {}
    for name in known:
        chains.setdefault(_beginning(name, known), []).append(name)
    tables = []
    for names in chains.values():
        if len({known[name][1]["rows"] for name in names}) > 1:
            rows = [_row(*known[name]) for name in names]
            tables.append(pd.DataFrame(rows).sort_values("experiments", kind="stable", ignore_index=True))
    return tables


def _beginning(name: str, known: Mapping[str, tuple[ComparedRun, Mapping[str, Any]]]) -> str:
    """Return the run that a chain of forks begins with."""
    seen = {name}
    while (origin := known[name][0].data.tags.get(FORKED_TAG)) in known and origin not in seen:
        name = str(origin)
        seen.add(name)
    return name


def _row(run: ComparedRun, values: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"run": run.info.run_name, "experiments": values["rows"]}
    for target, ends in values["targets"].items():
        row |= {f"{target} lowest": ends[0], f"{target} highest": ends[1]}
    return row | {"id": run.info.run_id}


def measured(run: ComparedRun) -> Mapping[str, Any] | None:
    """Return ``rows``, the number of measured rows, and ``targets``, the lowest and highest value of each.

    None for a run without the tag, or with one that somebody else has damaged.
    """
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        told = json.loads(run.data.tags[MEASURED_TAG])
        ends = {str(target): (float(low), float(high)) for target, (low, high) in told["targets"].items()}
        return {"rows": int(told["rows"]), "targets": ends}
    return None
