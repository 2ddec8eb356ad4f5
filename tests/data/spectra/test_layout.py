import numpy as np
import pytest

from remanence.data.spectra.layout import lay_out, take_apart

X = np.arange(2 * 3 * 2).reshape(2, 3, 2)  # first pixel: channel 0 is 0, 2, 4; channel 1 is 1, 3, 5


@pytest.mark.parametrize(
    ("layout", "first"),
    [
        ("joined", [[0, 1], [2, 3], [4, 5]]),
        ("stacked", [[0], [2], [4], [1], [3], [5]]),
        ("interleaved", [[0], [1], [2], [3], [4], [5]]),
    ],
)
def test_channels_stand_where_the_model_expects_them(layout, first):
    assert lay_out(X, layout)[0].tolist() == first


@pytest.mark.parametrize("layout", ["joined", "stacked", "interleaved"])
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_taking_apart_undoes_the_layout(layout, channels):
    x = np.random.default_rng(0).normal(size=(4, 5, channels))

    np.testing.assert_array_equal(take_apart(lay_out(x, layout), layout, channels), x)


@pytest.mark.parametrize("layout", ["joined", "stacked", "interleaved"])
def test_an_empty_selection_keeps_its_layout(layout):
    x = np.empty((0, 5, 2))

    assert take_apart(lay_out(x, layout), layout, 2).shape == x.shape


def test_one_channel_looks_the_same_in_every_layout():
    x = np.random.default_rng(0).normal(size=(4, 5, 1))

    for layout in ("stacked", "interleaved"):
        np.testing.assert_array_equal(lay_out(x, layout), x)
