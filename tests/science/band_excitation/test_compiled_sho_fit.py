import math
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch

from remanence.science.band_excitation import sho_fit
from remanence.science.band_excitation.batched_sho_fit import fit_batch
from remanence.science.band_excitation.fitted_sho import Band
from remanence.science.band_excitation.sho import sho_response
from remanence.science.band_excitation.sho_fit import fit_sho_chunks

numba = pytest.importorskip("numba", reason="numba refuses this version of NumPy")
from remanence.science.band_excitation import compiled_sho_fit  # noqa: E402
from remanence.science.band_excitation.compiled_sho_fit import fit_compiled, kernel  # noqa: E402

FREQUENCY = np.linspace(315, 385, 74)  # kHz
SETTINGS = {"iterations": 20, "minimum_r2": 0.5}


def simulate(spectra, noise, dtype=np.complex64, frequency=FREQUENCY, seed=0):
    """Simulate spectra with resonances in the middle of the band; the noise is relative to the peak."""
    random = np.random.default_rng(seed)
    parameters = random.uniform([0.5, 335, 60, -3], [1.5, 365, 200, 3], (spectra, 4))
    clean = sho_response(torch.from_numpy(parameters), torch.from_numpy(frequency)).numpy()
    added = (random.normal(size=clean.shape) + 1j * random.normal(size=clean.shape)) / math.sqrt(2)
    return (clean + noise * parameters[:, :1] * parameters[:, 2:3] * added).astype(dtype)


def both(spectra, frequency=FREQUENCY, **settings):
    band, settings = Band.of(frequency), SETTINGS | settings
    return fit_compiled(spectra, band, **settings), fit_batch(torch.from_numpy(spectra.copy()), band, **settings)


def apart(compiled, batched):
    """Return the largest relative difference of the two, of the phase in radians."""
    relative = [
        getattr(compiled, name) / getattr(batched, name) - 1
        for name in ("amplitude", "resonance_frequency", "quality_factor")
    ]
    phase = np.angle(np.exp(1j * (compiled.phase - batched.phase)))
    return np.nanmax(np.abs([*relative, phase]))


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.complex64, 1e-4), (np.complex128, 1e-5)])
@pytest.mark.parametrize("bins", [4, 7, 16, 17, 74, 301])
def test_the_fits_are_those_of_torch_for_any_number_of_bins(bins, dtype, tolerance):
    frequency = np.linspace(315, 385, bins)
    spectra = simulate(500, 0 if bins < 16 else 0.05, dtype, frequency)

    compiled, batched = both(spectra, frequency)
    good = ~(compiled.bad | batched.bad)

    assert np.mean(compiled.bad != batched.bad) <= 0.01
    if bins >= 16:
        assert good.all()
        assert apart(compiled, batched) < tolerance
        assert compiled.r2 == pytest.approx(batched.r2, abs=3e-6)


def test_most_fits_differ_by_less_than_a_hundred_thousandth():
    compiled, batched = both(simulate(2000, 0.05))

    for name in ("amplitude", "resonance_frequency", "quality_factor", "phase"):
        difference = np.abs(getattr(compiled, name) / getattr(batched, name) - 1)
        assert np.median(difference) < 2e-6
        assert np.quantile(difference, 0.99) < 1e-5


def test_noise_spikes_and_gaps_are_flagged_as_torch_flags_them():
    random = np.random.default_rng(1)
    noise = (random.normal(size=(300, 74)) + 1j * random.normal(size=(300, 74))).astype(np.complex64)
    spike, gap, constant = np.zeros((1, 74), noise.dtype), simulate(1, 0), np.full((1, 74), 3 - 2j, noise.dtype)
    spike[0, 30], gap[0, 3] = 1, np.nan
    infinite, huge, tiny = gap.copy(), simulate(1, 0) * np.float32(1e34), simulate(1, 0) * np.float32(1e-36)
    infinite[0, 3] = np.inf
    spectra = np.concatenate([noise, spike, gap, constant, infinite, huge, tiny, np.zeros_like(spike)])

    compiled, batched = both(spectra)

    assert compiled.bad[:304].all()
    assert (compiled.bad == batched.bad).all()
    assert np.isnan(compiled.r2[[301, 302, 303, 306]]).all()
    assert not compiled.bad[304:306].any()


