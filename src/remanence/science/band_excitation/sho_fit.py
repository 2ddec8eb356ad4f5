"""Least-squares fits of the harmonic-oscillator response to very many band-excitation spectra at once.

With w = (f² - f_c²) / (2 f_c h), for a band of centre f_c and half width h, `sho_response` is c b with
b = 1 / (w - w₀ - iγg), g = f / f_c and γ = f₀ / (2Qh). All these numbers are of order one, so single precision is
enough. The complex c follows from w₀ and γ by linear least squares (variable projection; Golub and Pereyra,
SIAM J. Numer. Anal. 10, 413 (1973)), so Levenberg-Marquardt iterates on w₀/γ and ln γ only.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

SMALLEST_STEP = 1e-3
"""Step in w₀/γ and ln γ at which a fit has converged.

Each step is many times smaller than the step before, so the remaining error is far below the noise.
"""

NARROWEST = 1e-4
"""Least γ, in half bands; a line much narrower than one bin cannot be told from a spike."""


@dataclass(frozen=True)
class ShoFit:
    """Parameters of `sho_response` for each spectrum; every field has the shape (spectra,)."""

    amplitude: NDArray[np.float64]
    """Amplitude A in the unit of the spectra; the response at resonance is A Q."""
    resonance_frequency: NDArray[np.float64]
    """Resonance frequency f₀ in the unit of the frequencies."""
    quality_factor: NDArray[np.float64]
    phase: NDArray[np.float64]
    """Phase in radians, from -π to π."""
    r2: NDArray[np.float64]
    """Share of the variance of the complex spectrum that the fit explains; NaN without variance."""
    converged: NDArray[np.bool_]
    bad: NDArray[np.bool_]
    """Whether a fit is not usable.

    The spectrum is not finite or has no variance, the fit did not converge or has a low `r2`, or the resonance is
    outside the band or wider than the band.
    """


def fit_sho(
    spectra: Any,
    frequency: ArrayLike,
    *,
    chunk: int | None = None,
    iterations: int = 20,
    minimum_r2: float = 0.5,
    device: str | torch.device = "cpu",
) -> ShoFit:
    """Fit `sho_response` to each spectrum by least squares, the maximum-likelihood estimate in white complex noise.

    Args:
        spectra: complex spectra, shape (spectra, bins): any object that slices by rows, such as an HDF5 dataset or a
            memory map. The fit computes in the precision of the spectra.
        frequency: frequency of each bin, shape (bins,), positive, in any order; at least four bins.
        chunk: number of spectra that are read and solved at a time, which limits the memory.
        iterations: largest number of Levenberg-Marquardt iterations; three or four are usual.
        minimum_r2: value of `r2` below which a fit is flagged as bad.
        device: device to compute on.

    Raises:
        ValueError: if the shapes do not fit together or the frequencies do not span a band.

    >>> from remanence.science.band_excitation.sho import sho_response
    >>> frequency = torch.linspace(320, 380, 74)
    >>> fit = fit_sho(sho_response(torch.tensor([[2.0, 350.0, 100.0, 0.5]]), frequency), frequency)
    >>> [round(float(value[0]), 2) for value in (fit.amplitude, fit.resonance_frequency, fit.quality_factor, fit.phase)]
    [2.0, 350.0, 100.0, 0.5]
    """
    if chunk is None:  # fits the cache of a core; a GPU needs larger chunks
        chunk = 2048 if torch.device(device).type == "cpu" else 65536
    chunks = (spectra[first : first + chunk] for first in range(0, max(len(spectra), 1), chunk))
    fits = list(fit_sho_chunks(chunks, frequency, iterations=iterations, minimum_r2=minimum_r2, device=device))
    return ShoFit(*(np.concatenate([getattr(fit, field.name) for fit in fits]) for field in fields(ShoFit)))


def fit_sho_chunks(
    chunks: Iterable[Any],
    frequency: ArrayLike,
    *,
    iterations: int = 20,
    minimum_r2: float = 0.5,
    device: str | torch.device = "cpu",
) -> Iterator[ShoFit]:
    """Fit chunks of spectra, each of shape (spectra, bins), one after the other; the arguments are those of `fit_sho`.

    On the CPU, each thread works on its own chunk. Torch would otherwise split every small operation among its threads,
    which then wait for each other after every operation.
    """
    axis = np.asarray(frequency, dtype=np.float64)
    if axis.ndim != 1 or axis.size < 4 or not (axis > 0).all() or axis.min() == axis.max():
        raise ValueError("Expected `frequency` to be at least four positive values that span a band.")
    threads = torch.get_num_threads()
    workers = threads if torch.device(device).type == "cpu" else 1
    waiting: deque[Future[ShoFit]] = deque()
    try:
        with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            for chunk in chunks:
                spectra = chunk if isinstance(chunk, Tensor) else torch.from_numpy(np.array(chunk))
                if spectra.ndim != 2 or spectra.shape[1] != axis.size or not spectra.is_complex():
                    raise ValueError(
                        f"Expected complex `spectra` of the shape (spectra, {axis.size}), "
                        f"but got {str(spectra.dtype).removeprefix('torch.')} of the shape {tuple(spectra.shape)}."
                    )
                waiting.append(pool.submit(_fit, spectra.to(device), axis, iterations, minimum_r2))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
    finally:
        torch.set_num_threads(threads)


@torch.inference_mode()
def _fit(spectra: Tensor, frequency: NDArray[np.float64], iterations: int, minimum_r2: float) -> ShoFit:
    centre, half_width = (frequency.max() + frequency.min()) / 2, np.ptp(frequency) / 2
    real = torch.view_as_real(spectra)
    w = torch.from_numpy((frequency - centre) * (frequency + centre) / (2 * centre * half_width)).to(real)
    g = torch.from_numpy(frequency / centre).to(real)

    data = real.permute(2, 0, 1).contiguous()  # (real and imaginary part, spectra, bins)
    scale = data.abs().amax((0, 2))
    usable = torch.isfinite(scale) & (scale > 0)
    data /= torch.where(usable, scale, 1)[:, None]
    energy = data.square().sum((0, 2))
    variance = energy - data.sum(2).square().sum(0) / len(frequency)
    usable &= variance > energy * torch.finfo(real.dtype).eps

    rows = usable.nonzero()[:, 0]
    state = real.new_full((len(_STATE), len(spectra)), torch.nan)
    converged = torch.zeros_like(usable)
    state[:, rows], converged[rows] = _levenberg_marquardt(data[:, rows], w, g, iterations)

    w0, gamma, c_real, c_imag, residual = state[:5].cpu().double()
    resonance = (centre**2 + 2 * centre * half_width * w0).sqrt()
    c = torch.complex(c_real, c_imag) * 2 * centre * half_width / resonance**2 * scale.cpu()
    r2 = 1 - residual / variance.cpu()
    good = converged.cpu() & (r2 >= minimum_r2) & ((resonance - centre).abs() <= half_width) & (gamma <= 1)
    return ShoFit(
        amplitude=c.abs().numpy(),
        resonance_frequency=resonance.numpy(),
        quality_factor=(resonance / (2 * half_width * gamma)).numpy(),
        phase=c.angle().numpy(),
        r2=r2.numpy(),
        converged=converged.cpu().numpy(),
        bad=~good.numpy(),
    )


_STATE = ("w₀", "γ", "Re c", "Im c", "residual", "A₁₁", "A₁₂", "A₂₂", "b₁", "b₂")
"""Rows of the state: the parameters and the residual of a spectrum, and its normal equations.

