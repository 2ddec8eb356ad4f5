import struct

import numpy as np
import pytest
from instruments import known, write_others
from instruments.manifest import FOLDER

from remanence.data.instruments.igor_wave import read_ibw, read_wave
from remanence.errors import DataError


def test_an_image_has_rows_first_and_the_size_of_its_scan():
    height, phase = read_ibw(FOLDER / "igor_image.ibw")

    np.testing.assert_array_equal(height.values, write_others.HEIGHT)
    np.testing.assert_array_equal(phase.values, 1e3 * write_others.HEIGHT)
    y, x = height.axes
    assert (y.name, y.units, x.units, y.kind) == ("Y", "m", "m", "SPATIAL")
    np.testing.assert_allclose(x.values, (np.arange(5) + 0.5) * 0.4e-6)
    np.testing.assert_allclose(y.values, (np.arange(3) + 0.5) / 3 * 1e-6)


def test_a_channel_has_its_own_unit():
    height, phase = read_ibw(FOLDER / "igor_image.ibw")

    assert [(each.name, each.units) for each in (height, phase)] == [("HeightRetrace", "m"), ("PhaseRetrace", "deg")]


def test_a_curve_keeps_time_and_bias():
    bias, deflection = read_ibw(FOLDER / "igor_curve.ibw")

    np.testing.assert_array_equal(bias.values, known.bias())
    np.testing.assert_array_equal(deflection.values, known.loops(known.bias())[0])
    assert [(each.name, each.units) for each in (bias, deflection)] == [("Bias", "V"), ("Defl", "m")]
    (time,) = bias.axes
    assert (time.name, time.units) == ("Time", "s")
    np.testing.assert_allclose(time.values, write_others.SAMPLES * np.arange(16))


def test_a_volume_is_a_map_of_spectra():
    (volume,) = read_ibw(FOLDER / "igor_volume.ibw")
    bias = np.linspace(-16, 16, 17)

    np.testing.assert_array_equal(volume.values.reshape(20, 17), known.loops(bias))
    y, x, axis = volume.axes
    np.testing.assert_allclose(y.values, known.PITCH * np.arange(4))
    np.testing.assert_allclose(x.values, known.PITCH * np.arange(5))
    np.testing.assert_allclose(axis.values, bias)
    assert (axis.name, axis.units, axis.kind, volume.units) == ("Bias", "V", "SPECTRAL", "V")


def test_a_label_ends_where_igor_says_it_ends(tmp_path):
    content = (FOLDER / "igor_image.ibw").read_bytes()
    leftover = content.replace(b"PhaseRetrace\0ace", b"PhaseRetrace\0ace").replace(
        b"PhaseRetrace\0\0\0\0", b"PhaseRetrace\0ace"
    )
    (tmp_path / "a.ibw").write_bytes(leftover)

    assert leftover != content
    assert read_ibw(tmp_path / "a.ibw")[1].name == "PhaseRetrace"


@pytest.mark.parametrize("name", ["igor_image", "igor_curve", "igor_volume"])
def test_igor2_reads_the_same_values(name):
    binarywave = pytest.importorskip("igor2.binarywave", reason="igor2 is not installed")
    wave = read_wave(FOLDER / f"{name}.ibw")
    other = binarywave.load(str(FOLDER / f"{name}.ibw"))["wave"]

    np.testing.assert_array_equal(wave.values, other["wData"])
    assert wave.name == other["wave_header"]["bname"].decode()


@pytest.mark.parametrize(
    ("place", "wrong", "message"),
    [
        (0, struct.pack("<h", 2), "not an Igor binary wave of version 5 or 7"),
        (64 + 12, struct.pack("<i", 10**9), "holds 1000000000 values"),
        (64 + 16, struct.pack("<h", 0), "of type 0"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(tmp_path, place, wrong, message):
    content = bytearray((FOLDER / "igor_image.ibw").read_bytes())
    content[place : place + len(wrong)] = wrong
    (tmp_path / "a.ibw").write_bytes(content)

    with pytest.raises(DataError, match=message):
        read_ibw(tmp_path / "a.ibw")


def test_a_wave_that_is_not_whole_is_refused(tmp_path):
    (tmp_path / "a.ibw").write_bytes((FOLDER / "igor_image.ibw").read_bytes()[:400])
    with pytest.raises(DataError, match="declares 504 bytes, and it has 400"):
        read_ibw(tmp_path / "a.ibw")
