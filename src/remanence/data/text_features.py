"""Features that hold text: they are taken as categories, and it is said; names of single rows are refused."""

from collections.abc import Collection, Sequence

import pandas as pd

from remanence.data.category_column import levels_of
from remanence.data.number_column import holds_text
from remanence.errors import DataError
from remanence.foundation.first_few import first_few

SHOWN = 8
"""Number of categories that a line lists."""


def text_features(
    frame: pd.DataFrame, features: Sequence[str], categorical: Collection[str], source: str
) -> tuple[list[str], tuple[str, ...]]:
    """Return the features that hold text although nobody has called them categories, and what is said of each.

    Args:
        frame: cells as read.
        features: columns to predict from.
        categorical: those of them whose values are known to be categories.
        source: name of the file, for messages.

    Raises:
        DataError: if more than half of the cells of such a feature have a text of their own, which is the name or the
            formula of a row, and no category.
    """
    found = [name for name in features if name not in categorical and holds_text(frame[name])]
    said = []
    for name in found:
        levels, cells = levels_of(frame[name]), len(frame)
        if 2 * len(levels) > cells:
            raise DataError(
                f"{source}: column '{name}' holds {len(levels)} different texts in {cells} rows, as {levels[0]!r}; "
                "that is no category but the name of a row. Leave it out of data.features, or name it in "
                "data.composition if it holds formulas"
            )
        shown = first_few(levels[:SHOWN], of=len(levels))
        said.append(f"{source}: '{name}' holds text and is taken as a category: {shown}")
    return found, tuple(said)
