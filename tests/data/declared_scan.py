"""Scans that declare more than they hold, made from a good one; they take a few kilobytes on disk."""

import h5py
import numpy as np

MEASUREMENT = "/Measurement_000"


def declare(path, pixels, *, written):
    """Let a scan declare another number of pixels, of which it holds the first ``written``."""
    with h5py.File(path, "r+") as file:
        for name in ("Channel_000/Raw_Data", "Position_Indices", "Position_Values"):
            old = file[f"{MEASUREMENT}/{name}"]
            attributes, width, dtype, first = dict(old.attrs), old.shape[1], old.dtype, old[:written]
            del file[f"{MEASUREMENT}/{name}"]
            new = file.create_dataset(f"{MEASUREMENT}/{name}", (pixels, width), dtype, chunks=(64, width))
            if written:
                new[:written] = first
            new.attrs.update({key: value for key, value in attributes.items() if not isinstance(value, h5py.Reference)})


def nest(path, depth):
    """Write a file of groups inside each other, with one array in the innermost."""
    with h5py.File(path, "w") as file:
        group = file
        for _ in range(depth):
            group = group.create_group("g")
        group["x"] = np.arange(3.0)
