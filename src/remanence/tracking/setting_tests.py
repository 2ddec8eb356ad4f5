"""Whether one setting errs less than another, by pairs of runs with the same seeds and the same tested rows."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from remanence.tracking.comparable import Test
from remanence.tracking.compared_run import ComparedRun
from remanence.tracking.comparison import shown_metrics
from remanence.tracking.fold_errors import FoldErrors, of_metric, read_fold_errors
from remanence.tracking.logged_files import LoggedFiles
from remanence.tracking.settings import SPLITS, Draw, Setting
from remanence.training.fold_comparison import corrected_t_test, holm

MAE = "test/mae"
"""Metric that is tested where runs have it, as against the baselines of a run."""
MOST_SETTINGS = 12
"""Largest number of settings that are tested against each other; of more, those with the most runs."""
PLAIN = "paired t"
CORRECTED = "paired t, corrected for shared training rows (Nadeau-Bengio)"
Read = Callable[[ComparedRun], FoldErrors | None]
"""Function that returns the errors of a run by fold, those of its metric ``MAE``; None if they are not known."""


@dataclass(frozen=True)
class SettingTest:
    """The difference between two settings over the runs that have the same draws."""

    first: str
    second: str
    metric: str
    runs: int
    """Number of pairs of runs."""
    difference: float
    """Mean over pairs of the metric of the first setting minus that of the second."""
    p: float
    """Two-sided, by Holm over all pairs of settings of the group; NaN if nothing can be said."""
    how: str
    """The test, or why there is none."""


def setting_tests(found: Sequence[Setting], files: LoggedFiles | None) -> list[SettingTest]:
    """Return the tests between all settings that have at least two draws in common.

    Where pairs of runs have different seeds of the weights or of simulated data, they are independent draws, and the t
    test is a plain one. Where they have different splits of the same rows, training rows are shared between them: then
    the errors of all folds are tested by Nadeau and Bengio's correction, as far as the runs have logged them.

    Args:
        found: settings of one group, see ``settings``.
        files: files of the runs; None reads none.
    """
    chosen = sorted(found, key=lambda setting: len(setting.runs), reverse=True)[:MOST_SETTINGS]
    metric = _metric(chosen)
    if metric is None:
        return []
    ordered = [setting for setting in found if setting in chosen]
    read = _reader(files if metric == MAE else None)
    tests = [test for pair in combinations(ordered, 2) if (test := _test(*pair, metric, read)) is not None]
    adjusted = holm({str(number): test.p for number, test in enumerate(tests)})
    return [replace(test, p=adjusted[str(number)]) for number, test in enumerate(tests)]


def _metric(found: Sequence[Setting]) -> str | None:
    """Return the metric that is tested: ``MAE``, else the first test metric that all runs have."""
    runs = [run for setting in found for run in setting.runs.values()]
    common = [key for key in shown_metrics(runs) if key.startswith("test/")]
    common = [key for key in (MAE, *common) if all(math.isfinite(run.data.metrics.get(key, math.nan)) for run in runs)]
    return common[0] if common else None


def _reader(files: LoggedFiles | None) -> Read:
    """Return what reads the errors of a run by fold, each run once: every setting is tested against all others."""
    known: dict[str, FoldErrors | None] = {}

    def read(run: ComparedRun) -> FoldErrors | None:
        if files is not None and run.info.run_id not in known:
            known[run.info.run_id] = of_metric(read_fold_errors(run, files), run.data.metrics[MAE])
        return known.get(run.info.run_id)

    return read


def _test(one: Setting, other: Setting, metric: str, read: Read) -> SettingTest | None:
    draws = [draw for draw in one.runs if draw in other.runs]
    draws = [draw for draw in draws if Test.of(one.runs[draw]).digests == Test.of(other.runs[draw]).digests]
    if len(draws) < 2:
        return None
    pairs = [(one.runs[draw], other.runs[draw]) for draw in draws]
    first, second = (np.array([pair[side].data.metrics[metric] for pair in pairs]) for side in (0, 1))
    said = SettingTest(one.name, other.name, metric, len(pairs), float((first - second).mean()), math.nan, PLAIN)
    if not _share_rows({draw: one.runs[draw] for draw in draws}):
        return replace(said, p=corrected_t_test(first, second, 0.0))
    known = [errors for pair in pairs if (errors := _of_folds(pair, read)) is not None]
    if len(known) < len(pairs):
        return replace(said, how="not tested: the splits share rows, and errors by fold are not known of all runs")
    left, right = (_of_distinct_folds([pair[side] for pair in known]) for side in (0, 1))
    ratio = float(np.mean([pair[0].ratio for pair in known]))
    return replace(said, p=corrected_t_test(left, right, ratio), how=CORRECTED)


def _share_rows(runs: Mapping[Draw, ComparedRun]) -> bool:
    """Return whether some of the runs split the same data in several ways, so that their splits share rows."""
    splits: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for draw, run in runs.items():
        split = tuple(value for key, value in draw if key in SPLITS)
        splits.setdefault(Test.of(run).digests, set()).add(split)
    return any(len(of_data) > 1 for of_data in splits.values())


def _of_distinct_folds(errors: Sequence[FoldErrors]) -> NDArray[np.float64]:
    """Return the errors over all folds; those of the same rows, as repeated splits share, count once."""
    same: dict[str, list[float]] = {}
    for each in errors:
        for rows, mae in zip(each.rows, each.mae.tolist(), strict=True):
            same.setdefault(rows, []).append(mae)
    return np.array([np.mean(values) for values in same.values()])


def _of_folds(pair: tuple[ComparedRun, ComparedRun], read: Read) -> tuple[FoldErrors, FoldErrors] | None:
    """Return the errors of two runs by fold if they are those of their metric, on the same rows; else None."""
    first, second = map(read, pair)
    return (first, second) if first is not None and second is not None and first.rows == second.rows else None
