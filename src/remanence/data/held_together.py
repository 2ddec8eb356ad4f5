"""Which rows of a table are held out together: those with equal inputs, and those of one family."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.equal_inputs import EqualInputs
from remanence.data.splits import RowTable
from remanence.errors import DataError
from remanence.foundation.terminal import console


def hold_together(
    target: NDArray[np.float64],
    families: NDArray[Any] | None,
    frame: pd.DataFrame,
    source: str,
    equal: EqualInputs,
    *,
    torn: bool = False,
) -> RowTable:
    """Return the rows for a split, and say in one line how many rows repeat the inputs of another row.

    Args:
        target: values that strata are made from, shape (rows,).
        families: family of each row, shape (rows,); families that share equal inputs become one.
        frame: cells as read.
        source: name of the file, for messages.
        equal: which rows have equal inputs.
        torn: whether rows with equal inputs may stand on both sides of a split.

    Raises:
        DataError: if equal inputs join all families to one.
    """
    repeated = equal.repeated
    if not repeated.any():
        return RowTable(target, families, frame, source)
    sets = np.unique(equal.sets[repeated]).size
    of_both = EqualInputs.of(target[:, None], equal.sets)
    copies = int(of_both.repeated.sum())
    also = f" ({copies} of them have equal targets as well: copies?)" if copies else ""
    said = f"{source}: {repeated.sum()} of {len(target)} rows stand in {sets} sets of equal inputs{also}"
    if torn:
        console.print(f"{said}, which may stand on both sides of a split: the test is easier than new samples are")
        return RowTable(target, families, frame, source)
    console.print(f"{said}, which are held out together (data.duplicates=split: each row by itself)")
    if families is None:
        return RowTable(target, None, frame, source, equal)
    across = equal.torn(families)
    joined = equal.joined(families)
    if across.any():
        before, after = np.unique(families).size, np.unique(joined).size
        what = f"{source}: {across.sum()} rows with equal inputs stand in several families"
        if after == 1:
            raise DataError(
                f"{what}, so that all {before} families would be held out as one; name a feature that tells the rows "
                "apart, or allow it by data.duplicates=split"
            )
        console.print(f"{what}; these families are held out together: {after} instead of {before}")
    return RowTable(target, joined, frame, source, equal)