The normal equations A·step = b give the step in w₀/γ and ln γ.
"""


def _levenberg_marquardt(data: Tensor, w: Tensor, g: Tensor, iterations: int) -> tuple[Tensor, Tensor]:
    """Return the state (10, spectra) and whether each spectrum converged (spectra,).

    Spectra that have converged leave the batch.
    """
    eps = torch.finfo(data.dtype).eps
    energy = data.square().sum((0, 2))
    final = _evaluate(data, energy, w, g, *_closed_form_start(data, w, g))
    converged = torch.zeros_like(final[0], dtype=torch.bool)
    active = torch.arange(len(converged), device=data.device)
    state, damping = final, torch.full_like(final[0], 1e-3)
    for _ in range(iterations):
        w0, gamma, *_, a11, a12, a22, b1, b2 = state
        d11, d22 = a11 * (1 + damping), a22 * (1 + damping)
        determinant = d11 * d22 - a12**2
        shift = ((d22 * b1 - a12 * b2) / determinant).clamp(-2, 2)
        stretch = ((d11 * b2 - a12 * b1) / determinant).clamp(-1, 1)
        trial = _evaluate(data, energy, w, g, w0 + shift * gamma, (gamma * stretch.exp()).clamp(min=NARROWEST))
        better = trial[4] <= state[4] + 8 * eps * energy  # so that rounding does not reject the last step
        state = torch.where(better, trial, state)
        damping = torch.where(better, damping / 10, damping * 10)

        final[:, active] = state
        moving = ~(torch.maximum(shift.abs(), stretch.abs()) <= SMALLEST_STEP)  # negated, so that NaN never converges
        converged[active] = ~moving
        active, state, damping, energy = active[moving], state[:, moving], damping[moving], energy[moving]
        if not len(active):
            break
        data = data[:, moving]
    return final, converged


def _evaluate(data: Tensor, energy: Tensor, w: Tensor, g: Tensor, w0: Tensor, gamma: Tensor) -> Tensor:
    """Return the state (10, spectra) at w₀ and γ, both of shape (spectra,)."""
    real, imag = data
    products = data.new_empty(8, *real.shape)
    bb, z_real, z_imag, b_real, b_imag, y_real, y_imag, bbbb = products
    torch.sub(w, w0[:, None], out=b_real)
    torch.mul(g, gamma[:, None], out=b_imag)
    torch.mul(b_real, b_real, out=bb).addcmul_(b_imag, b_imag).reciprocal_()  # |b|²
    b_real *= bb
    b_imag *= bb
    torch.mul(b_real, real, out=z_real).addcmul_(b_imag, imag)  # z = b* R
    torch.mul(b_real, imag, out=z_imag).addcmul_(b_imag, real, value=-1)
    torch.mul(b_real, z_real, out=y_real).addcmul_(b_imag, z_imag)  # y = b* b* R
    torch.mul(b_real, z_imag, out=y_imag).addcmul_(b_imag, z_real, value=-1)
    b_real *= bb  # from here on, b_real and b_imag hold |b|² b
    b_imag *= bb
    torch.mul(bb, bb, out=bbbb)

    # sums over bins, without and with a factor g; two products with one vector each are several times faster than one
    # product with two vectors
    norm, z_real, z_imag, b_real, b_imag, y_real, y_imag, bbbb = products.sum(-1)
    gb_real, gb_imag, gy_real, gy_imag, _ = products[3:] @ g
    ggbbbb = products[7] @ (g * g)
    z, b, gb = torch.complex(z_real, z_imag), torch.complex(b_real, b_imag), torch.complex(gb_real, gb_imag)
    y, gy = torch.complex(y_real, y_imag), torch.complex(gy_real, gy_imag)

    # the derivatives by w₀ and γ are c b² and icg b²; the part of them that a change of c can produce is projected out
    c = z / norm
    weight = (c.abs() * gamma) ** 2
    return torch.stack(
        (
            w0,
            gamma,
            c.real,
            c.imag,
            energy - c.abs() ** 2 * norm,
            weight * (bbbb - b.abs() ** 2 / norm),
            weight * (b.conj() * gb).imag / norm,
            weight * (ggbbbb - gb.abs() ** 2 / norm),
            gamma * (c.conj() * (y - c * b.conj())).real,
            gamma * (c.conj() * (gy - c * gb.conj())).imag,
        )
    )


def _closed_form_start(data: Tensor, w: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    """Return w₀ and γ, each (spectra,), that minimise Σ|R|² |R (w - w₀ - iγg) - c|².

    The problem is linear in w₀, γ and c. The weight |R|² approximates |b|².
    """
    real, imag = data
    power = real.square().addcmul_(imag, imag)
    products = torch.stack((power, power * power, power * real, power * imag))
    norm, squares, r_real, r_imag = products.sum(-1)
    w_squares, wr_real, wr_imag = products[1:] @ w
    gr_real, gr_imag = products[2:] @ g
    r, wr, gr = torch.complex(r_real, r_imag), torch.complex(wr_real, wr_imag), torch.complex(gr_real, gr_imag)
    a11 = squares - r.abs() ** 2 / norm
    a12 = (gr * r.conj()).imag / norm
    a22 = products[1] @ (g * g) - gr.abs() ** 2 / norm
    b1 = w_squares - (wr * r.conj()).real / norm
    b2 = -(wr * gr.conj()).imag / norm
    determinant = a11 * a22 - a12**2
    w0 = (a22 * b1 - a12 * b2) / determinant
    gamma = (a11 * b2 - a12 * b1) / determinant
    return w0.clamp(-1, 1), gamma.clamp(1 / len(g), 1)
