"""What changed between two runs: configuration, data, code, versions and circumstances; and what came out."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from remanence.reproduction.bundle import COMMIT_TAG
from remanence.reproduction.code_state import DIGITS, between, changed_lines
from remanence.reproduction.compared_metrics import is_timing
from remanence.reproduction.original import COMMIT
from remanence.tracking.campaign import MEASURED_TAG
from remanence.tracking.comparison import differing_parameters, outcome, shown_metrics
from remanence.tracking.environments import number_of_part, versions_of
from remanence.tracking.fold_errors import fold_tests, read_fold_errors
from remanence.tracking.logged_files import LoggedFiles
from remanence.tracking.recorded_sources import recorded_sources
from remanence.tracking.run import Run

CONFIGURATION, DATA, CODE, VERSIONS = "configuration", "data", "code", "versions"
RAN, METRICS, FOLDS = "ran", "metrics", "folds"
COLUMNS = ("part", "what", "first", "second", "difference", "p")
ABSENT, UNKNOWN = "–", "not recorded"
CIRCUMSTANCES = {
    "experiment": "remanence.config",
    "release": "remanence.version",
    "epochs": "remanence.epochs",
    "seconds of the fit": "remanence.fit_seconds",
    "trained with others as one": "remanence.stack",
    "user": "mlflow.user",
    "command": "mlflow.source.name",
}
"""What is said of how a run ran, to its tag."""
Row = tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """The code that two runs were made with."""

    uncommitted: tuple[str, str]
    """Uncommitted changes of each run, as a patch; empty if there were none."""
    between: str | None
    """Patch from the commit of the first run to that of the second; None if the commits are not known here."""


def code_of(one: Run, other: Run, files: LoggedFiles) -> Code:
    """Return the code of two runs, as far as they have recorded it."""
    commits = [_commit(run) for run in (one, other)]
    patch = None if not all(commits) else "" if commits[0] == commits[1] else between(*map(str, commits))
    return Code((_last(one, files, "git", ".diff"), _last(other, files, "git", ".diff")), patch)


def run_differences(one: Run, other: Run, files: LoggedFiles, code: Code) -> pd.DataFrame:
    """Return what two runs differ in, and the metrics of both.

    A key that is younger than a run counts with the value that reproduces the run. The test over folds is corrected for
    the training rows that folds share; it needs runs that have logged their errors by fold, on the same rows.

    Args:
        one: the first run.
        other: the second run.
        files: files of both.
        code: their code.

    Returns:
        columns ``part`` (configuration, data, code, versions, ran, metrics, folds), ``what``, ``first``, ``second``;
        for metrics and folds ``difference``, first - second; for folds ``p``. What does not differ has no rows.
    """
    rows: list[tuple[Any, ...]] = [(part, *row, math.nan, math.nan) for part, row in _changed(one, other, files, code)]
    first, second = one.found.data.metrics, other.found.data.metrics
    for name in _metric_names(one, other):
        own, its = first.get(name, math.nan), second.get(name, math.nan)
        rows.append((METRICS, name, own, its, own - its, math.nan))
    errors, others = read_fold_errors(one.found, files), read_fold_errors(other.found, files)
    for target, test in fold_tests(errors, others).items():
        means = float(errors[target].mae.mean()), float(others[target].mae.mean())
        rows.append((FOLDS, f"MAE of {target} over {test.folds} folds", *means, test.difference, test.p))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _changed(one: Run, other: Run, files: LoggedFiles, code: Code) -> Iterator[tuple[str, Row]]:
    table = differing_parameters([one.found, other.found])
    for key in table:
        own, its = (value if value != "" else ABSENT for value in table[key])
        yield CONFIGURATION, (str(key), own, its)
    yield from ((DATA, row) for row in _data(one, other))
    yield from ((CODE, row) for row in _code(one, other, code))
    texts = [_last(run, files, "environment", ".txt") for run in (one, other)]
    old, new = (versions_of(text) for text in texts)
    if all(texts):
        for name in sorted(old.keys() | new.keys(), key=str.lower):
            if old.get(name) != new.get(name):
                yield VERSIONS, (name, old.get(name, ABSENT), new.get(name, ABSENT))
    else:
        yield VERSIONS, ("environment.txt", *("recorded" if text else UNKNOWN for text in texts))
    for what, own, its in _ran(one, other, texts):
        if own != its:
            yield RAN, (what, own, its)


def _data(one: Run, other: Run) -> Iterator[Row]:
    first, second = ({each.name: each.digest for each in recorded_sources(run.found)} for run in (one, other))
    if not first and not second:
        yield "SHA-256", UNKNOWN, UNKNOWN
    for name in dict.fromkeys([*first, *second]):
        digests = [each[name][:12] if name in each else ABSENT for each in (first, second)]
        if digests[0] != digests[1]:
            yield f"{name}, SHA-256", *digests
    rows = [_rows(run) for run in (one, other)]
    if rows[0] != rows[1]:
        yield "rows", *rows


def _rows(run: Run) -> str:
    try:
        return str(int(json.loads(run.found.data.tags[MEASURED_TAG])["rows"]))
    except (KeyError, TypeError, ValueError):  # no table, or a tag of somebody else
        return ABSENT


def _code(one: Run, other: Run, code: Code) -> Iterator[Row]:
    commits = [commit[:DIGITS] if (commit := _commit(run)) else UNKNOWN for run in (one, other)]
    if commits[0] != commits[1] or UNKNOWN in commits:
        yield "commit", *commits
    if code.between:
        yield "lines changed between the commits", ABSENT, str(changed_lines(code.between))
    if code.uncommitted[0] != code.uncommitted[1]:
        yield "uncommitted lines", *(str(changed_lines(diff)) for diff in code.uncommitted)


def _ran(one: Run, other: Run, environments: list[str]) -> Iterator[Row]:
    runs = (one.found, other.found)
    yield "status", outcome(runs[0]), outcome(runs[1])
    started = [datetime.fromtimestamp(run.info.start_time / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC") for run in runs]
    yield "started", *started
    platforms = [re.search(r"^# Python [^\s,]+, (.*)$", text, re.MULTILINE) for text in environments]
    yield "platform", *(ABSENT if found is None else found[1] for found in platforms)
    owners = [run.data.tags.get("remanence.owner", "").partition(" ")[0] for run in runs]
    yield "machine", *(owner or ABSENT for owner in owners)
    for what, tag in CIRCUMSTANCES.items():
        yield what, *(run.data.tags.get(tag, ABSENT) for run in runs)


def _metric_names(one: Run, other: Run) -> list[str]:
    """Return the metrics of the models of both runs without times, those first by which the runs are compared."""
    known = sorted(one.found.data.metrics.keys() | other.found.data.metrics.keys())
    names = [name for name in known if not is_timing(name) and not name.startswith("baseline/")]
    return list(dict.fromkeys([*shown_metrics([one.found, other.found]), *names]))


def _commit(run: Run) -> str | None:
    commit = run.found.data.tags.get(COMMIT_TAG, "")
    return commit if COMMIT.fullmatch(commit) else None


def _last(run: Run, files: LoggedFiles, stem: str, ending: str) -> str:
    """Return a text that the last part of a run has logged, see ``environments``; empty if there is none."""
    names = [name for name in files.names(run.found, "", ending) if name.partition(".")[0] == stem]
    path = files.path(run.found, max(names, key=number_of_part)) if names else None
    return "" if path is None else path.read_text(encoding="utf-8", errors="replace")
