"""Spectra of pixels in a dataset of an HDF5 file: one spectral dimension is the axis, all others are channels."""

import numpy as np
from numpy.typing import NDArray

from remanence.data.declared_size import bytes_of, check_fits
from remanence.data.spectra.axis_units import is_unit
from remanence.data.spectra.dimension import Dimension
from remanence.data.spectra.main_dataset import MainDataset
from remanence.data.spectra.pixel_spectra import PixelSpectra, labelled, real_channels
from remanence.errors import DataError

COPIES = 4
"""Copies of the spectra in memory while they are arranged, as 64 bit numbers."""


def has_spectra(main: MainDataset) -> bool:
    """Return whether a dataset holds a spectrum of numbers at more than one pixel."""
    return main.dtype.kind in "iufc" and main.shape[0] > 1 and any(known.size > 1 for known in main.spectroscopic)


def check_spectral(main: MainDataset) -> None:
    """Refuse an image, which has no spectral dimension, and the spectrum of a single point.

    Raises:
        DataError: naming it as what it is.
    """
    if not any(map(_can_be_axis, main.spectroscopic)):
        what = "an image" if main.grid.shape[0] > 1 else "a line"
        raise DataError(
            f"{main.where} is {what} of {main.shape[0]} pixels without a spectral dimension ({main.format}); what "
            "would be read has a value for each step of an axis, such as a bias, at every pixel"
        )
    if main.shape[0] == 1:
        raise DataError(
            f"{main.where} is the spectrum of a single point ({main.format}); expected those of many pixels"
        )


def spectra_of(main: MainDataset, *, axis: str | None = None) -> PixelSpectra:
    """Read a dataset.

    Args:
        main: dataset with at least one spectral dimension.
        axis: name of the spectral dimension that is the axis; None takes the longest that is no channel.

    Raises:
        DataError: if it has no spectral dimension, or its points are no full grid.
    """
    along = _axis(main, axis)
    others = [known for known in main.spectroscopic if known.name != along.name and known.size > 1]
    points, names = _arranged(main, along, others)
    check_fits(f"{main.where}: shape {main.shape}", COPIES * bytes_of(main.shape, max(8, main.dtype.itemsize)))
    main.file.check_written(main.file.dataset(main.path))
    values = main.read()[:, points]  # (pixels, steps, channels)
    name = main.quantity if is_unit(main.quantity) else main.path.rpartition("/")[2]
    quantity = labelled(name, main.units)
    channels = [", ".join(part for part in (quantity, name) if part) for name in names]
    real, labels = real_channels(values, channels)
    said = (
        [f"the axis is {along.name}; of {', '.join(known.name for known in others)} each is a channel"]
        if others
        else []
    )
    said += main.grid.said
    return PixelSpectra(
        real,
        main.values(along.name)[points[:, 0]],
        along.name,
        along.unit,
        labels,
        main.grid.shape,
        main.grid.side,
        tuple(said),
        main.grid.axes,
    )


def _axis(main: MainDataset, wanted: str | None) -> Dimension:
    if wanted is not None:
        main.indices(wanted)  # an error that lists the dimensions if there is none
        dimension = main.dimension(wanted)
        assert dimension is not None
        return dimension
    check_spectral(main)
    return max((each for each in main.spectroscopic if _can_be_axis(each)), key=lambda each: each.size)


def _can_be_axis(dimension: Dimension) -> bool:
    return dimension.size > 1 and dimension.kind != "CHANNEL"


def _arranged(main: MainDataset, axis: Dimension, others: list[Dimension]) -> tuple[NDArray[np.int64], list[str]]:
    """Return the numbers of the points, shape (steps, channels), and what each channel is beside the quantity."""
    steps = main.indices(axis.name)
    table = np.stack([main.indices(known.name) for known in others]) if others else np.zeros((1, steps.size), np.int64)
    _, first, channel = np.unique(table, axis=1, return_index=True, return_inverse=True)
    order = np.lexsort((channel.reshape(-1), steps))
    numbers = steps.max() + 1, len(first)
    full = np.stack([steps[order], channel.reshape(-1)[order]])
    if steps.size != numbers[0] * numbers[1] or (full != np.indices(numbers).reshape(2, -1)).any():
        have = f"{steps.size} points for {numbers[0]} values of {axis.name} and {numbers[1]} of the other dimensions"
        raise DataError(f"{main.where}: has {have}; expected one of each")
    names = [
        ", ".join(f"{known.name} {main.values(known.name)[at]:.4g} {known.unit}".strip() for known in others)
        for at in first
    ]
    if len(set(names)) < len(names):  # a bias that is passed twice, for example
        names = [f"{name}, number {number}" for number, name in enumerate(names)]
    return order.reshape(numbers), names
