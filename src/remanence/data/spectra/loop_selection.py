"""Which spectral points of a main dataset belong to one loop: one field, one cycle, in the order of the bias."""

from typing import get_args

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.h5usid import MainDataset
from remanence.errors import DataError
from remanence.science.band_excitation.switching import Field

FIELD_VALUES: dict[Field, float] = {"off": 0.0, "on": 1.0}
"""Values of the dimension Field: 1 while the bias is applied."""


def fields_of(main: MainDataset) -> list[Field]:
    """Return the fields that were measured.

    A scan of one field has no such dimension; its measurement then says which, or it is taken as off-field.
    """
    dimension = main.dimension("Field")
    if dimension is not None:
        return [field for field, value in FIELD_VALUES.items() if value in dimension.values]
    mode = main.file.attribute("/".join(main.path.split("/")[:2]), "VS_measure_in_field_loops")
    return ["on"] if mode == "in-field" else ["off"]


def cycles_of(main: MainDataset) -> int:
    """Return the number of cycles of the bias."""
    dimension = main.dimension("Cycle")
    return 1 if dimension is None else dimension.size


def select_loop(main: MainDataset, *, field: Field = "off", cycle: int = -1) -> NDArray[np.int64]:
    """Return the spectral points of one loop, shape (bias steps, bins); one bin where there is no Frequency.

    Args:
        main: with the dimension DC_Offset, and Frequency, Field and Cycle where it has them.
        field: ``off`` or ``on``.
        cycle: counted from 0, or from the last one with -1.

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
