"""What a user's file of spectra holds, in words, and the command that trains on it; no spectrum is read."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import h5py

from remanence.data.instruments.conversion import OWN as INSTRUMENTS
from remanence.data.instruments.sidpy_readers import reader_of
from remanence.data.spectra.described_arrays import ARRAYS, described_arrays
from remanence.data.spectra.described_dataset import RAW, DescribedDataset
from remanence.data.spectra.hdf5_file import HDF5File, shortened
from remanence.data.spectra.spectral_file import SpectralFile
from remanence.errors import DataError


def described_file(path: str) -> Iterator[str]:
    """Yield lines on a file of spectra.

    Raises:
        DataError: if the file is missing, or is not one that can be described.
    """
    file = Path(path)
    if not file.is_file():
        raise DataError(f"{path}: no such file")
    if file.suffix.lower() in INSTRUMENTS or reader_of(file):
        target = shlex.quote(f"{file.stem}.h5")
        yield f"{path}: a file of an instrument"
        yield f"convert it    remanence data convert {shlex.quote(path)} {target}"
    elif file.suffix.lower() in ARRAYS:
        yield from described_arrays(file)
    elif h5py.is_hdf5(file):
        yield from _described_hdf5(path)
    else:
        known = ", ".join([".h5 (h5USID, NSID)", *ARRAYS, *INSTRUMENTS])
        raise DataError(f"{path}: is not a file of spectra; expected {known}, or a table")


def _described_hdf5(path: str) -> Iterator[str]:
    with SpectralFile(path) as file:
        datasets = file.main_datasets
        if not datasets:
            raise DataError(f"{path}: {_what_it_is(file)}; read are the formats h5USID and NSID, and .npy, .npz, .mat")
        yield f"{path}: {len(datasets)} dataset{'s' if len(datasets) > 1 else ''} of spectra of pixels"
        first: set[str] = set()
        for name in datasets:
            try:
                described = DescribedDataset(file.describe(name))
            except DataError as error:
                yield f"{name}: {str(error).removeprefix(f'{file.path}: ')}"
                continue
            yield from described.lines
            yield from _commands(path, described, first)


def _commands(path: str, described: DescribedDataset, first: set[str]) -> Iterator[str]:
    """Yield the command that trains on a dataset; the first of its kind needs no name."""
    experiment = described.looks_like[1]
    if not experiment:
        return
    named = [] if experiment not in first else _named(described.main.path, experiment)
    first.add(experiment)
    parts = [f"experiment={experiment}", f"data.path={path}", *named]
    yield f"  train        remanence train {' '.join(map(shlex.quote, parts))}"
    if described.choices:
        yield f"  choose       {described.choices}"


def _named(path: str, experiment: str) -> list[str]:
    """Return what names a dataset: its path, or for a scan, which has no such key, the groups that it stands in."""
    if experiment != RAW:
        return [f"data.dataset={path}"]
    starts = {"measurement": "Measurement_", "channel": "Channel_"}
    groups = path.split("/")[1:-1]
    found = {key: [part for part in groups if part.startswith(start)] for key, start in starts.items()}
    return [f"data.{key}={parts[0]}" for key, parts in found.items() if parts]


def _what_it_is(file: HDF5File) -> str:
    """Return what a file without a main dataset is."""
    with file.reading("the file"):
        others = {
            "HyperSpy": "Experiments" in file.handle and "file_format" in file.handle.attrs,
            "NeXus": any("NX_class" in group.attrs for group in file.handle.values()),
        }
        for name in (name for name, is_it in others.items() if is_it):
            return f"a file of {name}, which is not read; it has: {shortened(file.datasets)}"
    return f"no dataset of spectra of pixels is described in it; it has: {shortened(file.datasets) or 'none'}"
