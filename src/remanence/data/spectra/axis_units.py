"""Units of axes as files write them, and their factors to the units that are computed in: Hz, V, s and µm."""

import re

FACTORS: dict[str, dict[str, float]] = {
    "Hz": {"hz": 1.0, "hertz": 1.0, "1/s": 1.0, "khz": 1e3, "kilohertz": 1e3, "mhz": 1e6, "megahertz": 1e6, "ghz": 1e9},
    "V": {
        "v": 1.0,
        "volt": 1.0,
        "volts": 1.0,
        "mv": 1e-3,
        "millivolt": 1e-3,
        "millivolts": 1e-3,
        "µv": 1e-6,
        "uv": 1e-6,
        "kv": 1e3,
    },
    "s": {"s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6},
    "µm": {
        "m": 1e6,
        "meter": 1e6,
        "metre": 1e6,
        "meters": 1e6,
        "metres": 1e6,
        "mm": 1e3,
        "µm": 1.0,
        "um": 1.0,
        "micron": 1.0,
        "microns": 1.0,
        "micrometer": 1.0,
        "nm": 1e-3,
        "nanometer": 1e-3,
        "å": 1e-4,
        "angstrom": 1e-4,
        "pm": 1e-6,
    },
}
"""Factor of each unit to the one it is converted to. Case tells nothing: mHz and MV are no units of a microscope."""
NO_UNITS = frozenset({"", "generic", "none", "arb", "arb.", "arb. units", "a.u.", "au", "unitless", "unknown", "nan"})
"""What writers put where there is no unit."""


def unit_factor(unit: str, to: str) -> float | None:
    """Return the factor from a declared unit to one of ``FACTORS``, or None if it is no such unit.

    >>> unit_factor("mV", "V"), unit_factor(" kHz", "Hz"), unit_factor("Volts", "V"), unit_factor("pm", "V")
    (0.001, 1000.0, 1.0, None)
    """
    return FACTORS[to].get(_plain(unit))


def is_unit(unit: str) -> bool:
    """Return whether a text declares a unit: NSID's ``generic``, for example, does not."""
    return _plain(unit) not in NO_UNITS


def _plain(unit: str) -> str:
    """Return a unit in small letters, without brackets and blanks, with one character for the micro sign."""
    return re.sub(r"^[\[(]|[\])]$", "", unit.strip().replace("\u03bc", "µ")).strip().lower()
