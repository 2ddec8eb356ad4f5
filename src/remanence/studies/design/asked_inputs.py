"""What a search varies, as a user types it: ``x=0:0.25,T_sint=1100:1180:10,Process=[NS,QS]``."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from remanence.data.cells import as_number, level_of
from remanence.data.columns import Columns
from remanence.errors import ConfigurationError
from remanence.studies.design.axis import Axis, number_axis
from remanence.studies.design.formula_space import each_once, mixed_formulas, read_formula
from remanence.studies.design.named_inputs import find_input, raw_inputs, split_parts, split_value, typed_name


def parse_over(text: str, columns: Columns) -> list[Axis]:
    """Read what a search varies.

    Args:
        text: parts separated by commas: ranges of numbers, with a step or without, lists of values in brackets, and
            mixtures of formulas.
        columns: meaning of the model's columns.

    Raises:
        ConfigurationError: if a part cannot be read, names an unknown input or value, is empty, or comes twice.
    """
    axes, formulas = list[Axis](), list[str]()
    for part in split_parts(text, "over"):
        name, value = split_value(part, "over")
        if ":" in name and name not in raw_inputs(columns):
            formulas += mixed_formulas(name, value, part, columns)
            continue
        axis = _axis(find_input(name, columns, "over"), value, part, columns)
        if axis.name in [other.name for other in axes]:
            raise ConfigurationError(f"over: {axis.name} is named twice")
        axes.append(axis)
    return _with_formulas(axes, formulas, columns)


def parse_given(text: str, columns: Columns) -> dict[str, Any]:
    """Read the inputs that are fixed, such as ``Process=NS,T_sint=1150``.

    Raises:
        ConfigurationError: if a part cannot be read, names an unknown input or value, or comes twice.
    """
    fixed: dict[str, Any] = {}
    for part in split_parts(text, "given"):
        name, value = split_value(part, "given")
        name = find_input(name, columns, "given")
        if name in fixed:
            raise ConfigurationError(f"given: {name} is named twice")
        is_text = name in columns.levels or name == columns.composition
        if re.fullmatch(r"\[.*\]", value) or (":" in value and not is_text):
            raise ConfigurationError(f"given: {part}: fixes one value; over='{part}' tries several")
        fixed[name] = one_value(name, value, columns, "given")
    return fixed


def one_value(name: str, text: str, columns: Columns, key: str) -> Any:
    """Return the value of an input as the model takes it: a number, a known category, or a formula.

    Raises:
        ConfigurationError: if the text is none.
    """
    text = text.strip().strip("'\"")
    if name in columns.levels:
        known = columns.levels[name]
        place = level_of(text, known)
        place = level_of(as_number(text), known) if place is None and as_number(text) is not None else place
        if place is None:
            raise ConfigurationError(f"{key}: {name} is one of {', '.join(known)}, not '{text}'")
        return known[place]
    if name == columns.composition:
        read_formula(text, columns, key)
        return text
    number = as_number(text)
    if number is None or not np.isfinite(number):
        raise ConfigurationError(f"{key}: {name} is a number, not '{text}'")
    return number


def _axis(name: str, value: str, part: str, columns: Columns) -> Axis:
    if found := re.fullmatch(r"\[(.*)\]", value):
        listed = [one_value(name, each, columns, "over") for each in split_parts(found[1], "over")]
        return Axis(name, list(dict.fromkeys(listed)))
    if name == columns.composition:
        example = f"'NaNbO3:KNbO3=0:1' or '{typed_name(name)}=[NaNbO3,KNbO3]'"
        raise ConfigurationError(f"over: {name} holds formulas; expected such as {example}, got '{part}'")
    if name in columns.levels:
        example = f"'{typed_name(name)}=[{','.join(columns.levels[name])}]'"
        raise ConfigurationError(f"over: {name} is a category; expected such as {example}, got '{part}'")
    return number_axis(name, value, part)


def _with_formulas(axes: list[Axis], formulas: Sequence[str], columns: Columns) -> list[Axis]:
    """Return the axes, where the formulas of lists and of mixtures are one."""
    listed = [text for axis in axes if axis.name == columns.composition for text in axis.values]
    if not (listed or formulas) or columns.composition is None:
        return axes
    others = [axis for axis in axes if axis.name != columns.composition]
    return [Axis(columns.composition, each_once([*listed, *formulas], columns)), *others]
