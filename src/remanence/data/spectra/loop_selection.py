"""Selection of the spectral points of loops: field, cycle and FORC loop, and the steps of the bias in their order.

What is selected follows from the values of the dimensions. A step is a place in time, not a distinct value: a waveform
may hold a bias, and an index may count on where the bias begins again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.main_dataset import MainDataset
from remanence.data.spectra.waveform import Repeats, repeats_of
from remanence.errors import DataError
from remanence.science.band_excitation.switching import Field

FIELD_VALUES: dict[Field, float] = {"off": 0.0, "on": 1.0}
"""Value of the dimension Field for each field; it is 1 while the bias is applied."""
AXES = ("DC_Offset", "AC_Amplitude")
"""Dimensions that the steps of a loop may be counted along, the first that is there being taken."""
STEP = "step of the bias"
"""Label of an axis that counts steps, because the bias of each loop is another."""
Fields = Literal["off", "on", "both"]
Which = int | Literal["all"]
"""Number of a cycle, a FORC loop or a read step, counted from 0 or, if negative, from the end; or all of them."""


@dataclass(frozen=True)
class Selection:
    """Which loops of a scan are read; all those of a product are kept where several are chosen."""

    field: Fields = "off"
    cycle: Which = -1
    forc: Which = -1
    read: Which = "all"
    """Read steps after each step of the bias, as in contact Kelvin probe scans and relaxation."""


@dataclass(frozen=True, eq=False)
class Loops:
    """The spectral points of the loops that were selected."""

    points: NDArray[np.int64]
    """Numbers of the points, shape (loops, steps, bins); a dataset without the dimension Frequency has one bin."""
    names: tuple[str, ...]
    """What tells each loop from the others, such as ``cycle 1, on field``; empty if there is one."""
    axis: str
    """Dimension that the steps are counted along."""
    said: tuple[str, ...]
    """What was recognised from the values, a line for each."""


def fields_of(main: MainDataset) -> list[Field]:
    """Return the fields that were measured.

    A scan of a single field has no dimension Field. An attribute of its measurement may name the field; if none does,
    the scan counts as off-field.
    """
    if main.dimension("Field") is not None:
        values = main.values("Field")
        return [field for field, value in FIELD_VALUES.items() if (values == value).any()]
    group = "/".join(main.path.split("/")[:2])
    mode = main.file.attribute(group, "VS_measure_in_field_loops") if main.path.count("/") > 1 else None
    return ["on"] if mode == "in-field" else ["off"]


def cycles_of(main: MainDataset) -> int:
    """Return the number of cycles of the bias that the file counts."""
    dimension = main.dimension("Cycle")
    return 1 if dimension is None else dimension.size


def select_loops(main: MainDataset, chosen: Selection) -> Loops:
    """Return the spectral points of the loops that are chosen.

    Args:
        main: dataset with the dimension DC_Offset or AC_Amplitude; Frequency, Field, Cycle, FORC and Read_Bias are
            optional. A further dimension that changes within a step of the bias, such as the time after it, counts
            read steps; one that changes more slowly is part of the waveform.
        chosen: which loops.

    Raises:
        DataError: if a loop was not measured, the loops are incomplete, or they differ in their number of steps.
    """
    axis = next((name for name in AXES if main.dimension(name) is not None), AXES[0])
    main.indices(axis)  # an error that lists the dimensions if there is none
    spectra = _spectra(main, axis, chosen)
    fields = _fields(main, chosen.field)
    parts: list[tuple[str, NDArray[np.bool_]]] = []  # name of each loop, and which spectra it has
    number_of = {"cycle": _numbers(main, "Cycle", spectra), "FORC": _numbers(main, "FORC", spectra)}
    repeats = Repeats.none() if len(number_of["FORC"][0]) > 1 else _repeats(main, axis, spectra, number_of["cycle"][1])
    said = []
    if repeats.number > 1:
        if repeats.alike and main.dimension("Cycle") is None:
            number_of["cycle"] = np.arange(repeats.number), repeats.number_at
            said.append(f"the bias runs {repeats.number} times through one cycle, which no dimension counts: cycles")
        elif not repeats.alike:
            number_of["FORC"] = np.arange(repeats.number), repeats.number_at
            said.append(
                f"the bias runs through {repeats.number} loops of other heights, which no dimension counts: FORC"
            )
    reads = _reads(main, axis, spectra)
    cycles = _chosen(main, "cycle", chosen.cycle, len(number_of["cycle"][0]))
    forcs = _chosen(main, "FORC", chosen.forc, len(number_of["FORC"][0]))
    if len(number_of["FORC"][0]) > 1 and chosen.forc != "all":
        said.append(f"{len(number_of['FORC'][0])} FORC loops, of which number {forcs[0]} is read; data.forc chooses")
    read = _chosen(main, "read step", chosen.read, len(reads[0]))
    for cycle, forc, one_field, step in product(cycles, forcs, fields, read):
        mask = (number_of["cycle"][1] == cycle) & (number_of["FORC"][1] == forc) & (reads[1] == step)
        if main.dimension("Field") is not None:
            mask &= main.values("Field")[spectra[:, 0]] == FIELD_VALUES[one_field]
        words = [
            f"cycle {cycle}" * (len(cycles) > 1),
            f"FORC {forc}" * (len(forcs) > 1),
            f"{one_field} field" * (len(fields) > 1),
            reads[0][step] * (len(read) > 1),
        ]
        parts.append((", ".join(word for word in words if word), mask))
    lengths = {int(mask.sum()) for _, mask in parts}
    if 0 in lengths or len(lengths) > 1:
        found = ", ".join(f"{name or 'the loop'}: {int(mask.sum())}" for name, mask in parts[:8])
        raise DataError(f"{main.where}: the loops that were chosen have other numbers of steps ({found}); choose one")
    points = np.stack([spectra[mask] for _, mask in parts])
    return Loops(points, tuple(name for name, _ in parts), axis, tuple(said))


def common_steps(each: NDArray[np.float64]) -> tuple[NDArray[np.float64], bool]:
    """Return the steps that loops (loops, steps) have in common, and whether these are their values.

    Loops that differ, as those of FORC do, have only the number of the step in common, whose name is ``STEP``.
    """
    if np.allclose(each, each[0], rtol=1e-3, atol=1e-3 * np.abs(each).max()):
        return each[0], True
    return np.arange(float(each.shape[1])), False


def by_bins(bins: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Return the points of each spectrum, shape (spectra, bins): the n-th points of all bins are one spectrum.

    Args:
        bins: bin of each point, counted from 0, shape (points,).

    Returns:
        None if the bins have different numbers of points.

    >>> by_bins(np.array([0, 1, 0, 1])).tolist(), by_bins(np.array([0, 1, 0]))
    ([[0, 1], [2, 3]], None)
    """
    counts = np.bincount(bins)
    if (counts != counts[0]).any():
        return None
    spectra: NDArray[np.int64] = np.argsort(bins, kind="stable").reshape(len(counts), -1).T
    return spectra


