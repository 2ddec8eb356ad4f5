"""Selection of the spectral points of one loop: one field and one cycle, in the order of the bias steps."""

from typing import get_args

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.main_dataset import MainDataset
from remanence.errors import DataError
from remanence.science.band_excitation.switching import Field

FIELD_VALUES: dict[Field, float] = {"off": 0.0, "on": 1.0}
"""Value of the dimension Field for each field; it is 1 while the bias is applied."""


def fields_of(main: MainDataset) -> list[Field]:
    """Return the fields that were measured.

    A scan of a single field has no dimension Field. An attribute of its measurement may name the field; if none does,
    the scan counts as off-field.
    """
    dimension = main.dimension("Field")
    if dimension is not None:
        return [field for field, value in FIELD_VALUES.items() if value in dimension.values]
    mode = main.file.attribute("/".join(main.path.split("/")[:2]), "VS_measure_in_field_loops")
    return ["on"] if mode == "in-field" else ["off"]


def cycles_of(main: MainDataset) -> int:
    """Return the number of cycles of the bias that were measured."""
    dimension = main.dimension("Cycle")
    return 1 if dimension is None else dimension.size


def select_loop(main: MainDataset, *, field: Field = "off", cycle: int = -1) -> NDArray[np.int64]:
    """Return the numbers of the spectral points of one loop, shape (bias steps, bins).

    A dataset without the dimension Frequency has one bin.

    Args:
        main: dataset with the dimension DC_Offset; the dimensions Frequency, Field and Cycle are optional.
        field: field of the loop, ``off`` or ``on``.
        cycle: cycle of the loop, counted from 0; negative numbers count from the end, -1 is the last cycle.

    Raises:
        DataError: if the field or the cycle was not measured, or the loop is incomplete.
    """
    where = f"{main.file.path}: {main.path}"
    if field not in fields_of(main):
        known = " and ".join(fields_of(main)) if field in get_args(Field) else "off or on"
        raise DataError(f"{where}: field '{field}' is not there; expected {known}")
    cycles = cycles_of(main)
    if not -cycles <= cycle < cycles:
        raise DataError(f"{where}: cycle {cycle} is not there; it has {cycles}, counted from 0")
    chosen = np.ones(main.shape[1], dtype=bool)
    if main.dimension("Field"):
        chosen &= main.values("Field") == FIELD_VALUES[field]
    if main.dimension("Cycle"):
        chosen &= main.indices("Cycle") == cycle % cycles
    points = np.flatnonzero(chosen)

    step = main.indices("DC_Offset")[points]
    bins = main.indices("Frequency")[points] if main.dimension("Frequency") else np.zeros_like(points)
    steps, bin_count = np.unique(step).size, np.unique(bins).size
    once = np.unique(np.stack([step, bins]), axis=1).shape[1] == points.size == steps * bin_count
    if not once or not points.size:
        have = f"{points.size} points for {steps} bias steps and {bin_count} frequencies"
        raise DataError(f"{where}: field '{field}' of cycle {cycle % cycles} has {have}; expected one of each")
    return points[np.lexsort((bins, step))].reshape(steps, bin_count)
