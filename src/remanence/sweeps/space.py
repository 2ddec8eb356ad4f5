"""The search space, translated from Hydra's grammar to Optuna's distributions."""

import math
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, Override, RangeSweep
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from remanence.errors import ConfigurationError

SETTLED = ("hydra", "n_jobs", "objective", "objective_direction", "paths", "pruner", "sweep", "tracking")
"""Keys and groups that are the same for all trials of a sweep."""


@dataclass(frozen=True)
class Space:
    """The search space of a sweep."""

    texts: dict[str, str]
    """Key to its search as typed, such as ``tag(log,interval(1e-5,0.5))``."""
    listed: dict[str, list[str]]
    """Key to its values as text, for keys with a finite list of values."""
    distributions: dict[str, BaseDistribution]
    """Key to the distribution that Optuna draws its values from."""

    @classmethod
    def of(cls, overrides: Sequence[Override]) -> "Space":
        """Return the search space of overrides that each search a key.

        Raises:
            ConfigurationError: for a search that neither lists values nor names an interval, or that is empty.
        """
        listed = {o.get_key_element(): _listed(o) for o in overrides if o.is_discrete_sweep()}
        return cls(
            texts={o.get_key_element(): str(o.input_line).partition("=")[2] for o in overrides},
            listed=listed,
            distributions={o.get_key_element(): _distribution(o, listed) for o in overrides},
        )

    @property
    def is_finite(self) -> bool:
        """Whether every key has listed values, so that every combination can be tried."""
        return self.listed.keys() == self.texts.keys()

    def combinations(self) -> list[dict[str, str]]:
        """Return every combination of the listed values; the last key varies fastest.

        Raises:
            ConfigurationError: if the values of a key cannot be listed.
        """
        for key in sorted(self.texts.keys() - self.listed.keys()):
            raise ConfigurationError(f"{key}: a grid needs listed values, got '{self.texts[key]}'")
        return [dict(zip(self.listed, values, strict=True)) for values in product(*self.listed.values())]

    def corners(self) -> list[dict[str, Any]]:
        """Return sets of values that together contain every listed value and both ends of every interval."""
        ends = {key: self.listed.get(key) or _ends(found) for key, found in self.distributions.items()}
        longest = max(map(len, ends.values()), default=1)
        return [{key: values[min(row, len(values) - 1)] for key, values in ends.items()} for row in range(longest)]

    def check_stored(self, number: int, values: Mapping[str, Any]) -> None:
        """Refuse values of a trial that this search does not propose: whoever wrote them, it was not this search.

        Args:
            number: number of the trial.
            values: its values as stored in the database of the study, which may be somebody else's.

        Raises:
            ConfigurationError: if a key is not searched, or its value is none of those that are searched.
        """
        for key, value in values.items():
            match self.distributions.get(key):
                case CategoricalDistribution(choices=choices):
                    is_proposed = value in choices
                case IntDistribution(low=low, high=high) | FloatDistribution(low=low, high=high):
                    is_proposed = isinstance(value, int | float) and low <= value <= high
                case _:
                    is_proposed = False
            if not is_proposed:
                raise ConfigurationError(
                    f"sweep.storage: trial {number} has {key}={value}, which this search does not propose; "
                    "give another sweep.name"
                )


@dataclass(frozen=True)
class Search:
    """What a command line asks a sweep to do."""

    common: list[str]
    """Overrides that all trials share."""
    space: Space
    replaced: dict[str, str]
    """Search that a later override of the same key replaces, to that override; both as typed."""


def read_search(arguments: Sequence[str], params: Mapping[str, Any], config_loader: ConfigLoader) -> Search:
    """Split a command line into the overrides that all trials share and the search space.

    Of overrides of the same key the last one wins, whether it searches the key or gives it a value.

    Args:
        arguments: overrides as typed.
        params: further searches, from ``hydra.sweeper.params``; the command line has priority.
        config_loader: Hydra's loader, which distinguishes groups from keys.

    Raises:
        ConfigurationError: if a search is empty, or if its key must be the same for all trials.
    """
    parser = OverridesParser.create(config_loader=config_loader)
    named = parser.parse_overrides([f"{key}={values}" for key, values in params.items()])
    typed = parser.parse_overrides(list(arguments))
    given = set(map(_target, typed))
    overrides = [*typed, *(override for override in named if _target(override) not in given)]
    last = {_target(override): override for override in overrides}
    searched = [override for override in last.values() if override.is_sweep_override()]
    for override in searched:
        _check_varies(override)
        _check_order(override, typed[typed.index(override) + 1 :] if override in typed else typed)
    replaced = {
        str(override.input_line): str(instead.input_line)
        for override in [*named, *typed]
        if override.is_sweep_override() and (instead := last[_target(override)]) is not override
    }
    return Search(
        common=[str(override.input_line) for override in overrides if not override.is_sweep_override()],
        space=Space.of(searched),
        replaced={search: instead for search, instead in replaced.items() if search != instead},
    )


