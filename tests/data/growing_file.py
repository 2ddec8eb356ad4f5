"""A scan that another process writes pixel by pixel, and a clock that only sleeping moves: for tests of watching."""

import subprocess
import sys

import h5py
import numpy as np

CHANNEL = "/Measurement_000/Channel_000"
RAW = f"{CHANNEL}/Raw_Data"


def unwritten(whole, path, *, grows=False, fill=None, backwards=False):
    """Write a scan without its spectra to ``path``, and return them (pixels, points).

    Args:
        whole: path of the scan.
        path: path of the new file.
        grows: whether it has no pixels at first, rather than all of them unwritten.
        fill: what unwritten pixels hold; None is 0.
        backwards: whether the second line of the map is written from right to left.
    """
    with h5py.File(whole) as source, h5py.File(path, "w", libver="v110") as file:
        source.copy(source["Measurement_000"], file, "Measurement_000")
        spectra, attributes = source[RAW][...], dict(source[RAW].attrs)
        del file[RAW]
        pixels, points = spectra.shape
        shape, most = (0 if grows else pixels, points), (pixels, points)
        data = file.create_dataset(RAW, shape, spectra.dtype, chunks=(1, points), maxshape=most, fillvalue=fill)
        data.attrs.update({name: attributes[name] for name in ("quantity", "units")})
        for name in ("Position_Indices", "Position_Values"):
            table = file[f"Measurement_000/{name}"]
            data.attrs[name] = table.ref
            if backwards:
                columns = int(file["Measurement_000"].attrs["grid_num_cols"])
                table[columns : 2 * columns] = table[columns : 2 * columns][::-1]
        for name in ("Spectroscopic_Indices", "Spectroscopic_Values"):
            data.attrs[name] = file[f"{CHANNEL}/{name}"].ref
    return spectra


def write(path, spectra, *pixels, mark=False):
    """Open the file in another process, write some pixels, and close it, as instruments do between lines.

    HDF5 does not open a file for writing in a process that has it open for reading.
    """
    np.save(path.with_suffix(".npy"), spectra)
    script = f"""
import h5py, numpy as np
spectra = np.load({str(path.with_suffix(".npy"))!r})
with h5py.File({str(path)!r}, "r+", libver="v110") as file:
    data = file[{RAW!r}]
    for pixel in {list(pixels)}:
        data.resize(max(len(data), pixel + 1), axis=0)
        data[pixel] = spectra[pixel]
    if {mark}:
        file.attrs["scan_ended"] = True
"""
    subprocess.run([sys.executable, "-c", script], check=True)


class Clock:
    """A clock that only sleeping moves; whoever sleeps lets the next thing happen at its time."""

    def __init__(self, events=()):
        self.now, self.events = 0.0, list(events)

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        while self.events and self.events[0][0] <= self.now:
            self.events.pop(0)[1]()
