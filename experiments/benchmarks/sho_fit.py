"""The batched fit of the harmonic oscillator against `scipy.optimize.curve_fit`, on the same spectra and cores.

    python experiments/benchmarks/sho_fit.py [spectra]

Spectra of 74 bins from 315 to 385 kHz with resonances, quality factors, amplitudes and phases as in a scan, in single
precision. Two meanings of SNR 20: the response at resonance over the standard deviation of the complex noise, or over
that of its real part alone. curve_fit gets real and imaginary parts stacked, a start from the peak, its height and its
width, and one process for each thread that torch has; once it takes the derivatives by differences, once it is given
them. All take turns: the compiled fit, the same on the spectra of an instrument of the opposite phase sense, the fit of
torch, on a GPU too where there is one, and the two of scipy. Memory is the peak of a fresh process that makes the
spectra chunk by chunk.
"""

import math
import multiprocessing
import os
import subprocess
import sys
import time
import unittest.mock
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import curve_fit

from remanence.science.band_excitation import sho_fit
from remanence.science.band_excitation.fitted_sho import ShoFit
from remanence.science.band_excitation.sho import cramer_rao_bound, sho_response
from remanence.science.band_excitation.sho_fit import fit_sho, fit_sho_chunks

TYPED = sys.argv[1:] if __name__ == "__main__" else []
SPECTRA = int(TYPED[0]) if TYPED else 691_200  # a scan of 60 x 60 pixels and 192 voltage steps
FOR_SCIPY = 2_000
ROUNDS = 5
SNR = 20
FREQUENCY = torch.linspace(315, 385, 74, dtype=torch.float64)  # kHz
NAMES = ("amplitude", "resonance_frequency", "quality_factor", "phase")


def draw(spectra: int, random: torch.Generator) -> torch.Tensor:
    """Draw parameters (spectra, 4)."""
    low, high = torch.tensor([[0.5, 335, 60, -3], [1.5, 365, 200, 3]], dtype=torch.float64)
    return low + (high - low) * torch.rand(spectra, 4, generator=random, dtype=torch.float64)


def noisy(parameters: torch.Tensor, relative_noise: float, random: torch.Generator) -> torch.Tensor:
    """Add noise whose real part has the standard deviation ``relative_noise`` of the response at resonance."""
    clean = sho_response(parameters.float(), FREQUENCY.float())
    noise = torch.view_as_complex(torch.randn(*clean.shape, 2, generator=random))
    return clean + noise * (relative_noise * parameters[:, :1] * parameters[:, 2:3]).float()


def model(frequency, amplitude, resonance, quality, phase):
    denominator = frequency**2 - 1j * frequency * resonance / quality - resonance**2
    response = amplitude * np.exp(1j * phase) * resonance**2 / denominator
    return np.concatenate((response.real, response.imag))


def derivatives(frequency, amplitude, resonance, quality, phase):
    """Return the analytic derivatives of ``model`` by its parameters, shape (2 bins, 4)."""
    denominator = frequency**2 - 1j * frequency * resonance / quality - resonance**2
    unit = np.exp(1j * phase) * resonance**2 / denominator
    response = amplitude * unit
    by_resonance = response * (2 / resonance + (1j * frequency / quality + 2 * resonance) / denominator)
    by_quality = response * (-1j * frequency * resonance / quality**2) / denominator
    columns = np.stack((unit, by_resonance, by_quality, 1j * response), 1)
    return np.concatenate((columns.real, columns.imag))