def _target(override: Override) -> tuple[str, str | None]:
    """Return what an override is about, whether it changes, adds or deletes it."""
    return override.key_or_group, override.package


def as_overrides(values: Mapping[str, Any]) -> list[str]:
    """Return ``key=value`` for each proposed value.

    >>> as_overrides({"model.lr": 0.001, "model.hidden": "[64,64]"})
    ['model.lr=0.001', 'model.hidden=[64,64]']
    """
    return [f"{key}={value}" for key, value in values.items()]


def _check_varies(override: Override) -> None:
    """Raise ConfigurationError for a key that must be the same for all trials of a sweep."""
    first = re.split(r"[./@]", override.key_or_group)[0]
    if first in SETTLED:
        hint = f"; several are written {first}=[…,…]" if first.startswith("objective") else ""
        raise ConfigurationError(
            f"{override.key_or_group}: is the same for all trials, got '{override.input_line}'{hint}"
        )


def _check_order(search: Override, later: Sequence[Override]) -> None:
    """Refuse a value for a part of what is searched, or for a whole of which a part is searched, after the search.

    The values of a trial are applied after those that all trials share, so that the last one would not win.
    """
    values = search.value()
    holds_mappings = isinstance(values, ChoiceSweep) and any(isinstance(value, dict) for value in values.list)
    for override in later:
        if override.is_sweep_override() or override.is_delete():
            continue
        is_part = holds_mappings and override.key_or_group.startswith(f"{search.key_or_group}.")
        is_whole = isinstance(override.value(), dict) and search.key_or_group.startswith(f"{override.key_or_group}.")
        if is_part or is_whole:
            raise ConfigurationError(
                f"{override.key_or_group}: '{override.input_line}' and the search '{search.input_line}' give the same "
                "values; give only one of them"
            )


def _listed(override: Override) -> list[str]:
    key, search = override.get_key_element(), override.value()
    shuffled = search if isinstance(search, ChoiceSweep | RangeSweep) and search.shuffle else None
    if shuffled is not None:
        shuffled.shuffle = False  # Hydra would shuffle differently at every start; we shuffle below with a fixed seed
    found = map(str, _numbers(search)) if isinstance(search, RangeSweep) else override.sweep_string_iterator()
    values = list(dict.fromkeys(found))
    if not values:
        raise ConfigurationError(f"{key}: there is no value in '{override.input_line}'")
    if shuffled is not None:
        random.Random(override.input_line).shuffle(values)
    return values


def _numbers(search: RangeSweep) -> list[int] | list[float]:
    start, stop, step = (Decimal(str(number)) for number in (search.start, search.stop, search.step))
    count = max(0, math.ceil((stop - start) / step)) if step else 0
    # decimal arithmetic, because Hydra adds binary numbers: its range(1,1.3,0.1) has 1.2000000000000002, and 1.3
    kind = int if all(isinstance(number, int) for number in (search.start, search.stop, search.step)) else float
    return [kind(start + place * step) for place in range(count)]


def _distribution(override: Override, listed: Mapping[str, list[str]]) -> BaseDistribution:
    key, search = override.get_key_element(), override.value()
    match search:
        case IntervalSweep(start=low, end=high) if low is not None and high is not None:
            if not low < high:
                raise ConfigurationError(f"{key}: the interval from {low} to {high} is empty")
            log = "log" in search.tags
            if log and low <= 0:
                raise ConfigurationError(f"{key}: a logarithmic interval must begin above 0, got {low}")
            if isinstance(low, int) and isinstance(high, int):
                return IntDistribution(low, high, log=log)
            return FloatDistribution(float(low), float(high), log=log)
        case RangeSweep(step=step):
            numbers = _numbers(search)
            low, high = min(numbers), max(numbers)
            if isinstance(low, int) and isinstance(high, int) and isinstance(step, int):
                return IntDistribution(low, high, step=abs(step))
            return FloatDistribution(low, high, step=abs(step))
        case _ if key in listed:
            return CategoricalDistribution(tuple(listed[key]))
        case _:
            raise ConfigurationError(
                f"{key}: a sweep needs listed values, range(…) or interval(…), got '{override.input_line}'"
            )


def _ends(found: BaseDistribution) -> list[float]:
    assert isinstance(found, IntDistribution | FloatDistribution)
    return [found.low, found.high]
