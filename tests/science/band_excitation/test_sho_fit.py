import math

import h5py
import numpy as np
import pytest
import torch
from scipy.optimize import curve_fit

from remanence.science.band_excitation import sho_fit
from remanence.science.band_excitation.sho import cramer_rao_bound, sho_response
from remanence.science.band_excitation.sho_fit import fit_sho, fit_sho_chunks

FREQUENCY = torch.linspace(315, 385, 74, dtype=torch.float64)  # kHz
NAMES = ("amplitude", "resonance_frequency", "quality_factor", "phase")


@pytest.fixture(autouse=True, params=["compiled", "batched"])
def way(request, monkeypatch):
    """Fit each test's spectra by numba and by torch."""
    if request.param == "batched":
        monkeypatch.setattr(sho_fit, "_compiled", lambda: None)
    elif sho_fit._compiled() is None:
        pytest.skip("numba refuses this version of NumPy")


def draw(spectra, seed=0):
    low, high = torch.tensor([[0.5, 335, 60, -3], [1.5, 365, 200, 3]], dtype=torch.float64)
    uniform = torch.rand(spectra, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return low + (high - low) * uniform


def simulate(parameters, snr=math.inf, dtype=torch.complex64, frequency=FREQUENCY):
    """Simulate spectra; the SNR is the response at resonance over the standard deviation of the complex noise."""
    clean = sho_response(parameters, frequency)
    noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(1), dtype=clean.dtype)
    return (clean + noise * (parameters[:, :1] * parameters[:, 2:3] / snr)).to(dtype)


def relative_error(fit, parameters):
    error = np.stack([getattr(fit, name) for name in NAMES], 1) - parameters.numpy()
    error[:, 3] = np.angle(np.exp(1j * error[:, 3]))
    error[:, :3] /= parameters.numpy()[:, :3]
    return error


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.complex64, 1e-4), (torch.complex128, 1e-9)])
@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e6])
def test_without_noise_the_parameters_come_back_in_any_unit(dtype, tolerance, scale):
    parameters = draw(300) * torch.tensor([scale, 1, 1, 1])

    fit = fit_sho(simulate(parameters, dtype=dtype), FREQUENCY)

    assert np.abs(relative_error(fit, parameters)).max() < tolerance
    assert fit.r2 == pytest.approx(np.ones(300), abs=1e-5)
    assert fit.converged.all()
    assert not fit.bad.any()


@pytest.mark.parametrize("unit", [1e3, 1e-3])
def test_the_unit_of_the_frequency_is_that_of_the_resonance(unit):
    parameters = draw(20)

    fit = fit_sho(simulate(parameters), FREQUENCY * unit)

    assert fit.resonance_frequency / unit == pytest.approx(parameters[:, 1].numpy(), rel=1e-5)
    assert fit.quality_factor == pytest.approx(parameters[:, 2].numpy(), rel=1e-3)


def test_at_snr_20_the_fit_is_unbiased_and_reaches_the_cramer_rao_bound():
    parameters = draw(20_000)
    fit = fit_sho(simulate(parameters, snr=20), FREQUENCY)

    error = relative_error(fit, parameters)
    bound = cramer_rao_bound(parameters, FREQUENCY, 1.0).numpy()
    bound *= (parameters[:, :1] * parameters[:, 2:3] / 20 / math.sqrt(2)).numpy()
    bound[:, :3] /= parameters.numpy()[:, :3]

    assert np.abs(error.mean(0)).max() < 0.002
    assert (np.sqrt((error**2).mean(0) / (bound**2).mean(0)) < 1.1).all()
    assert (np.abs(error[:, 1]) < 0.0015).mean() > 0.99
    assert not fit.bad.any()


def test_the_fit_is_the_least_squares_fit_of_scipy():
    def stacked(frequency, *parameters):
        response = sho_response(torch.tensor(parameters, dtype=torch.float64), torch.from_numpy(frequency))
        return np.concatenate((response.real, response.imag))

    parameters = draw(10)
    spectra = simulate(parameters, snr=15, dtype=torch.complex128)

    fit = fit_sho(spectra, FREQUENCY)

    for index, spectrum in enumerate(spectra):
        observed = np.concatenate((spectrum.real, spectrum.imag))
        expected, _ = curve_fit(stacked, FREQUENCY.numpy(), observed, parameters[index].numpy())
        assert [getattr(fit, name)[index] for name in NAMES] == pytest.approx(expected, rel=3e-5)
        residual = ((observed - stacked(FREQUENCY.numpy(), *expected)) ** 2).sum()
        variance = ((spectrum - spectrum.mean()).abs() ** 2).sum()
        assert fit.r2[index] == pytest.approx(1 - residual / float(variance), abs=1e-8)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_what_is_no_resonance_is_flagged_and_disturbs_no_neighbour(dtype):
    good = simulate(draw(1)).numpy().astype(dtype)[0]
    random = np.random.default_rng(0)
    one_nan, infinite, spike = good.copy(), good.copy(), np.zeros(74, dtype)
    one_nan[7], infinite[3], spike[30] = np.nan, np.inf, 1
    noise = random.normal(size=74) + 1j * random.normal(size=74)
    bad = [np.zeros(74), np.full(74, np.nan), np.full(74, 3 - 2j), one_nan, infinite, noise, spike]
    spectra = np.array([good, *bad, good], dtype)

    fit = fit_sho(spectra, FREQUENCY)

    assert fit.bad.tolist() == [False] + [True] * 7 + [False]
    assert all(getattr(fit, name).shape == (9,) for name in (*NAMES, "r2", "converged"))
    assert np.isnan(fit.resonance_frequency[1:6]).all()
    assert fit.resonance_frequency[[0, 8]] == pytest.approx([float(draw(1)[0, 1])] * 2, rel=1e-6)


