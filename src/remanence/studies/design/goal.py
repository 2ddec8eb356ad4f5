"""The goal of a search: a wished property and its constraints, with the scales that predict them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.errors import ConfigurationError
from remanence.studies.design.predictive_chain import PredictiveChain
from remanence.studies.design.wish import Wish, parse_constraints, parse_wish

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Goal:
    """The target and the constraints of a search."""

    target: Wish
    constraints: Sequence[Wish]
    scale: str
    """Scale that predicts the target."""
    scales: Sequence[str]
    """Scales that predict the target or a constraint, finest first."""
    columns: Sequence[str]
    """Raw columns of these scales."""

    @classmethod
    def of_table(cls, target: Wish, constraints: Sequence[Wish]) -> Self:
        """Return a goal for a model without scales."""
        return cls(target, constraints, scale="", scales=(), columns=())

    @property
    def wishes(self) -> list[Wish]:
        """The target and all constraints."""
        return [self.target, *self.constraints]

    def order(self, predicted: pd.DataFrame, last: NDArray[np.bool_] | None = None) -> NDArray[np.intp]:
        """Return the order of the rows, best first.

        Rows that meet all constraints come first, sorted by score. The others follow, sorted by how much they miss.

        Args:
            predicted: predictions, one column per property; constraints on properties without a column are ignored.
            last: which rows to put after all others, shape (rows,); None puts none there.
        """
        violation, missed = np.zeros(len(predicted)), np.zeros(len(predicted), dtype=bool)
        for wish in self.constraints:
            if wish.target in predicted:
                values = predicted[wish.target].to_numpy(dtype=float)
                violation += np.maximum(-wish.score(values), 0) / (values.std() or 1.0)
                missed |= ~wish.holds(values, values)
        score = self.target.score(predicted[self.target.target].to_numpy(dtype=float))
        behind = np.zeros(len(predicted), dtype=bool) if last is None else last
        return np.lexsort((-score, violation * missed, missed, behind))


def read_goal(chain: PredictiveChain, target: str, constraints: str | None) -> Goal:
    """Read target and constraints as a user typed them.

    Args:
        chain: chain to search.
        target: wanted property, such as ``binding_energy<8``.
        constraints: conditions on properties of any scale, such as ``gap in [1.2,1.8]``.

    Raises:
        ConfigurationError: if a text cannot be read, if no scale predicts a property, or if the tables of the scales
            use one column name for different things.
    """
    scale_of = {name: scale for scale in chain.scales for name in chain.targets[scale]}
    wish = parse_wish(target, list(scale_of))
    conditions = [] if constraints is None else parse_constraints(constraints, list(scale_of))
    wished = {scale_of[each.target] for each in [wish, *conditions]}
    scales = [scale for scale in chain.scales if scale in wished]
    columns = dict.fromkeys(column for scale in scales for column in chain.raw_columns[scale])
    for scale in scales:
        # in joined tables, a finer table's column that clashes with a coarser one's is called <scale>.<column>
        if clash := [column for column in chain.raw_columns[scale] if f"{scale}.{column}" in columns]:
            raise ConfigurationError(
                f"constraints: properties of {' and '.join(scales)} cannot be wished together, "
                f"as '{clash[0]}' is another column in each of their tables"
            )
    return Goal(wish, conditions, scale_of[wish.target], scales, list(columns))