def by_scipy(spectra: np.ndarray, jac=None) -> tuple[np.ndarray, float]:
    """Return the parameters (spectra, 4) and the seconds of the processor that they took."""
    frequency, fits, began = FREQUENCY.numpy(), [], time.process_time()
    for spectrum in spectra.astype(np.complex128):
        magnitude = np.abs(spectrum)
        peak = magnitude.argmax()
        width = (magnitude > magnitude[peak] / math.sqrt(2)).sum() * (frequency[1] - frequency[0])
        quality = frequency[peak] / width
        start = (magnitude[peak] / quality, frequency[peak], quality, np.angle(spectrum[peak] / 1j))
        try:
            fit, _ = curve_fit(model, frequency, np.concatenate((spectrum.real, spectrum.imag)), start, jac=jac)
        except RuntimeError:
            fit = np.full(4, np.nan)
        fits.append(fit)
    return np.array(fits), time.process_time() - began


def errors(estimates: np.ndarray, parameters: torch.Tensor) -> np.ndarray:
    """Relative errors (spectra, 4), of the phase in radians."""
    error = estimates - parameters.numpy()
    error[:, 3] = np.angle(np.exp(1j * error[:, 3]))
    error[:, :3] /= parameters.numpy()[:, :3]
    return error


def stacked(fit: ShoFit) -> np.ndarray:
    return np.stack([getattr(fit, name) for name in NAMES], 1)


