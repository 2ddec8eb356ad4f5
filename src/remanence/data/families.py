"""Families of formulas that are held out as a whole: equal ones, or those of the same elements."""

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.columns import Columns
from remanence.data.composition_column import read_compositions
from remanence.data.equal_inputs import EqualInputs
from remanence.foundation.terminal import console
from remanence.science.composition.composition import Composition

Kind = Literal["none", "formula", "elements"]


def compositions_of(frame: pd.DataFrame, columns: Columns) -> list[Composition] | None:
    """Return the composition of each row, in which every formula can be read; None without a column of formulas."""
    if columns.composition is None:
        return None
    return read_compositions(frame, columns.composition, columns.abbreviations).read


def equal_inputs(x: NDArray[np.float64], columns: Columns, compositions: list[Composition] | None) -> EqualInputs:
    """Return which rows have equal inputs; formulas are equal if they hold the same, however they are written.

    Args:
        x: encoded inputs, shape (rows, inputs).
        columns: meaning of the columns.
        compositions: composition of each row; None without a column of formulas.
    """
    if compositions is None:
        return EqualInputs.of(x)
    others = x[:, : len(columns.inputs) - len(columns.composition_inputs)]
    return EqualInputs.of(others, [str(composition.key) for composition in compositions])


def families_of_compositions(
    compositions: list[Composition], frame: pd.DataFrame, columns: Columns, kind: Kind, source: str
) -> NDArray[np.str_] | None:
    """Return the family of each row, shape (rows,), and say in a line how many there are.

    Args:
        compositions: composition of each row.
        frame: cells as read; a family of equal formulas is called as the first of them is written.
        columns: meaning of the columns.
        kind: ``formula``: equal formulas, however they are written and whatever the other inputs are; ``elements``:
            formulas of the same elements; ``none``: no families.
        source: name of the file, for the line.
    """
    if kind == "none":
        return None
    if kind == "elements":
        named = np.array([" ".join(sorted(each.elements)) for each in compositions])
        what = "formulas of the same elements"
    else:
        written = frame[columns.composition].astype(str).to_numpy()
        codes, _ = pd.factorize(np.array([str(each.key) for each in compositions], dtype=object))
        named = written[np.unique(codes, return_index=True)[1]][codes].astype(str)
        what = "equal formulas"
    console.print(f"{source}: {np.unique(named).size} families of {what}, each held out as a whole")
    return named


def say_repeated_ids(frame: pd.DataFrame, columns: Columns, equal: EqualInputs, source: str) -> None:
    """Say in a line that rows of one id stand in several rows that a split may tear apart, and what prevents it."""
    ids = [columns.id] if columns.id else [str(name) for name in frame.columns if str(name).strip().lower() == "id"]
    if len(ids) != 1:
        return
    codes, names = pd.factorize(frame[ids[0]])
    pairs = np.unique(np.stack([codes, equal.sets]), axis=1)[0]
    several = np.bincount(pairs[pairs >= 0], minlength=len(names)) > 1
    if several.any():
        rows = int(np.isin(codes, np.flatnonzero(several)).sum())
        console.print(
            f"{source}: {several.sum()} values of '{ids[0]}' stand in {rows} rows with different inputs; if a value "
            f"names one sample, data.groups={ids[0]} holds its rows out together"
        )
