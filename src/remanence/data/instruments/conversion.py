"""Conversion of an instrument's file to NSID."""

from pathlib import Path

from remanence.data.instruments.gwyddion import read_gwy
from remanence.data.instruments.igor_wave import read_ibw
from remanence.data.instruments.nanonis_grid import read_3ds
from remanence.data.instruments.nanonis_scan import read_sxm
from remanence.data.instruments.recorded import Recorded
from remanence.data.instruments.sidpy_readers import READERS, read_by_sidpy, reader_of
from remanence.data.output_file import check_output
from remanence.data.spectra.new_hdf5 import new_hdf5
from remanence.data.spectra.nsid_writer import write_nsid
from remanence.errors import DataError
from remanence.foundation.terminal import console

OWN = {".ibw": read_ibw, ".3ds": read_3ds, ".sxm": read_sxm, ".gwy": read_gwy}
"""Ending of a file to the function of ours that reads it."""


def convert(source: str, target: str) -> None:
    """Write what an instrument's file holds as NSID, a channel each, and print what was found.

    Raises:
        DataError: if the file is missing, cannot be read, or ``target`` cannot be written.
    """
    path = Path(source)
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    known = [*OWN, *READERS, ".000"]
    own = OWN.get(path.suffix.lower())
    if own is None and reader_of(path) is None:
        raise DataError(f"{path}: the ending '{path.suffix}' is not known; expected one of {', '.join(known)}")
    check_output(target, (".h5", ".hdf5"))
    found = own(path) if own else read_by_sidpy(path)
    with new_hdf5(target) as file:
        for number, each in enumerate(found):
            group = f"Measurement_000/Channel_{number:03}"
            facts = {"quantity": each.name, "units": each.units, "source": path.name}
            write_nsid(file, group, each.name, each.values, each.axes, **facts)
    for each in found:
        console.print(described(each))
    console.print(f"{len(found)} channels written to {target}")


def described(each: Recorded) -> str:
    """Return one line on a channel."""
    sizes = " x ".join(f"{len(axis.values)} {axis.name}" for axis in each.axes)
    unit = f" ({each.units})" if each.units else ""
    missing = each.missing
    lost = f"; {missing} of {each.values.size} values were never recorded and are NaN" if missing else ""
    return f"{each.name}{unit}: {sizes}{lost}"
