"""What an experiment is wanted for: one property or several, such as ``d33=max,tan_delta<0.02``."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from remanence.errors import ConfigurationError
from remanence.studies.design.named_inputs import split_parts
from remanence.studies.design.wish import Wish, parse_wish

GOALS = "goals"
"""Key of ``attrs``: the goals of suggested experiments, as a user would type them."""

Values = NDArray[np.float64]


def parse_goals(text: str | None, targets: Sequence[str]) -> list[Wish]:
    """Read the goals, separated by commas.

    Args:
        text: as typed; None takes the maximum of the first target.
        targets: names of the properties that the run predicts.

    Raises:
        ConfigurationError: if a goal cannot be read, names an unknown property, or one that another goal names.

    >>> [(goal.target, goal.relation) for goal in parse_goals("d33=max, gap in [1,2]", ["d33", "gap"])]
    [('d33', 'max'), ('gap', 'in')]
    """
    if text is None:
        return [Wish(targets[0], "max")]
    goals = [parse_wish(part, targets) for part in split_parts(text, "target")]
    for name in {goal.target for goal in goals}:
        if [goal.target for goal in goals].count(name) > 1:
            raise ConfigurationError(f"target: {name} is named twice")
    return goals


def scores(goals: Sequence[Wish], values: Values, targets: Sequence[str]) -> Values:
    """Return how good values are for each goal, higher is better.

    Args:
        goals: what is wanted.
        values: values of all targets, shape (…, targets).
        targets: names of the targets.

    Returns:
        shape (…, goals); a range or a limit is met from 0 on.
    """
    columns = [goal.score(values[..., list(targets).index(goal.target)]) for goal in goals]
    return np.stack(columns, axis=-1)
