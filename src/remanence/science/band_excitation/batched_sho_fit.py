"""The resonance fit of very many spectra at once, in torch: each operation works on all spectra of a batch.

In the numbers of a `Band`, the response is c b with b = 1 / (w - w₀ - iγg). The complex c follows from w₀ and γ by
linear least squares, so Levenberg-Marquardt iterates on w₀/γ and ln γ only.
"""

import torch
from torch import Tensor

from remanence.science.band_excitation.fitted_sho import NARROWEST, SMALLEST_STEP, Band, ShoFit


@torch.inference_mode()
def fit_batch(spectra: Tensor, band: Band, *, iterations: int, minimum_r2: float, conjugate: bool = False) -> ShoFit:
    """Fit spectra (spectra, bins), complex64 or complex128, on their device."""
    centre, half_width = band.centre, band.half_width
    real = torch.view_as_real(spectra)
    w, g = torch.from_numpy(band.w).to(real), torch.from_numpy(band.g).to(real)

    data = real.permute(2, 0, 1).contiguous()  # (real and imaginary part, spectra, bins)
    if conjugate:
        data[1] *= -1
    scale = data.abs().amax((0, 2))
    usable = torch.isfinite(scale) & (scale > 0)
    data /= torch.where(usable, scale, 1)[:, None]
    energy = data.square().sum((0, 2))
    variance = energy - data.sum(2).square().sum(0) / len(w)
    usable &= variance > energy * torch.finfo(real.dtype).eps

    rows = usable.nonzero()[:, 0]
    state = real.new_full((len(STATE), len(spectra)), torch.nan)
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


STATE = ("w₀", "γ", "Re c", "Im c", "residual", "A₁₁", "A₁₂", "A₂₂", "b₁", "b₂")
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
