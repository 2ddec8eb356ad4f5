"""A user's wish for a property, such as ``d33>200``, ``gap in [1.2,1.8]`` or ``pce=max``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from remanence.data.column_names import meant
from remanence.errors import ConfigurationError

if TYPE_CHECKING:  # a mistake in what is asked of a run is reported without importing torch
    from torch import Tensor

Predicted = TypeVar("Predicted", NDArray[np.float64], "Tensor")

RELATIONS = (">", "max", "=", "in", "<", "min")
CONDITIONS = (">", "in", "<")
"""Relations that a prediction either meets or not; the other relations only rank predictions."""

_NUMBER = r"([-+.\deE]+)"
_WISH = re.compile(
    rf"([^<>=]+?)(?:\s*([<>])=?\s*{_NUMBER}|\s*=\s*(max|min)|\s*(=)\s*{_NUMBER}|\s+(in)\s*\[\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\])"
)
_EXAMPLES = {">": "d33>200", "max": "d33=max", "=": "gap=1.34", "in": "gap in [1.2,1.8]"}


@dataclass(frozen=True)
class Wish:
    """A property and the values that are wanted of it."""

    target: str
    relation: str
    """``>``, ``<``, ``max``, ``min``, ``=`` (closest to) or ``in``."""
    value: float = 0.0
    """Wanted value; for ``in``, the lower end of the range."""
    upper: float = 0.0
    """For ``in``, the upper end of the range, which is part of it."""

    def score(self, predicted: Predicted) -> Predicted:
        """Return how far each prediction is on the wanted side: higher is better, a condition is met above 0."""
        match self.relation:
            case ">":
                return predicted - self.value
            case "<":
                return self.value - predicted
            case "max":
                return predicted
            case "min":
                return -predicted
            case "=":
                return -abs(predicted - self.value)
        return (self.upper - self.value) / 2 - abs(predicted - (self.value + self.upper) / 2)

    def holds(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return whether all values from ``low`` to ``high`` meet the condition; true if the wish is no condition."""
        match self.relation:
            case ">":
                return low > self.value
            case "<":
                return high < self.value
            case "in":
                return (low >= self.value) & (high <= self.upper)
        return np.ones(len(low), dtype=np.bool_)


def parse_wish(text: str, known: Sequence[str], *, key: str = "target", relations: Sequence[str] = RELATIONS) -> Wish:
    """Read a wish such as ``d33>200``, ``d33=max``, ``gap=1.34`` or ``gap in [1.2,1.8]``.

    Args:
        text: text of the wish as the user typed it.
        known: names of the properties that the run predicts.
        key: key that the user typed the text for, for error messages.
        relations: relations that are allowed.

    Raises:
        ConfigurationError: if the text cannot be read, the property is unknown, or the range is empty.

    >>> parse_wish("gap in [1.2, 1.8]", ["gap"])
    Wish(target='gap', relation='in', value=1.2, upper=1.8)
    """
    found = _WISH.fullmatch(text.strip())
    wish = None
    if found:
        name, relation, bound, extreme, equal, aim, within, lower, upper = found.groups()
        try:
            wish = Wish(
                name, relation or extreme or equal or within, float(bound or aim or lower or 0), float(upper or 0)
            )
        except ValueError:
            wish = None
    if wish is None or wish.relation not in relations:
        examples = [f"'{example}'" for relation, example in _EXAMPLES.items() if relation in relations]
        shown = f"{', '.join(examples[:-1])} or {examples[-1]}"
        raise ConfigurationError(f"{key}: expected such as {shown}, got '{text}'")
    if len(found_names := meant(wish.target, known)) == 1:
        wish = replace(wish, target=found_names[0])
    else:
        raise ConfigurationError(f"{key}: the run predicts {', '.join(known)}, not '{wish.target}'")
    if wish.relation == "in" and not wish.value < wish.upper:
        raise ConfigurationError(
            f"{key}: [{wish.value:g},{wish.upper:g}] is empty; the first number must be the smaller"
        )
    return wish


def parse_constraints(text: str, known: Sequence[str]) -> list[Wish]:
    """Read conditions that are separated by ``and``, ``;`` or ``,``.

    Raises:
        ConfigurationError: as ``parse_wish``; also for ``max``, ``min`` and ``=``, which are not conditions.

    >>> [wish.relation for wish in parse_constraints("gap in [1.2,1.8] and pce>15", ["gap", "pce"])]
    ['in', '>']
    """
    parts = re.split(r"\s+and\s+|\s*[;,](?![^\[]*\])\s*", text)
    return [parse_wish(part, known, key="constraints", relations=CONDITIONS) for part in parts]
