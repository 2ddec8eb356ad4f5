import numpy as np
import pytest

from remanence.data.spectra.array_spectra import spectra_of_arrays
from remanence.errors import DataError

AXIS = np.linspace(-2, 2, 7)


@pytest.fixture
def write(tmp_path):
    """Write arrays as .npz, or one as .npy, and return the path."""

    def written(values=None, **arrays):
        path = tmp_path / ("own.npy" if values is not None else "own.npz")
        np.save(path, values) if values is not None else np.savez(path, **arrays)
        return path

    return written


@pytest.mark.parametrize(
    ("sizes", "axes", "expected"),
    [
        ((6, 7), (0, 1), "(pixels, steps)"),
        ((7, 6), (1, 0), "(steps, pixels)"),
        ((2, 3, 7), (0, 1, 2), "(rows, columns, steps)"),
        ((7, 2, 3), (1, 2, 0), "(steps, rows, columns)"),
    ],
)
def test_the_axis_tells_which_axis_of_the_array_counts_the_steps(write, sizes, axes, expected):
    values = np.random.default_rng(0).normal(size=sizes)

    found = spectra_of_arrays(write(current=values, bias=AXIS))

    np.testing.assert_array_equal(found.values[..., 0], values.transpose(axes).reshape(6, 7))
    np.testing.assert_array_equal(found.axis, AXIS)
    assert (found.axis_label, found.channels) == ("bias", ("current",))
    assert any(line.endswith(expected) for line in found.said)


def test_channels_are_the_last_axis_of_four_or_arrays_of_one_shape(write):
    values = np.random.default_rng(0).normal(size=(2, 3, 7, 2))

    inside = spectra_of_arrays(write(values), axis=[-2, 2], channels=["current (A)", "phase (rad)"])
    apart = spectra_of_arrays(write(current=values[..., 0], phase=values[..., 1], bias=AXIS))

    np.testing.assert_array_equal(inside.values, apart.values)
    np.testing.assert_allclose(inside.axis, AXIS)
    assert inside.channels == ("current (A)", "phase (rad)")
    assert apart.channels == ("current", "phase")
    assert inside.shape == apart.shape == (2, 3)


def test_complex_values_are_two_channels(write):
    values = np.random.default_rng(0).normal(size=(6, 7)) + 1j

    found = spectra_of_arrays(write(values), axis=[0, 6])

    np.testing.assert_array_equal(found.values[..., 0] + 1j * found.values[..., 1], values)
    assert found.channels == ("real part of own", "imaginary part of own")


def test_an_axis_stands_in_a_file_of_its_own(write, tmp_path):
    path = write(np.zeros((6, 7)))
    np.save(tmp_path / "bias.npy", AXIS)
    np.savetxt(tmp_path / "bias.txt", AXIS)

    for given in ("bias.npy", str(tmp_path / "bias.npy"), "bias.txt", AXIS.tolist()):
        np.testing.assert_allclose(spectra_of_arrays(path, axis=given).axis, AXIS)


def test_pixels_without_a_map_are_one_line_unless_the_user_knows_it(write):
    path = write(np.zeros((6, 7)))

    assert spectra_of_arrays(path).shape == (1, 6)
    assert spectra_of_arrays(path, shape=(2, 3)).shape == (2, 3)
    assert any("data.shape" in line for line in spectra_of_arrays(path).said)
    assert any("data.axis" in line for line in spectra_of_arrays(path).said)


@pytest.mark.parametrize(
    ("arrays", "options", "expected"),
    [
        ({"a": np.zeros(7)}, {}, r"holds a \(7,\); expected spectra"),
        ({"a": np.zeros((6, 7)), "b": np.zeros(7), "c": np.ones(7)}, {}, "b, c could be the axis; name one"),
        ({"a": np.zeros((6, 7))}, {"axis": "voltage"}, "no array or file 'voltage'; the arrays are: a"),
        ({"a": np.zeros((6, 7))}, {"axis": [1, 2, 3]}, "none of its axes has the 3 values of data.axis"),
        ({"a": np.zeros((6, 7))}, {"shape": (2, 2)}, "data.shape is 2 x 2, but there are 6 pixels"),
        ({"a": np.zeros((6, 7)), "n": np.array([np.nan] * 7)}, {"axis": "n"}, "expected finite real numbers"),
        ({"a": np.zeros((6, 7)), "b": np.ones((3, 7))}, {"channels": ["a", "b"]}, "the arrays have the shapes"),
        ({"a": np.zeros((2, 2, 2, 2, 2))}, {}, "has the shape"),
        ({"a": np.zeros((2, 3, 7, 2))}, {"axis": [0, 1], "channels": ["x"] * 3}, "has 3 names, the array has 2"),
    ],
)
def test_what_does_not_fit_is_named(write, arrays, options, expected):
    with pytest.raises(DataError, match=expected) as caught:
        spectra_of_arrays(write(**arrays), **options)
    assert len(str(caught.value).splitlines()) == 1
