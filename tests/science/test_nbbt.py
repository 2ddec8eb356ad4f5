import numpy as np
import pytest

from remanence.science.lph_slope import fit_lph_slope
from remanence.science.nbbt import FREQUENCY, SERIES, simulate_campaign

ONE_KILOHERTZ = int(np.argmin(np.abs(FREQUENCY - 1e3)))
SEEDS = range(5)


def exact(series):
    return simulate_campaign((series,), noise=0)


def slopes(campaign):
    return fit_lph_slope(FREQUENCY, campaign.permittivity).lph_slope


def properties(campaign):
    return {"slope": slopes(campaign), "eps_r": campaign.permittivity[:, ONE_KILOHERTZ], "d33": campaign.d33}


def test_the_campaign_is_the_21_samples_of_the_paper():
    campaign = simulate_campaign()

    composition = {
        name: sorted({*zip(campaign.x[rows], campaign.dopant[rows], strict=True)})
        for name in SERIES
        if (rows := campaign.series == name).any()
    }
    undoped = [(x, 0.0) for x in (0.02, 0.06, 0.10, 0.15, 0.20, 0.25)]
    assert composition == {
        "NS": undoped,
        "QS": undoped,
        "Sr": [(0.06, amount) for amount in (0.005, 0.01, 0.02, 0.03, 0.04)],
        "Bi": [(0.06, amount) for amount in (0.01, 0.02, 0.03, 0.04)],
    }
    assert campaign.permittivity.shape == (21, FREQUENCY.size)
    assert (FREQUENCY[0], FREQUENCY[-1]) == pytest.approx((1e3, 1e6))


@pytest.mark.parametrize(("series", "peak"), [("NS", 0.06), ("QS", 0.10)])
@pytest.mark.parametrize("quantity", ["slope", "d33"])
def test_an_undoped_series_peaks_where_the_paper_says(series, peak, quantity):
    campaign = exact(series)

    assert campaign.x[np.argmax(properties(campaign)[quantity])] == peak


@pytest.mark.parametrize("quantity", ["slope", "eps_r", "d33"])
def test_quenching_lowers_every_sample(quantity):
    assert (properties(exact("QS"))[quantity] < properties(exact("NS"))[quantity]).all()


@pytest.mark.parametrize(("series", "peak", "d33"), [("Sr", 0.03, 201), ("Bi", 0.02, 207)])
def test_a_doped_series_peaks_at_the_stated_amount_and_d33(series, peak, d33):
    campaign = exact(series)
    best = np.argmax(campaign.d33)

    assert campaign.dopant[best] == peak
    assert campaign.d33[best] == pytest.approx(d33, abs=8)
    assert 45 <= slopes(campaign)[best] <= 48


@pytest.mark.parametrize("seed", SEEDS)
def test_d33_stays_below_180_where_the_slope_is_below_30(seed):
    campaign = simulate_campaign(replicates=20, seed=seed)
    flat = slopes(campaign) < 30

    assert flat.sum() > 20
    assert (campaign.d33[flat] < 180).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_measured_values_lie_in_the_ranges_of_the_literature(seed):
    campaign = simulate_campaign(replicates=10, seed=seed)

    assert campaign.permittivity.min() > 400
    assert campaign.permittivity.max() < 1800
    assert campaign.d33.min() > 86
    assert campaign.d33.max() < 225
    assert slopes(campaign).min() > 12


def test_spectra_without_noise_are_lines_with_the_true_slopes():
    for name, series in SERIES.items():
        fit = fit_lph_slope(FREQUENCY, exact(name).permittivity)
        assert fit.lph_slope == pytest.approx(series.lph_slope)
        assert fit.r2 == pytest.approx(1)


def test_without_noise_seeds_and_replicates_are_alike():
    one, other = (simulate_campaign(("NS",), replicates=2, noise=0, seed=seed) for seed in (0, 1))

    np.testing.assert_array_equal(one.permittivity, other.permittivity)
    np.testing.assert_array_equal(one.d33[:6], one.d33[6:])


def test_a_seed_gives_the_same_campaign_and_another_seed_another():
    first, again, other = (simulate_campaign(seed=seed) for seed in (3, 3, 4))

    np.testing.assert_array_equal(first.permittivity, again.permittivity)
    np.testing.assert_array_equal(first.d33, again.d33)
    assert not np.isclose(first.d33, other.d33).any()
    assert not np.isclose(first.permittivity, other.permittivity).all(axis=1).any()


def test_replicates_are_numbered_ceramics_of_each_composition_that_differ():
    campaign = simulate_campaign(("Bi", "NS"), replicates=3)

    assert len(campaign.d33) == 3 * (4 + 6)
    for name, samples in (("Bi", 4), ("NS", 6)):
        numbers, counts = np.unique(campaign.replicate[campaign.series == name], return_counts=True)
        assert numbers.tolist() == [0, 1, 2]
        assert counts.tolist() == [samples] * 3
    assert np.unique(campaign.d33).size == 30


@pytest.mark.parametrize("noise", [0.5, 1.0, 2.0])
def test_noise_scales_the_spread_between_ceramics_of_one_composition(noise):
    campaign = simulate_campaign(("NS",), replicates=2000, noise=noise)

    spread = np.log(slopes(campaign).reshape(2000, 6)).std(axis=0)
    assert spread == pytest.approx(0.03 * noise, rel=0.1)
