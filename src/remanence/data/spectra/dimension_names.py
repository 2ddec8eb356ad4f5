"""Names that the dimensions of scans have in files of many origins, and the ones that they are read by."""

import re
from collections.abc import Mapping

from remanence.data.spectra.main_dataset import MainDataset

NAMES: dict[str, tuple[str, ...]] = {
    "Frequency": ("frequency", "freq", "f", "drivefrequency", "binfrequency", "frequencybin"),
    "DC_Offset": (
        "dcoffset",
        "bias",
        "dcbias",
        "voltage",
        "dcvoltage",
        "vdc",
        "biasvoltage",
        "tipbias",
        "samplebias",
        "writebias",
        "writevoltage",
    ),
    "AC_Amplitude": ("acamplitude", "acbias", "acvoltage", "vac", "driveamplitude"),
    "Read_Bias": ("readbias", "readvoltage"),
    "Field": ("field", "infield"),
    "Cycle": ("cycle", "cycles", "cyclenumber"),
    "FORC": ("forc", "forccycle", "forcnumber"),
}
"""Name that a dimension is read by to other names of it, in small letters and without blanks and signs.

The names that are read by are those of h5USID files of band excitation.
"""
SENSE = {
    "Frequency": "the frequency of the bins",
    "DC_Offset": "the bias",
    "AC_Amplitude": "the amplitude of the drive",
    "Read_Bias": "the bias of the read steps",
    "Field": "the field",
    "Cycle": "the cycle",
    "FORC": "the number of the FORC loop",
}
QUANTITIES = {"bias": "DC_Offset", "frequency": "Frequency"}
"""Quantity that NSID declares to the name that its dimension is read by, if no name tells."""


def standardised(main: MainDataset, units: Mapping[str, str] | None = None) -> tuple[MainDataset, tuple[str, ...]]:
    """Return a dataset whose dimensions have the names that they are read by, and what was guessed, a line for each.

    A dimension that has such a name already, in any spelling of its letters and signs, is not guessed.

    Args:
        main: dataset to read.
        units: units of dimensions in place of those that the file declares, by either name of a dimension.

    Raises:
        DataError: if the file has no dimension of a name in ``units``.
    """
    names, said = guessed_names(main)
    read_by = {own: name for name, own in names.items()}
    return main.renamed(names).with_units({read_by.get(name, name): unit for name, unit in (units or {}).items()}), said


def guessed_names(main: MainDataset) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Return the names that dimensions are read by, each to the name in the file, and a line for each guess."""
    plain = {known.name: _plain(known.name) for known in main.spectroscopic}
    found: dict[str, str] = {name: name for name in NAMES if name in plain}
    for name, others in NAMES.items():
        if name not in found:
            matching = [own for own, word in plain.items() if word in others and own not in found.values()]
            if matching:
                found[name] = min(matching, key=lambda own: others.index(plain[own]))
    for known in main.spectroscopic:
        name = QUANTITIES.get(known.quantity.strip().lower(), "")
        if name and name not in found and known.name not in found.values():
            found[name] = known.name
    said = tuple(
        f"'{own}' is taken as {SENSE[name]}; data.names={{{name}: <dimension>}} chooses another"
        for name, own in found.items()
        if _plain(own) != _plain(name)
    )
    return {name: own for name, own in found.items() if own != name}, said


def needed_names(main: MainDataset, names: Mapping[str, str]) -> dict[str, str]:
    """Return the names without those that a dataset has already, so that files of either kind are read by one command.

    Args:
        main: dataset to read.
        names: name that a dimension is read by to its name in the file.
    """
    have = {known.name for known in main.spectroscopic}
    return {name: own for name, own in names.items() if not (name in NAMES and name in have and own not in have)}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