def speed() -> None:
    random = torch.Generator().manual_seed(0)
    parameters = draw(SPECTRA, random)
    spectra = torch.cat([noisy(part, 1 / SNR / math.sqrt(2), random) for part in parameters.split(4096)])
    workers = torch.get_num_threads()
    parts = np.array_split(spectra[:FOR_SCIPY].numpy(), workers)
    opposite = spectra.conj().resolve_conj()
    ours = {
        "fit_sho": lambda: fit_sho(spectra, FREQUENCY),
        "opposite phase sense": lambda: fit_sho(opposite, FREQUENCY, conjugate=True),
        "torch": lambda: by_torch(spectra),
    }
    if torch.cuda.is_available():
        ours[torch.cuda.get_device_name()] = lambda: fit_sho(spectra, FREQUENCY, device="cuda")
    scipys = {"curve_fit": None, "curve_fit, given derivatives": derivatives}
    names = (*ours, *scipys)
    rates, used, fits = {name: [] for name in names}, {name: [] for name in names}, {}
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(by_scipy, [part[:20] for part in parts]))  # imports
        for way in ours.values():
            way()  # loads what is compiled
        for _ in range(ROUNDS):
            for name in names:
                began, processor = time.perf_counter(), time.process_time()
                if name in ours:
                    fits[name] = ours[name]()
                    count, seconds = SPECTRA, time.process_time() - processor
                else:
                    results = list(pool.map(by_scipy, parts, [scipys[name]] * workers))
                    fits[name] = np.concatenate([fitted for fitted, _ in results])
                    count, seconds = FOR_SCIPY, sum(seconds for _, seconds in results)
                rates[name].append(count / (time.perf_counter() - began))
                used[name].append(seconds / count * 1e6)
    rate, cost = ({name: sorted(values[name])[ROUNDS // 2] for name in names} for values in (rates, used))
    print(f"{SPECTRA} spectra of {len(FREQUENCY)} bins, {workers} threads, median of {ROUNDS} (lowest to highest):")
    for name in names:
        spread = f"({min(rates[name]):.0f} to {max(rates[name]):.0f})"
        print(f"  {name:29} {rate[name]:9.0f} spectra/s {spread:24} {cost[name]:8.2f} µs of a core each")
    fit = fits["fit_sho"]
    for name in ("curve_fit", "curve_fit, given derivatives"):
        saved = f"{rate['fit_sho'] / rate[name]:.0f} by the clock, {cost[name] / cost['fit_sho']:.0f} by processor time"
        print(f"  times as fast as {name}: {saved}")
        apart = np.abs(errors(stacked(fit)[:FOR_SCIPY], torch.from_numpy(fits[name])))
        print("    median difference of the two:", ", ".join(f"{value:.1e}" for value in np.nanmedian(apart, 0)))
    apart = np.abs(errors(stacked(fit), torch.from_numpy(stacked(fits["torch"]))))
    print("  median difference from torch:", ", ".join(f"{value:.1e}" for value in np.median(apart, 0)), end="; ")
    print("99.9 %:", ", ".join(f"{value:.1e}" for value in np.quantile(apart, 0.999, 0)))
    print(f"  {fit.bad.mean():.3%} flagged as bad, {fits['opposite phase sense'].bad.mean():.3%} of the opposite sense")


def by_torch(spectra: torch.Tensor) -> ShoFit:
    with unittest.mock.patch.object(sho_fit, "_compiled", return_value=None):
        return fit_sho(spectra, FREQUENCY)


def small_calls() -> None:
    """Print how long a call for the spectra of one pixel takes."""
    random = torch.Generator().manual_seed(4)
    for count in (1, 96, 192):
        spectra, times = noisy(draw(count, random), 1 / SNR, random), []
        for _ in range(1000):
            began = time.perf_counter()
            fit_sho(spectra, FREQUENCY)
            times.append(time.perf_counter() - began)
        median, most = np.quantile(times, (0.5, 0.99)) * 1e3
        print(f"  {count:3} spectra: median {median:.3f} ms, 99th percentile {most:.3f} ms")


def statistics(relative_noise: float, meaning: str) -> None:
    random = torch.Generator().manual_seed(1)
    parameters = draw(min(SPECTRA, 200_000), random)
    fit = fit_sho(noisy(parameters, relative_noise, random), FREQUENCY)
    error = errors(stacked(fit), parameters)
    scale = (parameters[:, 0] * parameters[:, 2] * relative_noise)[:, None]  # the bound is proportional to the noise
    bound = torch.cat([cramer_rao_bound(part, FREQUENCY, 1.0) for part in parameters.split(4096)]) * scale
    bound[:, :3] /= parameters[:, :3]
    ratio = np.sqrt((error**2).mean(0)) / np.sqrt((bound.numpy() ** 2).mean(0))
    print(f"SNR {SNR}, {meaning}, {len(error)} spectra:")
    for name, bias, spread, over in zip(NAMES, error.mean(0), error.std(0), ratio, strict=True):
        unit = "rad" if name == "phase" else "%"
        by = 1 if name == "phase" else 100
        print(f"  {name:19} bias {bias * by:+.4f} {unit}, scatter {spread * by:.4f} {unit}, RMSE / bound {over:.3f}")
    print(f"  resonance within 0.15 %: {(np.abs(error[:, 1]) < 0.0015).mean():.3%}")


def noise_free() -> None:
    parameters = draw(min(SPECTRA, 20_000), torch.Generator().manual_seed(2))
    worst = np.abs(errors(stacked(fit_sho(noisy(parameters, 0, torch.Generator()), FREQUENCY)), parameters)).max(0)
    print("noise-free, largest error:", ", ".join(f"{name} {e:.1e}" for name, e in zip(NAMES, worst, strict=True)))


def memory(spectra: int) -> None:
    random = torch.Generator().manual_seed(3)
    rows = 2048

    def chunks() -> Iterator[torch.Tensor]:
        for _ in range(spectra // rows):
            yield noisy(draw(rows, random), 1 / SNR, random)

    fitted = sum(len(fit.bad) for fit in fit_sho_chunks(chunks(), FREQUENCY))
    # not ru_maxrss: on Linux a new process begins with that of the process that started it
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(f"  {fitted:9} spectra: {int(status['VmHWM'].split()[0]) / 1024:.0f} MiB")


if __name__ == "__main__":
    if only := os.environ.get("MEMORY_OF"):
        memory(int(only))
    else:
        speed()
        print("one call:")
        small_calls()
        statistics(1 / SNR / math.sqrt(2), "of the complex noise")
        statistics(1 / SNR, "of its real part")
        noise_free()
        print("peak memory, spectra made chunk by chunk:", flush=True)
        for times in (1, 4, 16):
            subprocess.run([sys.executable, __file__], env=os.environ | {"MEMORY_OF": str(SPECTRA * times)}, check=True)
