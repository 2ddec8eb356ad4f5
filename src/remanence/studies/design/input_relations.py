"""What the constraints of a search mean for its grid: equalities give one input, all others leave rows out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.columns import Columns
from remanence.errors import ConfigurationError
from remanence.science.composition.elements import ELEMENTS
from remanence.studies.design.axis import Axis
from remanence.studies.design.formula_space import amounts_of
from remanence.studies.design.linear_constraint import LinearConstraint, parse_constraints
from remanence.studies.design.named_inputs import find_input, raw_inputs

ELEMENT = "amount of element "
"""What the name of a term begins with that is an element of the composition, so that no column is called so."""

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Relations:
    """The constraints of a search."""

    solved: Mapping[str, LinearConstraint]
    """Equality that each of these inputs follows from."""
    limits: Mapping[str, tuple[float, float]]
    """Range of each input that follows from an equality and was to be searched."""
    others: Sequence[LinearConstraint]
    columns: Columns

    @classmethod
    def read(cls, text: str | None, columns: Columns, axes: Sequence[Axis], unnamed: Sequence[str]) -> "Relations":
        """Read the constraints.

        A grid would hit an equality by chance only. Therefore one of its inputs follows from the others: a number that
        nobody named, or else the last one of those that are searched.

        Args:
            text: text as typed; None for no constraint.
            columns: meaning of the model's columns.
            axes: what is searched.
            unnamed: numbers that are neither searched nor given.

        Raises:
            ConfigurationError: if the text cannot be read, or names something that is no number of the model.
        """
        constraints = [] if text is None else parse_constraints(text, lambda name: _term(name, columns))
        searched = {axis.name: axis for axis in axes if axis.name not in (*columns.levels, columns.composition)}
        equalities = [each for each in constraints if each.relation == "="]
        solved: dict[str, LinearConstraint] = {}
        for _ in equalities:  # what one of them gives may leave a single unknown in another one
            for each in equalities:
                unknown = [name for name in each.weights if name in unnamed and name not in solved]
                if len(unknown) == 1 and each not in solved.values():
                    solved[unknown[0]] = each
        for each in equalities:
            able = [name for name in searched if name in each.weights and name not in solved]
            if able and each not in solved.values():
                solved[able[-1]] = each
        for each in constraints:
            if missing := [name for name in each.weights if name in unnamed and name not in solved]:
                raise ConfigurationError(
                    f"constraint: '{each.text}': {missing[0]} has no value; name it in over= or given="
                )
        limits = {name: (min(searched[name].values), max(searched[name].values)) for name in solved if name in searched}
        return cls(solved, limits, [each for each in constraints if each not in solved.values()], columns)

    def searched(self, axes: Sequence[Axis]) -> list[Axis]:
        """Return the axes without those that follow from others."""
        return [axis for axis in axes if axis.name not in self.solved]

    def kept(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that keep to all constraints, with the inputs that follow from the others."""
        waiting = dict(self.solved)
        while waiting:
            ready = [name for name, each in waiting.items() if self._known(each, rows) >= {*each.weights} - {name}]
            if not ready:
                texts = "' and '".join(each.text for each in waiting.values())
                raise ConfigurationError(f"constraint: '{texts}' cannot be solved one after the other")
            name = ready[0]
            values = waiting.pop(name).solved_for(name, self._values_of(rows))
            rows = rows.assign(**{name: values})
            if name in self.limits:
                low, high = self.limits[name]
                slack = 1e-9 * max(abs(low), abs(high))
                rows = rows[rows[name].between(low - slack, high + slack)]
        for constraint in self.others:
            rows = rows[constraint.holds(self._values_of(rows))]
        return rows.drop_duplicates(ignore_index=True)

    def _known(self, constraint: LinearConstraint, rows: pd.DataFrame) -> set[str]:
        return {name for name in constraint.weights if name in rows or name.startswith(ELEMENT)}

    def _values_of(self, rows: pd.DataFrame) -> Callable[[str], Values]:
        def values(name: str) -> Values:
            if name.startswith(ELEMENT):
                return amounts_of(name.removeprefix(ELEMENT), rows[self.columns.composition], self.columns)
            return rows[name].to_numpy(dtype=float)

        return values


def _term(name: str, columns: Columns) -> str:
    if name in ELEMENTS and columns.composition is not None and name not in raw_inputs(columns):
        return ELEMENT + name
    found = find_input(name, columns, "constraint")
    if found in columns.levels or found == columns.composition:
        what = "is a category" if found in columns.levels else "holds formulas"
        raise ConfigurationError(f"constraint: {found} {what}; only numbers and amounts of elements can be related")
    return found
