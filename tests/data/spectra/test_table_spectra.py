import numpy as np
import pandas as pd
import pytest
from instruments import known

from remanence.data.spectra.table_spectra import spectra_of_table
from remanence.errors import DataError

VALUES = np.random.default_rng(0).normal(size=(6, 5))
AXIS = np.linspace(0, 1, 5)


@pytest.fixture
def write(tmp_path):
    def written(frame, name="own.csv"):
        frame.to_csv(tmp_path / name, index=False)
        return tmp_path / name

    return written


def long_table(order=slice(None)):
    row, col = np.divmod(np.arange(6), 3)
    frame = pd.DataFrame(
        {
            "x (nm)": np.repeat(10.0 * col, 5),
            "y (nm)": np.repeat(10.0 * row, 5),
            "bias (V)": np.tile(AXIS, 6),
            "current (A)": VALUES.ravel(),
        }
    )
    return frame.iloc[order]


def test_a_row_a_pixel_and_a_column_a_pixel_hold_what_was_written(instruments):
    wide = spectra_of_table(instruments / "loops_wide.csv")
    columns = spectra_of_table(instruments / "loops_in_columns.csv", shape=(4, 5))

    for found in (wide, columns):
        np.testing.assert_allclose(found.values[..., 0], known.loops(known.bias()))
        np.testing.assert_allclose(found.axis, known.bias())
        assert found.shape == (4, 5)
    assert (wide.axis_label, columns.axis_label) == ("axis (V)", "bias (V)")
    assert wide.side == pytest.approx(2.0)


def test_a_row_a_point_is_put_together_whatever_the_order_of_pixels(write):
    pixels = np.array([4, 2, 0, 1, 5, 3])
    shuffled = (5 * pixels[:, None] + np.arange(5)).ravel()

    for order in (slice(None), shuffled):
        found = spectra_of_table(write(long_table(order)))
        np.testing.assert_allclose(found.values[..., 0], VALUES)
        assert (found.shape, found.channels, found.axis_label) == ((2, 3), ("current (A)",), "bias (V)")
        assert found.side == pytest.approx(0.02)


def test_an_empty_cell_was_not_measured(write):
    frame = pd.DataFrame(VALUES, columns=[f"{step:g}" for step in AXIS])
    frame.iloc[2, 3] = None

    found = spectra_of_table(write(frame))

    assert np.argwhere(np.isnan(found.values)).tolist() == [[2, 3, 0]]


def test_a_place_of_the_map_without_a_row_is_a_hole(write):
    frame = long_table().iloc[5:]

    found = spectra_of_table(write(frame))

    assert found.shape == (2, 3)
    assert np.isnan(found.values).all(axis=(1, 2)).tolist() == [True] + [False] * 5


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda frame: frame.iloc[:-1], "pixels have 4 to 5 rows"),
        (
            lambda frame: frame.replace({"bias (V)": {1.0: 2.0}}).assign(**{"bias (V)": np.arange(30)}),
            "differ from those",
        ),
        (lambda frame: frame[["x (nm)", "y (nm)"]], "expected a column of the axis"),
        (lambda frame: frame.assign(**{"current (A)": ["much"] * 30}), "row 2, column 'current .A.' is not a number"),
    ],
)
def test_what_does_not_fit_is_named(write, change, expected):
    with pytest.raises(DataError, match=expected) as caught:
        spectra_of_table(write(change(long_table())))
    assert len(str(caught.value).splitlines()) == 1
