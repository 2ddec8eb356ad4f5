"""Relations between inputs that candidates keep to: ``K+Na=1``, ``2*x-y<=0.5``."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from remanence.errors import ConfigurationError
from remanence.studies.design.named_inputs import split_parts

TOLERANCE = 1e-5
"""Largest relative deviation from an equality that is put down to rounding: formulas have six decimals."""

Values = NDArray[np.float64]


@dataclass(frozen=True)
class LinearConstraint:
    """A weighted sum of inputs, or of amounts of elements, and its bound."""

    text: str
    weights: Mapping[str, float]
    """Weight of each term, by its name."""
    relation: str
    """``=``, ``<`` or ``>``; the bound itself is allowed."""
    bound: float

    def holds(self, values: Callable[[str], Values]) -> NDArray[np.bool_]:
        """Return which rows keep to the relation, shape (rows,).

        Args:
            values: returns the values (rows,) of a term.
        """
        terms = {name: weight * values(name) for name, weight in self.weights.items()}
        total = np.sum(list(terms.values()), axis=0)
        size = abs(self.bound) + np.sum([abs(term) for term in terms.values()], axis=0)
        slack = TOLERANCE * size
        if self.relation == "<":
            return np.asarray(total <= self.bound + slack)
        if self.relation == ">":
            return np.asarray(total >= self.bound - slack)
        return np.asarray(abs(total - self.bound) <= slack)

    def solved_for(self, name: str, values: Callable[[str], Values]) -> Values:
        """Return the value of one term that makes the equality true, shape (rows,)."""
        rest = sum(weight * values(other) for other, weight in self.weights.items() if other != name)
        return np.asarray((self.bound - rest) / self.weights[name])


def parse_constraints(text: str, known: Callable[[str], str]) -> list[LinearConstraint]:
    """Read relations that are separated by commas, ``;`` or ``and``.

    Args:
        text: text as typed.
        known: returns the name of a term as the search calls it; raises ``ConfigurationError`` for an unknown one.

    Raises:
        ConfigurationError: if a relation cannot be read or names something unknown.
    """
    parts = [each for part in split_parts(text, "constraint") for each in re.split(r"\s+and\s+|\s*;\s*", part)]
    return [_parse(part, known) for part in parts]


def _parse(text: str, known: Callable[[str], str]) -> LinearConstraint:
    sides = re.split(r"\s*(<=|>=|==|=|<|>)\s*", text.strip())
    if len(sides) != 3 or not sides[0] or not sides[2]:
        raise ConfigurationError(f"constraint: expected such as 'K+Na=1' or '2*x-y<0.5', got '{text}'")
    weights, bound = dict[str, float](), 0.0
    for side, sign in ((sides[0], 1.0), (sides[2], -1.0)):
        for weight, name in weighted_terms(side, key="constraint", example="'K+Na=1' or '2*x-y<0.5'", text=text):
            if name is None:
                bound -= sign * weight
            else:
                name = known(name)
                weights[name] = weights.get(name, 0.0) + sign * weight
    weights = {name: weight for name, weight in weights.items() if weight}
    if not weights:
        raise ConfigurationError(f"constraint: '{text}' names no input")
    return LinearConstraint(text, weights, sides[1][0], bound)


def weighted_terms(side: str, *, key: str, example: str, text: str | None = None) -> Sequence[tuple[float, str | None]]:
    """Return weight and name of each term of a sum such as ``1+2*x``; the name of a plain number is None.

    Args:
        side: the sum.
        key: key that it was typed for, for messages.
        example: examples of what is expected, for messages.
        text: what was typed, if the sum is a part of it.

    Raises:
        ConfigurationError: if the sum cannot be read.
    """
    number = r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
    term = re.compile(
        rf"""\s*([-+]?)\s*(?:({number})\s*\*\s*|)(?:({number})(?![\w(])|"([^"]+)"|'([^']+)'|([^-+*"']+?))\s*(?=[-+]|$)"""
    )
    found, place = [], 0
    while place < len(side):
        match = term.match(side, place)
        if match is None or (place and not match[1]):
            raise ConfigurationError(f"{key}: expected such as {example}, got '{text or side}'")
        sign, weight, plain, *names = match.groups()
        value = (-1.0 if sign == "-" else 1.0) * float(weight or 1) * float(plain or 1)
        found.append((value, None if plain else next(name for name in names if name).strip()))
        place = match.end()
    return found
