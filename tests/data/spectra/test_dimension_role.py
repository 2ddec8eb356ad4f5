import numpy as np
import pytest

from remanence.data.spectra.dimension import Dimension
from remanence.data.spectra.dimension_role import role_of


@pytest.mark.parametrize(
    ("name", "unit", "role"),
    [
        ("DC_Offset", "V", "bias"),
        ("Bias (V)", "", "bias"),
        ("write_bias", "V", "bias"),
        ("read_bias", "V", "read bias"),
        ("Voltage", "", "bias"),
        ("x", "mV", "bias"),
        ("Frequency", "", "frequency"),
        ("nu", "MHz", "frequency"),
        ("FORC", "", "forc"),
        ("Field", "", "field"),
        ("Cycle", "", "cycle"),
        ("AC_Amplitude", "A", "amplitude"),
        ("Time", "s", "time"),
        ("wavenumber", "1/cm", "other"),
    ],
)
def test_name_and_unit_tell_what_a_dimension_is(name, unit, role):
    assert role_of(Dimension(name, unit, np.zeros(2))) == role
