"""The resonance fit of one spectrum after the other, compiled by numba: on a processor several times as fast as torch.

The algorithm is that of `batched_sho_fit`. A spectrum stays in the nearest cache from its first bin to its last
iteration, the sums over bins use the vector registers, and a spectrum takes no more iterations than it needs.
"""

import functools
import math
import pickle
from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

from remanence.science.band_excitation.fitted_sho import NARROWEST, SMALLEST_STEP, Band, ShoFit

Function = TypeVar("Function", bound=Callable[..., Any])
Sums = NDArray[Any]

FAST = {"reassoc", "contract", "arcp", "nsz"}
"""What the compiler may do to sums over bins: take them in any order. NaN and infinity keep their meaning."""

VECTOR = 16
"""Multiple to which the bins are padded: numbers of single precision in the widest registers."""

FAR = 1e8
"""w of the padding: so far away that nothing of the oscillator is left, and not so far that its sums underflow."""


def _inlined(function: Function) -> Function:
    """Write a function into the kernel wherever it is called.

    Left as a function of its own, it would be other code in the process that compiles than in those that load the
    kernel, and their last digits would differ.
    """
    compiled: Function = numba.njit(fastmath=FAST, error_model="numpy", inline="always")(function)
    return compiled


def fit_compiled(
    spectra: NDArray[Any], band: Band, *, iterations: int, minimum_r2: float, conjugate: bool = False
) -> ShoFit:
    """Fit spectra (spectra, bins), complex64 or complex128; the thread that calls computes, without Python's lock."""
    spectra = np.ascontiguousarray(spectra)
    real = spectra.real.dtype.type
    bins = spectra.shape[1]
    padded = -(-bins // VECTOR) * VECTOR
    w, g = np.full(padded, FAR, real), np.ones(padded, real)
    w[:bins], g[:bins] = band.w, band.g
    parameters = np.empty((5, len(spectra)))
    converged, bad = np.empty((2, len(spectra)), bool)
    settings = (iterations, minimum_r2, -1.0 if conjugate else 1.0, float(np.finfo(real).eps))
    rows = spectra.view(real).reshape(len(spectra), 2 * bins)
    kernel(np.dtype(real))(rows, w, g, band.centre, band.half_width, *settings, parameters, converged, bad)
    amplitude, resonance_frequency, quality_factor, phase, r2 = parameters
    return ShoFit(amplitude, resonance_frequency, quality_factor, phase, r2, converged, bad)


@functools.cache
def kernel(real: np.dtype[Any]) -> Callable[..., None]:
    """Return the compiled fit for a precision; it takes seconds to compile and a quarter of one to load.

    numba keeps it beside this file, or else in the user's cache folder. Where it can write to neither, the disk is full
    or what lies there is damaged, it is compiled for this process alone.
    """
    types, array, number = numba.from_dtype(real), numba.types.Array, numba.float64
    rows, one = array(types, 2, "C", readonly=True), array(types, 1, "C")
    settings = (number, number, numba.int64, number, number, number)
    signature = (rows, one, one, *settings, array(number, 2, "C"), *[array(numba.bool_, 1, "C")] * 2)
    try:
        return _compile(signature, cache=True)
    except (RuntimeError, OSError, EOFError, pickle.UnpicklingError):
        return _compile(signature, cache=False)


def _compile(signature: tuple[Any, ...], *, cache: bool) -> Callable[..., None]:
    compiled = numba.njit(nogil=True, cache=cache, fastmath=FAST, error_model="numpy")(_fit)
    compiled.compile(signature)
    compiled.disable_compile()  # what may be written is read, too
    function: Callable[..., None] = compiled
    return function


def _fit(
    rows: NDArray[Any],
    w: NDArray[Any],
    g: NDArray[Any],
    centre: float,
    half_width: float,
    iterations: int,
    minimum_r2: float,
    sign: float,
    eps: float,
    parameters: NDArray[np.float64],
    converged: NDArray[np.bool_],
    bad: NDArray[np.bool_],
) -> None:
    """Fit rows of real and imaginary parts in turn (spectra, 2 bins) into parameters (5, spectra) and flags."""
    bins = rows.shape[1] // 2
    kind = w.dtype.type
    rounding = eps * max(8, bins / 4)  # of the residual, relative to the energy; it must reject no step
    data = np.zeros((2, w.size), w.dtype)  # real and imaginary part of one spectrum
    for i in range(len(rows)):
        converged[i] = False
        bad[i] = True
        parameters[:, i] = np.nan
        scale, energy, variance = _prepare(rows[i], data, bins, kind(sign))
        if not variance > energy * eps:  # negated, so that NaN is not usable
            continue
        w0, gamma = _closed_form_start(data, w, g, bins)
        state = _evaluate(data, energy, w, g, kind(w0), kind(gamma))
        damping = 1e-3
        for _ in range(iterations):
            w0, gamma, c_real, c_imag, residual, a11, a12, a22, b1, b2 = state
            d11, d22 = a11 * (1 + damping), a22 * (1 + damping)
            determinant = d11 * d22 - a12 * a12
            shift = _clamp((d22 * b1 - a12 * b2) / determinant, -2.0, 2.0)
            stretch = _clamp((d11 * b2 - a12 * b1) / determinant, -1.0, 1.0)
            narrower = max(gamma * math.exp(stretch), NARROWEST)
            trial = _evaluate(data, energy, w, g, kind(w0 + shift * gamma), kind(narrower))
            last = abs(shift) <= SMALLEST_STEP and abs(stretch) <= SMALLEST_STEP
            better = last or trial[4] <= residual + rounding * energy
            if better:
                state = trial
            damping = damping / 10 if better else damping * 10
            if last:
                converged[i] = True
                break

        w0, gamma, c_real, c_imag, residual = state[:5]
        resonance = math.sqrt(centre * centre + 2 * centre * half_width * w0)
        strength = 2 * centre * half_width / (resonance * resonance) * scale
        r2 = 1 - residual / variance
        parameters[0, i] = math.sqrt(c_real * c_real + c_imag * c_imag) * strength
        parameters[1, i] = resonance
        parameters[2, i] = resonance / (2 * half_width * gamma)
        parameters[3, i] = math.atan2(c_imag, c_real)
        parameters[4, i] = r2
        inside = abs(resonance - centre) <= half_width and gamma <= 1
        bad[i] = not (converged[i] and r2 >= minimum_r2 and inside)


@_inlined
def _clamp(value: float, low: float, high: float) -> float:
    """Return the nearest value within the limits; NaN stays NaN."""
    if value < low:
        return low
    if value > high:
        return high
    return value


@_inlined
def _prepare(row: Sums, data: Sums, bins: int, sign: Any) -> tuple[float, float, float]:
    """Write the spectrum over its mean magnitude into ``data``; return that scale, the energy and the variance."""
    real, imag = data[0], data[1]  # numba does not know that unpacked rows are contiguous
    total = row.dtype.type(0)
    for k in range(2 * bins):
        total += abs(row[k])
    scale = np.float64(total) / bins
    inverse = row.dtype.type(1 / scale)
    sum_real = sum_imag = energy = variance = row.dtype.type(0)
    for k in range(bins):
        real[k] = row[2 * k] * inverse
        imag[k] = row[2 * k + 1] * inverse * sign
        sum_real += real[k]
        sum_imag += imag[k]
        energy += real[k] * real[k] + imag[k] * imag[k]
    mean_real, mean_imag = row.dtype.type(sum_real / bins), row.dtype.type(sum_imag / bins)
    for k in range(bins):
        variance += (real[k] - mean_real) ** 2 + (imag[k] - mean_imag) ** 2
    return scale, np.float64(energy), np.float64(variance)


@_inlined
def _evaluate(data: Sums, energy: float, w: Sums, g: Sums, w0: Any, gamma: Any) -> tuple[float, ...]:
    """Return the state at w₀ and γ: what `batched_sho_fit.STATE` lists. The sums are in the precision of the data."""
    one = w.dtype.type(1)
    norm = z_real = z_imag = b_real = b_imag = y_real = y_imag = bbbb = w.dtype.type(0)
    gb_real = gb_imag = gy_real = gy_imag = ggbbbb = w.dtype.type(0)
    real, imag = data[0], data[1]  # numba does not know that unpacked rows are contiguous
    for k in range(w.size):
        p = w[k] - w0
        q = g[k] * gamma
        bb = one / (p * p + q * q)  # |b|²
        p *= bb
        q *= bb
        zp = p * real[k] + q * imag[k]  # z = b* R
        zq = p * imag[k] - q * real[k]
        yp = p * zp + q * zq  # y = b* b* R
        yq = p * zq - q * zp
        p *= bb  # from here on, p and q hold |b|² b
        q *= bb
        norm += bb
        z_real += zp
        z_imag += zq
        b_real += p
        b_imag += q
        y_real += yp
        y_imag += yq
        bbbb += bb * bb
        gb_real += g[k] * p
        gb_imag += g[k] * q
        gy_real += g[k] * yp
        gy_imag += g[k] * yq
        ggbbbb += g[k] * g[k] * bb * bb

    # the derivatives by w₀ and γ are c b² and icg b²; the part of them that a change of c can produce is projected out
    total, width = np.float64(norm), np.float64(gamma)
    b, gb = complex(b_real, b_imag), complex(gb_real, gb_imag)
    y, gy = complex(y_real, y_imag), complex(gy_real, gy_imag)
    c = complex(z_real, z_imag) / total
    square = c.real * c.real + c.imag * c.imag
    weight = square * width * width
    return (
        np.float64(w0),
        width,
        c.real,
        c.imag,
        energy - square * total,
        weight * (bbbb - (b.real * b.real + b.imag * b.imag) / total),
        weight * (b.conjugate() * gb).imag / total,
        weight * (ggbbbb - (gb.real * gb.real + gb.imag * gb.imag) / total),
        width * (c.conjugate() * (y - c * b.conjugate())).real,
        width * (c.conjugate() * (gy - c * gb.conjugate())).imag,
    )


@_inlined
def _closed_form_start(data: Sums, w: Sums, g: Sums, bins: int) -> tuple[float, float]:
    """Return w₀ and γ that minimise Σ|R|² |R (w - w₀ - iγg) - c|², as `batched_sho_fit` does."""
    norm = squares = r_real = r_imag = wr_real = wr_imag = gr_real = gr_imag = w.dtype.type(0)
    w_squares = gg_squares = w.dtype.type(0)
    real, imag = data[0], data[1]  # numba does not know that unpacked rows are contiguous
    for k in range(bins):
        power = real[k] * real[k] + imag[k] * imag[k]
        p, q, square = power * real[k], power * imag[k], power * power
        norm += power
        squares += square
        r_real += p
        r_imag += q
        w_squares += w[k] * square
        wr_real += w[k] * p
        wr_imag += w[k] * q
        gr_real += g[k] * p
        gr_imag += g[k] * q
        gg_squares += g[k] * g[k] * square
    total = np.float64(norm)
    r, wr, gr = complex(r_real, r_imag), complex(wr_real, wr_imag), complex(gr_real, gr_imag)
    a11 = squares - (r.real * r.real + r.imag * r.imag) / total
    a12 = (gr * r.conjugate()).imag / total
    a22 = gg_squares - (gr.real * gr.real + gr.imag * gr.imag) / total
    b1 = w_squares - (wr * r.conjugate()).real / total
    b2 = -(wr * gr.conjugate()).imag / total
    determinant = a11 * a22 - a12 * a12
    w0 = (a22 * b1 - a12 * b2) / determinant
    gamma = (a11 * b2 - a12 * b1) / determinant
    return _clamp(w0, -1.0, 1.0), _clamp(gamma, 1 / bins, 1.0)
