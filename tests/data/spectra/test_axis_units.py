import pytest

from remanence.data.spectra.axis_units import is_unit, unit_factor


@pytest.mark.parametrize(
    ("unit", "to", "factor"),
    [
        ("Hz", "Hz", 1),
        ("hz", "Hz", 1),
        ("kHz", "Hz", 1e3),
        ("KHZ", "Hz", 1e3),
        ("MHz", "Hz", 1e6),
        ("Volts", "V", 1),
        (" mV ", "V", 1e-3),
        ("(V)", "V", 1),
        ("m", "µm", 1e6),
        ("\u03bcm", "µm", 1),
        ("nm", "µm", 1e-3),
        ("ms", "s", 1e-3),
    ],
)
def test_units_have_many_names(unit, to, factor):
    assert unit_factor(unit, to) == factor


def test_another_quantity_has_no_factor():
    assert unit_factor("pm", "V") is None
    assert unit_factor("", "Hz") is None


@pytest.mark.parametrize("unit", ["", "generic", "a.u.", "Arb. Units"])
def test_what_stands_in_place_of_a_unit_is_none(unit):
    assert not is_unit(unit)
    assert is_unit("V")
