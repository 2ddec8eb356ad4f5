"""Solid solutions that a search tries: ``Na0.5Bi0.5TiO3:BaTiO3=0:0.25`` mixes end members."""

from collections.abc import Collection, Iterable
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.columns import Columns
from remanence.errors import ConfigurationError
from remanence.science.composition.composition import Composition
from remanence.science.composition.formula_error import FormulaError
from remanence.science.composition.mixture import mix
from remanence.science.composition.parse import parse_formula
from remanence.studies.design.axis import MOST_VALUES, number_axis, round_steps

MOST_FORMULAS = 2000
"""Largest number of formulas of one mixture without a step."""


def mixed_formulas(name: str, value: str, part: str, columns: Columns) -> list[str]:
    """Return the formulas of a mixture of end members.

    Args:
        name: end members, separated by colons, such as ``Na0.5Bi0.5TiO3:BaTiO3``.
        value: lowest and highest fraction of each end member but the first, which makes up the rest, and a step if the
            user gave one, such as ``0:0.25:0.01``.
        part: both as typed, for messages.
        columns: meaning of the model's columns.

    Raises:
        ConfigurationError: if an end member or the range cannot be read.
    """
    if columns.composition is None:
        raise ConfigurationError(f"over: '{part}' mixes formulas, but the run has no column of compositions")
    members = [member.strip() for member in name.split(":")]
    for member in members:
        read_formula(member, columns, "over")
    axis = number_axis(name, value, part)
    low, high = min(axis.values), max(axis.values)
    if low < 0 or high > 1:
        raise ConfigurationError(f"over: {part}: fractions of end members are between 0 and 1")
    most = min(MOST_VALUES, max(2, int(MOST_FORMULAS ** (1 / (len(members) - 1)))))
    steps = axis.values if axis.ends is None else round_steps(low, high, most, part)
    settings = [each for each in product(steps, repeat=len(members) - 1) if sum(each) <= 1 + 1e-9]
    if len(settings) > MOST_FORMULAS * 10:
        raise ConfigurationError(f"over: {part}: {len(settings)} formulas are too many; take a larger step")
    return [mix(members, [max(0.0, round(1 - sum(each), 12)), *each], columns.abbreviations).text for each in settings]


def read_formula(text: str, columns: Columns, key: str) -> Composition:
    """Return the composition that a user typed.

    Raises:
        ConfigurationError: if it cannot be read, with the place.
    """
    try:
        return parse_formula(text, columns.abbreviations)
    except FormulaError as error:
        # a search takes the abbreviations of the run, not those of the command line
        raise ConfigurationError(f"{key}: {str(error).partition('; data.abbreviations')[0]}") from None


def each_once(formulas: Iterable[str], columns: Columns) -> list[str]:
    """Return the formulas of different compositions, as the first of them is written."""
    found: dict[object, str] = {}
    for text in formulas:
        found.setdefault(parse_formula(str(text), columns.abbreviations).key, str(text))
    return list(found.values())


def elements_of(formulas: pd.Series, columns: Columns) -> set[str]:
    """Return the elements that formulas hold."""
    return {
        element for text in formulas.unique() for element in parse_formula(str(text), columns.abbreviations).elements
    }


def holds_any(elements: Collection[str], formulas: pd.Series, columns: Columns) -> NDArray[np.bool_]:
    """Return which formulas hold one of some elements, shape (formulas,)."""
    of_formula = {
        text: not parse_formula(str(text), columns.abbreviations).elements.isdisjoint(elements)
        for text in formulas.unique()
    }
    return formulas.map(of_formula).to_numpy(dtype=bool)


def amounts_of(element: str, formulas: pd.Series, columns: Columns) -> NDArray[np.float64]:
    """Return the amount of an element in one formula unit of each formula, shape (formulas,)."""
    of_formula = {
        text: parse_formula(str(text), columns.abbreviations).amounts.get(element, 0.0) for text in formulas.unique()
    }
    return formulas.map(of_formula).to_numpy(dtype=float)