@pytest.mark.parametrize(
    "fit", [fit_compiled, lambda spectra, *args, **kw: fit_batch(torch.from_numpy(spectra), *args, **kw)]
)
def test_conjugate_spectra_are_fitted_as_the_spectra_themselves(fit):
    spectra = simulate(100, 0.05)
    before = spectra.copy()

    expected = fit(spectra, Band.of(FREQUENCY), **SETTINGS)
    conjugate = fit(spectra.conj(), Band.of(FREQUENCY), conjugate=True, **SETTINGS)

    assert not expected.bad.any()
    assert (conjugate.quality_factor == expected.quality_factor).all()
    assert (conjugate.phase == expected.phase).all()
    assert fit(spectra, Band.of(FREQUENCY), conjugate=True, **SETTINGS).r2.mean() < 0.8
    assert (spectra == before).all()


def test_a_fit_knows_nothing_of_its_neighbours():
    spectra = simulate(100, 0.05)

    whole = fit_compiled(spectra, Band.of(FREQUENCY), **SETTINGS)
    alone = fit_compiled(spectra[40:41], Band.of(FREQUENCY), **SETTINGS)

    assert alone.quality_factor == whole.quality_factor[40]


def test_a_view_and_what_may_not_be_written_are_read():
    spectra = simulate(100, 0.05)
    spectra.flags.writeable = False

    fit = fit_compiled(spectra[::-2], Band.of(FREQUENCY), **SETTINGS)

    expected = fit_compiled(spectra, Band.of(FREQUENCY), **SETTINGS)
    assert (fit.amplitude == expected.amplitude[::-2]).all()


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """Keep what is compiled in an empty folder, and return a function that compiles or loads it."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    return lambda: kernel.__wrapped__(np.dtype(np.float32))


def test_what_is_compiled_is_kept_and_what_is_damaged_is_compiled_again(fresh, tmp_path):
    fresh()
    assert fresh().stats.cache_hits
    kept = [path for path in tmp_path.rglob("*") if path.suffix in {".nbc", ".nbi"}]
    assert len(kept) == 2
    for path in kept:
        whole = path.read_bytes()
        for damaged in (b"", whole[: len(whole) // 2], b"\xff" * len(whole)):
            path.write_bytes(damaged)
            assert fresh().stats.cache_path is None
        path.write_bytes(whole)


def test_where_nothing_can_be_kept_it_is_compiled_for_this_process(fresh, monkeypatch):
    for locator in compiled_sho_fit.numba.core.caching.CacheImpl._locator_classes:

        def refuse(self):
            raise OSError("Read-only file system")

        monkeypatch.setattr(locator, "ensure_cache_path", refuse)

    assert fresh().stats.cache_path is None


def test_without_numba_torch_fits(monkeypatch):
    spectra = simulate(50, 0.05)
    expected = fit_batch(torch.from_numpy(spectra), Band.of(FREQUENCY), **SETTINGS)
    monkeypatch.setitem(sys.modules, "remanence.science.band_excitation.compiled_sho_fit", None)
    sho_fit._compiled.cache_clear()
    try:
        fit = sho_fit.fit_sho(spectra, FREQUENCY, chunk=20)
    finally:
        sho_fit._compiled.cache_clear()

    assert fit.quality_factor == pytest.approx(expected.quality_factor, rel=1e-5)


def test_numba_is_loaded_only_when_something_is_fitted():
    code = "import sys; import remanence.science.band_excitation.sho_fit; assert 'numba' not in sys.modules"

    subprocess.run([sys.executable, "-c", code], check=True)


def test_many_chunks_are_fitted_by_one_kernel(monkeypatch):
    compiled, where = compiled_sho_fit._compile, []

    def counted(*arguments, **options):
        where.append(threading.current_thread())
        return compiled(*arguments, **options)

    monkeypatch.setattr(compiled_sho_fit, "_compile", counted)
    compiled_sho_fit.kernel.cache_clear()
    chunks = [np.ones((4, 12), dtype=np.complex64) * np.arange(1, 13)] * 6

    assert len(list(fit_sho_chunks(chunks, np.linspace(300, 400, 12)))) == 6
    assert where == [threading.current_thread()]


def test_the_first_process_on_a_machine_fits_as_all_later_ones(tmp_path):
    script = (
        "import hashlib, numpy as np\n"
        "from remanence.science.band_excitation.sho_fit import fit_sho\n"
        "random = np.random.default_rng(0)\n"
        "w = np.linspace(-1, 1, 40)\n"
        "spectra = 1 / (w - 0.1j - random.uniform(-0.5, 0.5, (2000, 1)))\n"
        "spectra = spectra + random.normal(size=spectra.shape) + 1j * random.normal(size=spectra.shape)\n"
        "fit = fit_sho(spectra.astype(np.complex64), np.linspace(315, 385, 40))\n"
        "print(hashlib.sha256(fit.amplitude.tobytes() + fit.quality_factor.tobytes()).hexdigest())\n"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    fits = [
        subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]

    assert list(tmp_path.rglob("*.nbc"))
    assert fits[0] == fits[1]
