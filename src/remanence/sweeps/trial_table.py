"""A table of all trials of a study and their outcomes."""

import math
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
import pandas as pd
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

OUTCOMES = ("ok", "pruned", "failed", "skipped")
"""How a trial can end; ``skipped`` means that its value was taken from an earlier run of the same configuration."""
_BY_STATE = {TrialState.COMPLETE: "ok", TrialState.PRUNED: "pruned", TrialState.FAIL: "failed"}


def trial_table(study: Study) -> pd.DataFrame:
    """Return a table with one row per trial, in the order of their numbers.

    Returns:
        the columns ``number``, ``outcome``, the parameters (full keys), the objectives (names of their metrics),
        ``epochs``, ``seconds``, ``run`` (id), and ``kind`` and ``message`` of a failure. The objective of a pruned
        trial is the last reported value; an objective without a value is NaN. A trial that has not ended has the
        outcome ``running`` or ``waiting``.
    """
    trials = study.get_trials(deepcopy=False)
    objectives: list[str] = study.user_attrs["objective"]
    keys = list(dict.fromkeys(key for trial in trials for key in trial.params))
    columns: dict[str, Any] = {
        "number": [trial.number for trial in trials],
        "outcome": [outcome_of(trial) for trial in trials],
        **{key: pd.Series([trial.params.get(key) for trial in trials], dtype=object) for key in keys},
        **{
            name: [trial.values[position] if trial.values else math.nan for trial in trials]
            for position, name in enumerate(objectives)
        },
        **{name: [trial.user_attrs.get(name) for trial in trials] for name in ("epochs", "seconds")},
        **{name: [trial.user_attrs.get(name) or "" for trial in trials] for name in ("run", "kind", "message")},
    }
    types: dict[str, Any] = dict.fromkeys((*objectives, "seconds"), "float64") | {"epochs": "Int64"}
    return pd.DataFrame(columns).astype(types)


def outcome_of(trial: FrozenTrial) -> str:
    """Return the outcome of a trial: one of ``OUTCOMES``, or ``running`` or ``waiting``."""
    if not trial.state.is_finished():
        return trial.state.name.lower()
    return str(trial.user_attrs.get("outcome", _BY_STATE[trial.state]))


def count_outcomes(study: Study) -> dict[str, int]:
    """Return outcome to number of trials, including the outcomes that no trial has."""
    found = Counter(outcome_of(trial) for trial in study.get_trials(deepcopy=False))
    return {outcome: found[outcome] for outcome in (*OUTCOMES, *sorted(found.keys() - set(OUTCOMES)))}


def best_trials(study: Study, deleted: Collection[str] = ()) -> list[FrozenTrial]:
    """Return the best trial, or the Pareto front sorted by its first objective; empty if no trial has a value.

    Args:
        study: any study.
        deleted: ids of runs whose trials are left out, because the runs were deleted.
    """
    trials = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    trials = [trial for trial in trials if trial.user_attrs.get("run") not in deleted]
    if not trials:
        return []
    signs = np.array([1 if direction == StudyDirection.MINIMIZE else -1 for direction in study.directions])
    losses = signs * np.array([trial.values for trial in trials])  # (trials, objectives)
    if len(signs) == 1:
        return [trials[int(losses[:, 0].argmin())]]
    front = [
        trial
        for trial, loss in zip(trials, losses, strict=True)
        if not ((losses <= loss).all(axis=1) & (losses < loss).any(axis=1)).any()
    ]
    return sorted(front, key=lambda trial: trial.values[0])


def short_names(keys: Iterable[str]) -> dict[str, str]:
    """Return, for each dotted key, the shortest ending that no other key shares.

    >>> short_names(["model.lr", "model.scales.ions.latent_dim", "model.scales.solvent.latent_dim"])
    {'model.lr': 'lr', 'model.scales.ions.latent_dim': 'ions.latent_dim', \
'model.scales.solvent.latent_dim': 'solvent.latent_dim'}
    """
    keys = list(keys)
    return {key: next((end for end in _ends(key) if _is_end_of(end, keys) == 1), key) for key in keys}


def _ends(key: str) -> list[str]:
    parts = key.split(".")
    return [".".join(parts[-count:]) for count in range(1, len(parts) + 1)]


def _is_end_of(end: str, keys: list[str]) -> int:
    return sum(f".{key}".endswith(f".{end}") for key in keys)
