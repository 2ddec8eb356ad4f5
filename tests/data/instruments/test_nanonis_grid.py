import numpy as np
import pytest
from instruments.nanonis_files import SPECTRA, write_3ds

from remanence.data.instruments.nanonis_grid import read_3ds
from remanence.errors import DataError


def test_a_grid_that_is_not_square_has_its_rows_first(tmp_path):
    forward, backward = read_3ds(write_3ds(tmp_path / "a.3ds"))

    np.testing.assert_array_equal(forward.values, SPECTRA[:, :, 0])
    np.testing.assert_array_equal(backward.values, SPECTRA[:, :, 1])
    assert [(axis.name, axis.units, axis.kind) for axis in forward.axes] == [
        ("Y", "m", "SPATIAL"),
        ("X", "m", "SPATIAL"),
        ("Bias", "V", "SPECTRAL"),
    ]
    assert (forward.name, forward.units, backward.name) == ("Current", "A", "Current [bwd]")


def test_positions_and_bias_are_those_of_the_file(tmp_path):
    y, x, bias = read_3ds(write_3ds(tmp_path / "a.3ds"))[0].axes

    np.testing.assert_allclose(y.values, [0, 2e-9, 4e-9], rtol=1e-6)
    np.testing.assert_allclose(x.values, [0, 1e-9], rtol=1e-6)
    np.testing.assert_allclose(bias.values, [-1, 0, 1, 2])


def test_points_of_a_grid_that_was_stopped_are_nan(tmp_path):
    forward = read_3ds(write_3ds(tmp_path / "a.3ds", measured=3))[0]

    np.testing.assert_array_equal(forward.values.reshape(6, 4)[:3], SPECTRA[:, :, 0].reshape(6, 4)[:3])
    assert np.isnan(forward.values.reshape(6, 4)[3:]).all()
    assert forward.missing == 12
    np.testing.assert_allclose(forward.axes[0].values, [-4e-9 / 3, 0, 4e-9 / 3], atol=1e-15)  # of the frame


def test_without_positions_the_frame_says_where_points_are(tmp_path):
    y, x, _ = read_3ds(write_3ds(tmp_path / "a.3ds", positions=False))[0].axes

    np.testing.assert_allclose(x.values, [-0.5e-9, 0.5e-9])
    np.testing.assert_allclose(y.values[[0, 2]], [-4e-9 / 3, 4e-9 / 3])


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"Points": None}, "no line 'Points='"),
        ({"Grid dim": '"2"'}, "Grid dim=2; expected 2 whole number"),
        ({"Points": "0"}, "Points=0; expected 1"),
        ({"Grid settings": "0;0"}, "Grid settings=0;0; expected centre and size"),
    ],
)
def test_a_header_that_does_not_say_what_follows_is_refused(tmp_path, header, message):
    with pytest.raises(DataError, match=message):
        read_3ds(write_3ds(tmp_path / "a.3ds", header=header))


def test_a_grid_without_a_point_is_refused(tmp_path):
    with pytest.raises(DataError, match="none follows"):
        read_3ds(write_3ds(tmp_path / "a.3ds", measured=0))


def test_another_file_is_refused(tmp_path):
    (tmp_path / "a.3ds").write_bytes(b"Grid dim=1 x 1")
    with pytest.raises(DataError, match="HEADER_END"):
        read_3ds(tmp_path / "a.3ds")


def test_more_than_there_is_memory_for_is_refused(tmp_path):
    with pytest.raises(DataError, match="memory"):
        read_3ds(write_3ds(tmp_path / "a.3ds", header={"Grid dim": '"200000 x 300000"'}))