def test_a_resonance_outside_the_band_is_flagged():
    parameters = torch.tensor([[1.0, 400.0, 100.0, 0.0], [1.0, 350.0, 100.0, 0.0]], dtype=torch.float64)

    assert fit_sho(simulate(parameters, dtype=torch.complex128), FREQUENCY).bad.tolist() == [True, False]


def test_the_threshold_of_r2_flags_but_drops_nothing():
    spectra = simulate(draw(50), snr=20)

    strict, lenient = (fit_sho(spectra, FREQUENCY, minimum_r2=limit) for limit in (0.999, 0.5))

    assert strict.bad.all()
    assert not lenient.bad.any()
    assert (strict.quality_factor == lenient.quality_factor).all()


@pytest.mark.parametrize("chunk", [1, 7, 64, 1000])
def test_the_chunk_changes_nothing(chunk):
    spectra = simulate(draw(64), snr=20)

    whole, parts = fit_sho(spectra, FREQUENCY, chunk=64), fit_sho(spectra, FREQUENCY, chunk=chunk)

    for name in NAMES:
        assert getattr(parts, name) == pytest.approx(getattr(whole, name), rel=1e-4)


def test_the_order_of_the_bins_does_not_matter():
    spectra, order = simulate(draw(20), snr=20), torch.randperm(74, generator=torch.Generator().manual_seed(0))

    fit, shuffled = fit_sho(spectra, FREQUENCY), fit_sho(spectra[:, order], FREQUENCY[order])

    assert shuffled.quality_factor == pytest.approx(fit.quality_factor, rel=1e-4)


def test_an_hdf5_dataset_and_a_memory_map_are_read_in_chunks(tmp_path):
    spectra = simulate(draw(30), snr=20).numpy()
    np.save(tmp_path / "spectra.npy", spectra)
    expected = fit_sho(spectra, FREQUENCY)

    with h5py.File(tmp_path / "scan.h5", "w") as file:
        from_file = fit_sho(file.create_dataset("Raw_Data", data=spectra), FREQUENCY, chunk=8)
    from_map = fit_sho(np.load(tmp_path / "spectra.npy", mmap_mode="r"), FREQUENCY, chunk=8)

    assert from_file.quality_factor == pytest.approx(expected.quality_factor, rel=1e-4)
    assert from_map.quality_factor == pytest.approx(expected.quality_factor, rel=1e-4)


def test_chunks_are_asked_for_only_as_they_are_fitted():
    asked = []

    def chunks():
        for number in range(100):
            asked.append(number)
            yield simulate(draw(5, seed=number))

    fits = fit_sho_chunks(chunks(), FREQUENCY)

    first = next(fits)
    assert len(asked) <= torch.get_num_threads() + 1
    assert first.resonance_frequency == pytest.approx(draw(5)[:, 1].numpy(), rel=1e-5)
    fits.close()


def test_the_threads_of_torch_and_the_spectra_are_left_as_they_were():
    spectra = simulate(draw(3), snr=20)
    threads, before = torch.get_num_threads(), spectra.clone()

    fit_sho(spectra, FREQUENCY, chunk=1)

    assert torch.get_num_threads() == threads
    assert torch.equal(spectra, before)


def test_conjugates_of_spectra_are_fitted_as_the_spectra():
    spectra = simulate(draw(50), snr=20)
    expected = fit_sho(spectra, FREQUENCY)

    for conjugates in (spectra.conj(), spectra.numpy().conj()):
        assert (fit_sho(conjugates, FREQUENCY, conjugate=True).phase == expected.phase).all()


def test_numbers_of_the_other_byte_order_are_read():
    spectra = simulate(draw(5), snr=20).numpy()

    fit = fit_sho(spectra.astype(">c8"), FREQUENCY)

    assert (fit.quality_factor == fit_sho(spectra, FREQUENCY).quality_factor).all()


def test_no_spectra_give_an_empty_fit():
    assert fit_sho(np.zeros((0, 74), np.complex64), FREQUENCY).bad.shape == (0,)


@pytest.mark.parametrize(
    ("spectra", "frequency", "message"),
    [
        (np.zeros((2, 74)), FREQUENCY, "Expected complex .* float64"),
        (np.zeros((2, 73), complex), FREQUENCY, r"\(spectra, 74\).*\(2, 73\)"),
        (np.zeros(74, complex), FREQUENCY, r"\(spectra, 74\)"),
        (np.zeros((2, 3), complex), FREQUENCY[:3], "at least four"),
        (np.zeros((2, 4), complex), [1.0, 1.0, 1.0, 1.0], "span a band"),
        (np.zeros((2, 4), complex), [1.0, 2.0, 3.0, np.nan], "four positive values"),
        (np.zeros((2, 4), complex), [0.0, 1.0, 2.0, 3.0], "four positive values"),
    ],
)
def test_arguments_that_do_not_fit_together_are_refused(spectra, frequency, message):
    with pytest.raises(ValueError, match=message):
        fit_sho(spectra, frequency)
