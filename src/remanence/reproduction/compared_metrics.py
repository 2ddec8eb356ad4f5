"""The metrics of a run and of its reproduction, one by one: identical, within tolerance, or different."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

TOLERANCE = 0.001
"""Share of the larger of two values by which they may differ.

On one machine, with the recorded versions, runs are identical. Trials that were trained as one network, other numbers
of threads and other processors round the last digits of float32 differently, and training multiplies that; see
docs/reproduce.md for how much.
"""


class Verdict(StrEnum):
    """How a metric has come out again, the best first."""

    IDENTICAL = "identical"
    WITHIN = "within tolerance"
    DIFFERENT = "different"
    MISSING = "missing"
    """Of the first run only."""


@dataclass(frozen=True)
class ComparedMetric:
    """A metric of the first run, and of the second."""

    name: str
    first: float
    again: float
    """NaN if the second run has no such metric."""
    verdict: Verdict

    @property
    def relative(self) -> float:
        """Difference as a share of the larger value; 0 if both are equal."""
        if _is_equal(self.first, self.again):
            return 0.0
        return abs(self.first - self.again) / max(abs(self.first), abs(self.again))


def compare_metrics(first: Mapping[str, float], again: Mapping[str, float], tolerance: float) -> list[ComparedMetric]:
    """Return every metric of the first run beside that of the second, the worst first.

    Times are left out, see ``is_timing``, and so are metrics that only the second run has, as a newer release may.

    Args:
        first: name to value.
        again: name to value.
        tolerance: share of the larger of two values by which they may differ.
    """
    compared = []
    for name, value in first.items():
        if is_timing(name):
            continue
        if name not in again:
            compared.append(ComparedMetric(name, value, math.nan, Verdict.MISSING))
            continue
        other = again[name]
        if _is_equal(value, other):
            verdict = Verdict.IDENTICAL
        elif math.isfinite(value - other) and abs(value - other) <= tolerance * max(abs(value), abs(other)):
            verdict = Verdict.WITHIN
        else:
            verdict = Verdict.DIFFERENT
        compared.append(ComparedMetric(name, value, other, verdict))
    order = list(Verdict)
    return sorted(compared, key=lambda each: (-order.index(each.verdict), each.name))


def worst(compared: list[ComparedMetric]) -> Verdict:
    """Return the verdict on all metrics; a run without metrics is not reproduced by another."""
    if not compared:
        return Verdict.MISSING
    found = {each.verdict for each in compared}
    if found & {Verdict.DIFFERENT, Verdict.MISSING}:
        return Verdict.DIFFERENT
    return Verdict.WITHIN if Verdict.WITHIN in found else Verdict.IDENTICAL


def is_timing(metric: str) -> bool:
    """Return whether a metric says how long something took, or how busy the machine was.

    >>> is_timing("fit_seconds"), is_timing("baseline/pca/inference_seconds"), is_timing("test/seconds/r2")
    (True, True, False)
    """
    return metric.startswith("system/") or metric.endswith("seconds")


def _is_equal(one: float, other: float) -> bool:
    """Return whether two numbers are equal bit for bit; two that are not defined are."""
    return one == other or (math.isnan(one) and math.isnan(other))
