"""Settings: runs that differ in nothing but what is drawn at random, so that their spread is that of chance."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from remanence.tracking.comparable import grouped
from remanence.tracking.compared_run import ComparedRun
from remanence.tracking.comparison import differing_parameters, outcome, shown_metrics
from remanence.tracking.limits import SHORT_ID
from remanence.tracking.parameters import complete_parameters

DRAWS = re.compile(r"(.*\.)?(seed|draw|noise_seed)|data\.split\.fold")
"""Keys that decide a draw, not what is drawn: of weights, of simulated data, of a split."""
SPLITS = ("data.split.seed", "data.split.fold")
LONGEST = 60
"""Most characters of the name of a setting."""
Draw = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Setting:
    """Finished runs that differ in their draws only."""

    name: str
    """What tells the setting from the others of its group, such as ``activation=tanh``."""
    runs: Mapping[Draw, ComparedRun]
    """Seeds of the run and of its data, sorted by key, to the newest run with them."""

    @property
    def over(self) -> str:
        """What the runs are repeated over: ``seeds``, ``splits``, or both."""
        varied = {key for draw in self.runs for key, _ in draw if len({dict(each).get(key) for each in self.runs}) > 1}
        named = [name for name, keys in (("seeds", varied.difference(SPLITS)), ("splits", varied & {*SPLITS})) if keys]
        return " and ".join(named) or "seeds"


def settings(runs: Sequence[ComparedRun]) -> dict[str, list[Setting]]:
    """Return the settings of each group of runs that have at least two runs.

    Simulated data that differ by their seed alone are one group here, see ``comparable.groups``.

    Args:
        runs: runs, the oldest first.
    """
    finished = [run for run in runs if outcome(run) == "FINISHED"]
    found = {group: _settings(members) for group, members in grouped(finished, drawn_alike=True).items()}
    return {group: each for group, each in found.items() if each}


def settings_table(found: Sequence[Setting]) -> pd.DataFrame:
    """Return a row for each setting: ``setting``, ``over``, and of each metric the mean and ``<metric> sd``.

    ``over`` says how many runs there are and what they are repeated over, such as ``3 seeds``. The deviation is that
    over these runs (n - 1), NaN where fewer than two have a value.
    """
    metrics = shown_metrics([run for setting in found for run in setting.runs.values()])
    rows = []
    for setting in found:
        row: dict[str, object] = {"setting": setting.name, "over": f"{len(setting.runs)} {setting.over}"}
        for metric in metrics:
            values = np.array([run.data.metrics.get(metric, np.nan) for run in setting.runs.values()])
            finite = values[np.isfinite(values)]
            row[metric] = float(finite.mean()) if finite.size else np.nan
            row[f"{metric} sd"] = float(finite.std(ddof=1)) if finite.size > 1 else np.nan
        rows.append(row)
    return pd.DataFrame(rows)


def can_be_tested(runs: Sequence[ComparedRun]) -> bool:
    """Return whether two settings of a group have two draws in common; testing imports scipy, which takes a second."""
    for found in settings(runs).values():
        if any(len(one.runs.keys() & other.runs.keys()) > 1 for one, other in combinations(found, 2)):
            return True
    return False


def _settings(runs: Sequence[ComparedRun]) -> list[Setting]:
    alike: dict[frozenset[tuple[str, str]], dict[Draw, ComparedRun]] = {}
    for run in runs:
        parameters = complete_parameters(run.data.params)
        draws = {key for key in parameters if DRAWS.fullmatch(key)}
        # seeds of one model only, such as a forest's, do not tell which runs of two settings belong together
        draw = tuple(sorted((key, parameters[key]) for key in draws if key == "seed" or key.startswith("data.")))
        fixed = frozenset((key, value) for key, value in parameters.items() if key not in draws)
        alike.setdefault(fixed, {})[draw] = run
    repeated = [members for members in alike.values() if len(members) > 1]
    names = _names([next(iter(members.values())) for members in repeated])
    return [Setting(name, members) for name, members in zip(names, repeated, strict=True)]


def _names(runs: Sequence[ComparedRun]) -> list[str]:
    """Return for each run what tells it from the others, without seeds; the name of the run if that is too long."""
    table = differing_parameters(runs)
    table = table[[key for key in table if not DRAWS.fullmatch(str(key))]]
    if not len(table.columns):
        return [str(run.info.run_name) for run in runs]
    endings = [str(key).removesuffix("._target_").rpartition(".")[2] for key in table]
    short = [end if endings.count(end) == 1 else str(key) for key, end in zip(table, endings, strict=True)]
    names = []
    for run, values in zip(runs, table.to_numpy(), strict=True):
        parts = [
            f"{key}={value.rpartition('.')[2] if value.startswith('remanence.') else value}"
            for key, value in zip(short, values, strict=True)
            if value != ""
        ]
        name = ", ".join(parts)
        names.append(name if name and len(name) <= LONGEST else str(run.info.run_name))
    return [
        name if names.count(name) == 1 else f"{name} ({run.info.run_id[:SHORT_ID]})"
        for name, run in zip(names, runs, strict=True)
    ]
