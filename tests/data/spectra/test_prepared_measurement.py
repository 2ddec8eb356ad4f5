import numpy as np
import pytest

from remanence.data.source import Source
from remanence.data.spectra.measurement import Measurement, Scene
from remanence.data.spectra.spectra import Spectra
from remanence.errors import DataError

AXIS = np.linspace(0, 10, 40)
CHANNELS = ("counts (1/s)",)
SPLIT = {"kind": "random", "test": 0.2, "validation": 0.1, "block": 2, "seed": 0}


class Given(Spectra):
    """Sixty spectra of one line on a slope."""

    def __init__(self, values, **spectra):
        super().__init__(**{"split": SPLIT, **spectra})
        self.given = values

    def read(self):
        source = Source("given.h5", "/given.h5", "0" * 64, "local")
        scene = Scene("map", np.arange(60), (6, 10), 2.0)
        return Measurement(self.given, AXIS, "shift (1/cm)", CHANNELS, (source,), scene, clean=self.given)


@pytest.fixture
def values():
    height = np.random.default_rng(0).uniform(1, 3, size=(60, 1, 1))
    noise = np.random.default_rng(1).normal(0, 0.01, size=(60, 40, 1))
    return 100 * (height * np.exp(-((AXIS - 5) ** 2))[None, :, None] + 0.2 * AXIS[:, None] + noise)


def told(capsys):
    return " ".join(capsys.readouterr().out.split())


def test_without_first_steps_the_measurement_is_what_was_read(values):
    data = Given(values).open()

    assert data.measured is data.as_read
    assert data.size is None


def test_a_model_and_its_figures_see_prepared_spectra(values):
    data = Given(values, crop=[2, 8], background="linear", normalisation="maximum").open()

    assert data.axis.min() >= 2
    assert data.axis.max() <= 8
    assert data.channels == ("counts (maximum = 1)",)
    np.testing.assert_allclose(np.abs(data.values).max(axis=1), 1)
    np.testing.assert_allclose(data.physical(data.x), data.measured.values, atol=1e-5)
    assert data.measured.clean.shape == data.measured.values.shape == (60, len(data.axis), 1)
    np.testing.assert_array_equal(data.as_read.values, values)
    assert data.size.shape == (60, 1, 1)
    assert (data.size > 50).all()


def test_a_pixel_that_is_broken_where_it_is_cropped_can_be_used(values):
    values[7, 0] = np.nan

    assert Given(values, crop=[1, 9]).open().valid.all()
    assert not Given(values).open().valid[7]


def test_spikes_are_interpolated_and_pixels_of_many_masked_and_told(values, capsys):
    values[3, 11] += 5e4
    values[9, ::2] += np.random.default_rng(2).normal(0, 5e4, size=(20, 1))

    data = Given(values, spikes=20).open()

    assert (
        "given.h5: 1 of 2400 values in 1 pixels are spikes; interpolated. 1 pixels hold more than 20% spikes, or"
        in (told(capsys))
    )
    assert np.flatnonzero(~data.valid).tolist() == [9]
    assert np.isnan(data.measured.values[9]).all()
    assert data.measured.values[3, 11, 0] == pytest.approx(values[3, [10, 12], 0].mean())
    assert data.measured.notes == {"data/spikes": 1, "data/spiky_pixels": 1}
    assert 9 not in {*data.fold.train, *data.fold.validation, *data.fold.test}


def test_outliers_that_make_spectra_flat_are_told_and_what_is_advised_helps(values, capsys):
    values[[1, 4, 8, 20, 33], 17] += 1e6

    flat = Given(values).open()
    out = told(capsys)
    helped = Given(values, scaling="robust", spikes=10.0).open()

    assert "outliers make the standard deviation of 'counts (1/s)'" in out
    assert "data.scaling=robust and data.spikes=10 help" in out
    assert flat.x[2].std() < 0.02
    assert helped.x[2].std() > 0.5
    assert "outliers" not in told(capsys)


def test_nothing_is_said_of_ordinary_spectra(values, capsys):
    Given(values, spikes=None).open()

    assert told(capsys) == ""


def test_a_crop_that_leaves_nothing_is_one_line(values):
    with pytest.raises(DataError, match=r"data\.crop: 0 of 40 steps"):
        Given(values, crop=[20, 30]).open()


def test_a_spectrum_many_times_as_large_as_the_typical_one_is_masked(values, capsys):
    values[5] *= 100

    data = Given(values, spikes=10).open()

    assert "or a spectrum more than 10 times as large as the typical one; masked" in told(capsys)
    assert np.flatnonzero(~data.valid).tolist() == [5]
