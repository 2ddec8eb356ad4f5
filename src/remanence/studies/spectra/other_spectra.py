"""Other spectra for the model of a run: which class reads them, as their layout may not be that of the run's own."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
from omegaconf import OmegaConf

from remanence.configuration.build import build
from remanence.configuration.compose import changed, compose
from remanence.configuration.validate import check_target
from remanence.data.spectra.band_excitation import is_loop
from remanence.data.spectra.beps import BEPS
from remanence.data.spectra.loops import Loops, is_fitted_loop
from remanence.data.spectra.main_dataset import MainDataset
from remanence.data.spectra.new_hdf5 import SUFFIXES
from remanence.data.spectra.raw import Raw
from remanence.data.spectra.spectra import Spectra
from remanence.data.spectra.spectral_file import SpectralFile
from remanence.errors import ConfigurationError, DataError
from remanence.foundation.terminal import console
from remanence.foundation.trust import import_target

READERS: dict[type[Spectra], str] = {BEPS: "beps", Raw: "raw", Loops: "loops"}
"""Classes that read loops, each with the name of its ``data``: a model of one is applied to what another reads."""
HOLDS: dict[type[Spectra], Callable[[MainDataset], bool]] = {Raw: is_loop, Loops: is_fitted_loop}
"""What a dataset of an HDF5 file has to be for a class to read it."""
ANALYSIS = ("field", "cycle", "forc", "read", "minimum_r2", "max_bad")
"""Keys of ``data`` that say which loops are computed how, and mean the same to all that have them."""


def reader_of(config: Mapping[str, Any], other: str, changes: Sequence[str]) -> Spectra:
    """Return what reads other spectra, if possible as those of a run were read.

    A model of loops takes them from an instrument's scan, from fits, from arrays and tables, or from a folder of the
    published arrays, whatever it was trained on.

    Args:
        config: stored configuration of the run.
        other: file or folder to read instead of the run's own.
        changes: overrides of ``data``, such as ``data.cycle=0``.

    Raises:
        ConfigurationError: if the run's spectra come from no file, or an override does not suit the data.
        DataError: if the file cannot be opened.
    """
    node = dict(config["data"])
    own = _class(node)
    chosen = _that_reads(Path(other), own, node.get("names") or {})
    if chosen.file_key is None:
        raise ConfigurationError(f"data: spectra of {own.__name__} come from no file that could be given")
    if chosen is not own:
        same = {key: node[key] for key in ANALYSIS if key in node}
        node = OmegaConf.to_container(compose([f"data={READERS[chosen]}"]).data)  # type: ignore[assignment]
        node.update({key: value for key, value in same.items() if key in node})
        console.print(f"{Path(other).name}: read as {READERS[chosen]}, unlike the spectra of the run")
    cfg = changed({**config, "paths": {"outputs": "."}, "data": {**node, chosen.file_key: other}}, changes)
    checked = check_target("data", cfg, allowed=cfg.allowed_targets)
    data: Spectra = build("data", checked)
    return data


def _that_reads(other: Path, own: type[Spectra], names: Mapping[str, str]) -> type[Spectra]:
    """Return the class that can read a file or folder; ``own``, that of the run, if it can or none can."""
    is_hdf5 = other.suffix.lower() in SUFFIXES
    if own.file_key != "path" and is_hdf5 and own is not BEPS:
        return Raw
    if own not in READERS:
        return own
    if other.is_dir():
        return BEPS
    usual = Raw if own is BEPS and is_hdf5 else own  # its error says what is wrong with the file
    if not other.exists():
        return usual
    if not h5py.is_hdf5(other) or other.suffix.lower() == ".mat":  # a file that is being written may be locked
        return usual if is_hdf5 else Loops
    with SpectralFile(other) as file:
        for reads in sorted(HOLDS, key=lambda each: each is not own):
            if _has(file, HOLDS[reads], names):
                return reads
    return Raw if own is BEPS else own


def _has(file: SpectralFile, fits: Callable[[MainDataset], bool], names: Mapping[str, str]) -> bool:
    """Return whether one of the datasets of a file is what is meant."""
    try:
        paths = file.main_datasets
    except DataError:  # whoever reads the file says why it cannot be opened
        return False
    for path in paths:
        try:
            if fits(file.main(path, names=names)):
                return True
        except DataError:  # another dataset may be sound
            continue
    return False


def _class(node: Mapping[str, Any]) -> type[Spectra]:
    """Return the class that reads the spectra of a run."""
    found: type[Spectra] = import_target("data._target_", str(node["_target_"]))
    return found
