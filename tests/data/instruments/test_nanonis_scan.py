import numpy as np
import pytest
from instruments.nanonis_files import IMAGE, write_sxm

from remanence.data.instruments.nanonis_scan import read_sxm
from remanence.errors import DataError


@pytest.mark.parametrize("direction", ["up", "down"])
def test_images_have_one_orientation_whatever_the_scan(tmp_path, direction):
    forward, backward = read_sxm(write_sxm(tmp_path / "a.sxm", direction=direction))

    np.testing.assert_array_equal(forward.values, IMAGE)
    np.testing.assert_array_equal(backward.values, 10 + IMAGE)
    assert (forward.name, backward.name, forward.units) == ("Z forward", "Z backward", "m")


def test_the_axes_have_the_size_and_place_of_the_scan(tmp_path):
    y, x = read_sxm(write_sxm(tmp_path / "a.sxm"))[0].axes

    np.testing.assert_allclose(y.values, [-1e-9, 0, 1e-9], atol=1e-18)
    np.testing.assert_allclose(x.values, [-0.5e-9, 0.5e-9, 1.5e-9, 2.5e-9])
    assert (y.name, x.name, y.kind) == ("Y", "X", "SPATIAL")


def test_lines_that_are_missing_at_the_end_are_nan(tmp_path):
    backward = read_sxm(write_sxm(tmp_path / "a.sxm", lines=2))[1]

    np.testing.assert_array_equal(backward.values[:2], 10 + IMAGE[:2])
    assert backward.missing == 4


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"SCAN_PIXELS": "4\n"}, ":SCAN_PIXELS: 4; expected two numbers"),
        ({"SCAN_RANGE": None}, "no line :SCAN_RANGE:"),
        ({"DATA_INFO": "\tName\n\tZ\n"}, "DATA_INFO has the line 'Z'"),
    ],
)
def test_a_header_that_does_not_say_what_follows_is_refused(tmp_path, header, message):
    with pytest.raises(DataError, match=message):
        read_sxm(write_sxm(tmp_path / "a.sxm", header=header))


def test_another_file_is_refused(tmp_path):
    (tmp_path / "a.sxm").write_bytes(b":NANONIS_VERSION:\n2\n")
    with pytest.raises(DataError, match="SCANIT_END"):
        read_sxm(tmp_path / "a.sxm")