def _spectra(main: MainDataset, axis: str, chosen: Selection) -> NDArray[np.int64]:
    """Return the points of every spectrum in the order in which they were measured, shape (spectra, bins).

    The n-th points of all bins are one spectrum, so that a spectrum needs no index of its own.
    """
    if main.dimension("Frequency") is None:
        return np.arange(main.shape[1])[:, None]
    spectra = by_bins(main.indices("Frequency"))
    others = [
        row
        for row, known in zip(main.spectroscopic_indices, main.spectroscopic, strict=True)
        if known.name != "Frequency"
    ]
    if spectra is None or any((row[spectra] != row[spectra[:, :1]]).any() for row in others):
        steps, bins = (np.unique(main.indices(name)).size for name in (axis, "Frequency"))
        have = f"{main.shape[1]} points for {steps} bias steps and {bins} frequencies"
        raise DataError(
            f"{main.where}: field '{chosen.field}' of cycle {chosen.cycle} has {have}; expected one of each"
        )
    return spectra


def _fields(main: MainDataset, field: Fields) -> list[Field]:
    there = fields_of(main)
    if field == "both":
        if len(there) < 2:
            raise DataError(f"{main.where}: data.field=both: only field '{there[0] if there else 'none'}' is there")
        return there
    if field not in there:
        known = " and ".join(there) if field in get_args(Field) else "off or on"
        raise DataError(f"{main.where}: field '{field}' is not there; expected {known}")
    return [field]


