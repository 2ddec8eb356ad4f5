"""Which inputs a column of formulas gives: chosen once from the training table, and stored with the model."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from remanence.data.columns import Columns
from remanence.data.composition_column import read_compositions
from remanence.science.composition.descriptors import chosen_names


def with_composition(
    columns: Columns,
    composition: str,
    abbreviations: Mapping[str, str],
    frame: pd.DataFrame,
    source: str,
    *,
    descriptors: Sequence[str] | None = None,
) -> tuple[Columns, list[str]]:
    """Return ``columns`` with the inputs of a column of formulas, and lines that say what was assumed in reading it.

    Args:
        columns: meaning of the other columns.
        composition: column of formulas; cells that cannot be read are left to whoever encodes the table.
        abbreviations: names that stand for formulas, besides those of the literature.
        frame: the whole table: what is an input depends on no split.
        source: name of the file, for messages.
        descriptors: descriptors that may be inputs beside the fractions of elements; None: all that suit the formulas.
    """
    without_target = {fault.row for fault in columns.read_targets(frame).faults}
    column = read_compositions(frame, composition, abbreviations)
    used = [each for row, each in enumerate(column.compositions) if each is not None and row not in without_target]
    used = used or column.read
    elements, kept = chosen_names(used, descriptors)
    said = [f"{source}: {line}" for line in column.assumed(frame)]
    chosen = replace(
        columns,
        composition=composition,
        elements=elements,
        known_elements=sorted({symbol for each in used for symbol in each.elements}),
        descriptors=kept,
        abbreviations=dict(abbreviations),
    )
    return chosen, said
