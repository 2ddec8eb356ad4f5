"""A simulated instrument: a scan that is written pixel by pixel, at the pace of a microscope, while others read it."""

import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

from remanence.data.output_file import check_output
from remanence.data.spectra.growing_scan import ENDED
from remanence.data.spectra.h5usid_writer import H5UsidWriter
from remanence.data.spectra.new_hdf5 import SUFFIXES, scratch_hdf5
from remanence.data.spectra.simulated import CHANNEL, SimulatedScan
from remanence.errors import DataError

STAMPS = f"{CHANNEL}/Pixel_Written"
"""Dataset with the time at which the writing of a pixel began, s since 1970, by the clock of the writer."""
FORMAT = "v110"
"""Oldest HDF5 that can read the file: that in which a file can be read while it is written (SWMR)."""


def write_at_pace(
    scan: SimulatedScan,
    path: str | Path,
    *,
    pace: float,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Write a scan pixel by pixel, in HDF5's mode for one writer and several readers, and return their number.

    The file is declared as a whole; pixels that are not yet written hold zeros. All spectra are simulated before the
    first is written, so that the pace is the writer's alone. Pixels that were due while one was written late follow at
    once. At the end, or when the user ends it before, the attribute ``scan_ended`` says that nothing will follow.

    Args:
        scan: what is measured.
        path: path of the file, which is readable from the first pixel on.
        pace: pixels a second.
        clock: what tells the time, s since 1970.
        sleep: what lets seconds pass.

    Raises:
        DataError: if the file cannot be written.
    """
    check_output(path, SUFFIXES)
    with scratch_hdf5() as store:
        measured, truth = scan.declare(H5UsidWriter(store))
        for pixels, spectra, loops in scan.measured():
            measured[pixels] = spectra
            for name, values in loops.items():
                truth[name][pixels] = values
        try:
            with h5py.File(path, "w", libver=FORMAT) as file:
                raw, known = scan.declare(H5UsidWriter(file), chunks=(1, measured.shape[1]))
                for name, dataset in truth.items():
                    known[name][...] = dataset[...]
                shape = (len(measured),)
                stamps = file.create_dataset(STAMPS, shape, np.float64, chunks=shape, fillvalue=np.nan)
                stamps.attrs["units"] = "s"
                file.swmr_mode = True
                try:
                    return _fill(raw, measured, stamps, pace, clock, sleep)
                finally:
                    file.attrs[ENDED] = clock()
        except OSError as error:
            raise DataError(f"{path}: cannot be written: {error}") from error


def _fill(
    raw: h5py.Dataset,
    measured: h5py.Dataset,
    stamps: h5py.Dataset,
    pace: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> int:
    began = clock()
    for pixel in range(len(measured)):
        spectra = measured[pixel]
        if (early := began + pixel / pace - clock()) > 0:
            sleep(early)
        stamps[pixel] = clock()
        raw[pixel] = spectra
        raw.flush()
        stamps.flush()
    return len(measured)
