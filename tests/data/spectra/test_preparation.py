import numpy as np
import pytest
from scipy.signal import savgol_filter

from remanence.data.spectra.preparation import Preparation
from remanence.errors import ConfigurationError, DataError

AXIS = np.linspace(200.0, 1800.0, 81)
SPECTRA = np.exp(-((AXIS - 900) ** 2) / 2e4)[None, :, None] * np.linspace(1, 3, 12)[:, None, None] * [1.0, 50.0]
SPECTRA = SPECTRA + np.random.default_rng(0).normal(0, 0.01, SPECTRA.shape) + 1e-3 * AXIS[:, None]


def applied(**options):
    preparation = Preparation(**options).learn(SPECTRA, AXIS)
    return preparation, preparation.apply(SPECTRA, AXIS)


def test_nothing_is_done_by_default():
    preparation, prepared = applied()

    assert preparation.neutral
    np.testing.assert_array_equal(prepared.values, SPECTRA)
    np.testing.assert_array_equal(prepared.restore(SPECTRA), SPECTRA)


def test_an_interval_of_the_axis_is_kept():
    preparation, prepared = applied(crop=(600, 1200))

    assert AXIS[preparation.kept(AXIS)][[0, -1]].tolist() == [600, 1200]
    np.testing.assert_array_equal(prepared.values, SPECTRA[:, 20:51])


@pytest.mark.parametrize(
    "options",
    [
        {"background": "linear"},
        {"background": "polynomial", "background_degree": 3},
        {"background": "asls"},
        {"normalisation": "maximum"},
        {"normalisation": "area"},
        {"normalisation": "norm"},
        {"crop": (500, 1500), "background": "linear", "normalisation": "area"},
    ],
)
def test_every_step_but_the_filter_is_undone_for_each_pixel(options):
    preparation, prepared = applied(**options)

    np.testing.assert_allclose(prepared.restore(prepared.values), SPECTRA[:, preparation.kept(AXIS)], rtol=1e-12)
    assert np.abs(prepared.values - SPECTRA[:, preparation.kept(AXIS)]).max() > 0.1


def test_each_spectrum_and_channel_has_the_size_that_is_asked_for():
    def values(kind):
        return applied(normalisation=kind)[1].values

    np.testing.assert_allclose(np.abs(values("maximum")).max(axis=1), 1)
    np.testing.assert_allclose(np.trapezoid(np.abs(values("area")), AXIS, axis=1), 1)
    np.testing.assert_allclose((values("norm") ** 2).sum(axis=1), 1)


def test_the_area_of_a_loop_is_taken_along_it():
    bias = np.concatenate([np.linspace(-8, 8, 40), np.linspace(8, -8, 41)])

    prepared = Preparation(normalisation="area").apply(np.ones((1, 81, 1)), bias)

    assert prepared.size.item() == pytest.approx(np.abs(np.diff(bias)).sum())


def test_a_spectrum_of_zeros_stays_one():
    prepared = Preparation(normalisation="norm").apply(np.zeros((2, 81, 1)), AXIS)

    assert not prepared.values.any()


def test_smoothing_is_that_of_savitzky_and_golay():
    np.testing.assert_array_equal(applied(smoothing=9)[1].values, savgol_filter(SPECTRA, 9, 3, axis=1))


def test_spikes_are_interpolated_by_the_limits_that_were_learnt_whatever_the_company():
    spiked = SPECTRA.copy()
    spiked[4, 30, 1] += 500
    preparation = Preparation(spikes=20).learn(spiked, AXIS)

    alone = preparation.apply(spiked[4:5], AXIS)

    assert np.argwhere(alone.spikes).tolist() == [[0, 30, 1]]
    assert alone.values[0, 30, 1] == pytest.approx(spiked[4, [29, 31], 1].mean())
    assert alone.restore(alone.values)[0, 30, 1] < 200


def test_plain_values_make_it_again():
    preparation, prepared = applied(crop=(500, 1500), spikes=15, background="asls", smoothing=7, normalisation="norm")

    again = Preparation.from_dict(preparation.to_dict())

    assert again == preparation
    np.testing.assert_array_equal(again.apply(SPECTRA, AXIS).values, prepared.values)
    assert Preparation.from_dict({}).neutral


def test_channels_say_what_they_were_divided_by():
    assert Preparation().channels(("current (nA)",)) == ("current (nA)",)
    assert Preparation(normalisation="area").channels(("current (nA)",)) == ("current (area = 1)",)


def test_no_spectra_are_answered():
    preparation = Preparation(spikes=20, background="linear", smoothing=5, normalisation="maximum")

    assert preparation.learn(SPECTRA, AXIS).apply(SPECTRA[:0], AXIS).values.shape == (0, 81, 2)


@pytest.mark.parametrize(
    ("options", "error", "reason"),
    [
        ({"crop": (5.0, 2.0)}, ConfigurationError, r"data.crop: should be \[lowest, highest\], got \[5.0, 2.0\]"),
        ({"smoothing": 6}, ConfigurationError, "data.smoothing: should be an odd number of steps, got 6"),
        ({"crop": (3000, 4000)}, DataError, "0 of 81 steps lie between 3000 and 4000.*runs from 200 to 1800"),
        ({"crop": (200, 260), "smoothing": 5}, DataError, "data.smoothing: 5 steps are more than the 4 of a spectrum"),
        (
            {"background": "polynomial", "background_degree": 80},
            DataError,
            "data.background_degree: should be below 80",
        ),
    ],
)
def test_what_does_not_suit_is_one_line_that_names_the_key(options, error, reason):
    with pytest.raises(error, match=reason) as refused:
        applied(**options)

    assert len(str(refused.value).splitlines()) == 1
