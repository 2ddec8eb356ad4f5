"""What a dimension is, such as the bias or the frequency: by its name, and where that says nothing, its unit."""

import re
from typing import Literal

from remanence.data.spectra.axis_units import unit_factor
from remanence.data.spectra.dimension import Dimension

Role = Literal["bias", "frequency", "field", "cycle", "forc", "amplitude", "direction", "read bias", "time", "other"]

NAMES: tuple[tuple[str, Role], ...] = (
    (r"read_?(bias|voltage)", "read bias"),
    (r"(write_?)?(bias|voltage|dc_?offset|dc_?bias|v_?dc)", "bias"),
    (r"freq(uency)?", "frequency"),
    (r"(in_?)?field", "field"),
    (r"cycles?", "cycle"),
    (r"forc(_?(cycle|repeat)s?)?", "forc"),
    (r"(ac_?amplitude|v_?ac|drive_?amplitude)", "amplitude"),
    (r"direction", "direction"),
    (r"time|relaxation_?step|delay", "time"),
)
"""Whole names in small letters, with ``_`` for blanks, to what they are."""


def role_of(dimension: Dimension) -> Role:
    """Return what a dimension is.

    >>> import numpy as np
    >>> role_of(Dimension("DC_Offset", "V", np.zeros(3))), role_of(Dimension("f", "kHz", np.zeros(3)))
    ('bias', 'frequency')
    """
    name = re.sub(r"[\s\-]+", "_", re.sub(r"\s*[\[(].*[\])]$", "", dimension.name.strip())).lower()
    for pattern, role in NAMES:
        if re.fullmatch(pattern, name):
            return role
    if unit_factor(dimension.unit, "V") is not None:
        return "bias"
    if unit_factor(dimension.unit, "Hz") is not None:
        return "frequency"
    return "time" if unit_factor(dimension.unit, "s") is not None else "other"
