"""What a user wants of a property: ``d33>200``, ``gap in [1.2,1.8]``, ``pce=max``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from remanence.errors import ConfigurationError

Predicted = TypeVar("Predicted", NDArray[np.float64], Tensor)

RELATIONS = (">", "max", "=", "in", "<", "min")
CONDITIONS = (">", "in", "<")
"""Relations that a prediction meets or does not; the others only say which of two predictions is better."""

_NUMBER = r"([-+.\deE]+)"
_WISH = re.compile(
    rf"([^<>=]+?)(?:\s*([<>])=?\s*{_NUMBER}|\s*=\s*(max|min)|\s*(=)\s*{_NUMBER}|\s+(in)\s*\[\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\])"
)
_EXAMPLES = {">": "d33>200", "max": "d33=max", "=": "gap=1.34", "in": "gap in [1.2,1.8]"}


@dataclass(frozen=True)
class Wish:
    """A wanted property."""

    target: str
    relation: str
    """``>``, ``<``, ``max``, ``min``, ``=`` (closest to) or ``in``."""
    value: float = 0.0
    """For ``in`` the lower end."""
    upper: float = 0.0
    """For ``in`` the upper end, which belongs to it."""

    def score(self, predicted: Predicted) -> Predicted:
        """Return how far each prediction is on the wanted side; higher is better, and a condition is met above 0."""
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
        """Return whether all values from ``low`` to ``high`` meet the condition; true where the wish is none."""
        match self.relation:
            case ">":
                return low > self.value
            case "<":
                return high < self.value
            case "in":
                return (low >= self.value) & (high <= self.upper)
        return np.ones(len(low), dtype=np.bool_)


def parse_wish(text: str, known: Sequence[str], *, key: str = "target", relations: Sequence[str] = RELATIONS) -> Wish:
    """Read ``d33>200``, ``d33=max``, ``gap=1.34`` or ``gap in [1.2,1.8]``.

    Args:
        text: as typed.
        known: properties that the run predicts.
        key: that the user typed it for.
        relations: that may be asked for.

    Raises:
        ConfigurationError: for another text or property, or an empty range.

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
    if wish.target not in known:
        raise ConfigurationError(f"{key}: the run predicts {', '.join(known)}, not '{wish.target}'")
    if wish.relation == "in" and not wish.value < wish.upper:
        raise ConfigurationError(
            f"{key}: [{wish.value:g},{wish.upper:g}] is empty; the first number must be the smaller"
        )
    return wish


def parse_constraints(text: str, known: Sequence[str]) -> list[Wish]:
    """Read conditions that are joined by ``and``, ``;`` or ``,``.

    Raises:
        ConfigurationError: as ``parse_wish``; ``max``, ``min`` and ``=`` are no conditions.

    >>> [wish.relation for wish in parse_constraints("gap in [1.2,1.8] and pce>15", ["gap", "pce"])]
    ['in', '>']
    """
    parts = re.split(r"\s+and\s+|\s*[;,](?![^\[]*\])\s*", text)
    return [parse_wish(part, known, key="constraints", relations=CONDITIONS) for part in parts]