def _numbers(main: MainDataset, name: str, spectra: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers of a dimension, and the number of each spectrum; a single 0 without such a dimension."""
    if main.dimension(name) is None:
        return np.zeros(1, dtype=np.int64), np.zeros(len(spectra), dtype=np.int64)
    indices = main.indices(name)
    return np.unique(indices), indices[spectra[:, 0]]


def _repeats(main: MainDataset, axis: str, spectra: NDArray[np.int64], cycle: NDArray[np.int64]) -> Repeats:
    """Return the loops that the waveform of one cycle, one field and one read step consists of, for every spectrum."""
    first = np.array([row[spectra[:, 0]] for row in _inner(main, axis, spectra)]).reshape(-1, len(spectra))
    once = (first == first[:, :1]).all(axis=0)
    bias = main.values(axis)[spectra[:, 0]]
    last = once & (cycle == cycle.max())
    found = repeats_of(bias[last])
    if found.number == 1:
        return found
    length = len(found.number_at) // found.number
    number_at = np.zeros(len(spectra), dtype=np.int64)
    for each in np.unique(cycle):
        own = np.cumsum(once & (cycle == each)) - 1
        number_at[cycle == each] = (own[cycle == each] // length).clip(0, found.number - 1)
    return Repeats(found.number, number_at, found.alike)


def _inner(main: MainDataset, axis: str, spectra: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the indices of the dimensions that change within a step of the bias, the field and read steps."""
    return [main.indices(name) for name in ("Field", *_read_names(main, axis, spectra)) if main.dimension(name)]


def _read_names(main: MainDataset, axis: str, spectra: NDArray[np.int64]) -> list[str]:
    """Return the dimensions that count read steps: Read_Bias, and what changes faster than the bias."""
    known = {"Frequency", "Field", "Cycle", "FORC", axis}
    bias = np.count_nonzero(np.diff(main.values(axis)[spectra[:, 0]]))
    names = []
    for dimension in main.spectroscopic:
        if dimension.name in known or dimension.size < 2:
            continue
        changes = np.count_nonzero(np.diff(main.indices(dimension.name)[spectra[:, 0]]))
        if dimension.name == "Read_Bias" or changes > bias:
            names.append(dimension.name)
    return names


def _reads(main: MainDataset, axis: str, spectra: NDArray[np.int64]) -> tuple[Sequence[str], NDArray[np.int64]]:
    """Return what the read steps after each step of the bias are called, and that of each spectrum."""
    names = _read_names(main, axis, spectra)
    if not names:
        return ("",), np.zeros(len(spectra), dtype=np.int64)
    table = np.stack([main.indices(name)[spectra[:, 0]] for name in names])
    _, first, number = np.unique(table, axis=1, return_index=True, return_inverse=True)
    called = []
    for at in first:
        words = []
        for name in names:
            dimension = main.dimension(name)
            word = "read" if name == "Read_Bias" else name
            unit = (dimension.unit or ("V" if name == "Read_Bias" else "")) if dimension else ""
            words.append(f"{word} {main.values(name)[spectra[at, 0]]:.4g} {unit}".strip())
        called.append(", ".join(words))
    return called, number.reshape(-1)


def _chosen(main: MainDataset, what: str, which: Which, number: int) -> list[int]:
    if which == "all":
        return list(range(number))
    if not -number <= which < number:
        raise DataError(f"{main.where}: {what} {which} is not there; it has {number}, counted from 0")
    return [which % number]
