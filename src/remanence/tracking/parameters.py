"""A resolved configuration as MLflow parameters, and its hash."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from remanence.foundation.names import key_names
from remanence.tracking.later_keys import complete, put, without
from remanence.tracking.limits import PARAMETER_LENGTH

PLACE_KEYS = (
    "paths",
    "tracking",
    "allowed_targets",
    "name",
    "figures",
    "figure_format",
    "figure_style",
    "sweep",
    "n_jobs",
)
"""Top-level keys that say where and under which name a run is recorded, not what it computes."""
REPEATED = "data.scales"
"""Key in the data of a chain that repeats the values of ``model.scales``."""


def flatten(node: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield dotted keys and leaf values; lists and empty mappings are leaves."""
    if isinstance(node, Mapping) and node:
        for key, value in node.items():
            yield from flatten(value, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, node


CLAIM = "remanence.claim."
"""Beginning of the name of a parameter that says which process has taken a run over, see ``tracking.claim``."""


def parameters(cfg: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters that MLflow shows and ``compare`` sorts by; a value over MLflow's limit ends in ``…``.

    A key that was added after a stored run is left out where its value is the earlier behaviour, as from the hash: a
    stored run that goes on gets no parameter that it did not have. ``complete_parameters`` adds it for comparisons.
    """
    computed = {key: value for key, value in without(cfg).items() if key not in PLACE_KEYS}
    leaves = [(key, value) for key, value in flatten(computed) if not key.startswith(REPEATED)]
    names = key_names(key for key, _ in leaves)
    return {names[key]: _shorten(str(value)) for key, value in leaves}


def complete_parameters(stored: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of a run, with the values of the keys that were added after the run.

    >>> complete_parameters({"model.lr": "0.1"})
    {'blend.baselines': '[]', 'blend.weights': 'None', 'model.lr': '0.1'}
    """
    configured = {key: value for key, value in stored.items() if not key.startswith(CLAIM)}
    # which keys are added depends on the keys that are there and on the classes; most runs of a store are alike in both
    classes = frozenset((key, value) for key, value in configured.items() if key.endswith(("_target_", "kind")))
    return {**_added(frozenset(configured), classes), **configured}


@lru_cache(maxsize=1000)
def _added(keys: frozenset[str], classes: frozenset[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters that ``complete`` adds to a run with these keys and classes."""
    nested: dict[str, Any] = {}
    for key, value in {**dict.fromkeys(sorted(keys)), **dict(classes)}.items():
        nested = put(nested, tuple(key.split(".")), value)
    completed = {key: value for key, value in complete(nested).items() if key not in PLACE_KEYS}
    return {key: str(value) for key, value in flatten(completed) if key not in keys}


def config_hash(cfg: Mapping[str, Any]) -> str:
    """Return a hash of 12 hexadecimal digits that equal configurations share, wherever they are recorded.

    A key that was added after a stored run enters the hash only if its value changes the earlier behaviour.

    >>> config_hash({"seed": 0, "name": "a"}) == config_hash({"name": "b", "seed": 0})
    True
    """
    computed = {key: value for key, value in without(cfg).items() if key not in PLACE_KEYS}
    return hashlib.sha256(json.dumps(computed, sort_keys=True, default=str).encode()).hexdigest()[:12]


def _shorten(value: str) -> str:
    return value if len(value) <= PARAMETER_LENGTH else value[: PARAMETER_LENGTH - 1] + "…"
