"""The cantilever near a contact resonance: a driven, damped simple harmonic oscillator (SHO)."""

import torch
from torch import Tensor


def sho_response(parameters: Tensor, frequency: Tensor) -> Tensor:
    """Return the complex response ``R(f) = A exp(iφ) f₀² / (f² - i f f₀/Q - f₀²)``.

    Args:
        parameters: amplitude A, resonance frequency f₀, quality factor Q, phase φ (rad), shape (..., 4).
        frequency: frequency f in the unit of f₀, shape (bins,).

    Returns:
        complex response in the unit of A, shape (..., bins). At resonance it is ``iAQ exp(iφ)``.

    Source: Jesse et al., Nanotechnology 18, 435503 (2007), in the convention of pycroscopy's SHO fit.

    >>> at_resonance = sho_response(torch.tensor([2.0, 350.0, 100.0, 0.0]), torch.tensor([350.0]))
    >>> round(float(at_resonance.imag), 3)
    200.0
    """
    amplitude, resonance, quality, phase = (column[..., None] for column in parameters.unbind(-1))  # (..., 1)
    denominator = torch.complex((frequency - resonance) * (frequency + resonance), -frequency * resonance / quality)
    return torch.polar(amplitude * resonance**2, phase) / denominator


def cramer_rao_bound(parameters: Tensor, frequency: Tensor, noise: float) -> Tensor:
    """Return the least standard deviation of an unbiased estimate of the four parameters in white noise.

    Args:
        parameters: parameters A, f₀, Q, φ of `sho_response`, shape (..., 4).
        frequency: frequency f in the unit of f₀, shape (bins,).
        noise: standard deviation of the real and of the imaginary part of each bin, in the unit of A.

    Returns:
        standard deviations of A, f₀, Q and φ in their units, float64, shape (..., 4).
    """
    parameters, frequency = parameters.double(), frequency.double()
    amplitude, resonance, quality, _ = (column[..., None] for column in parameters.unbind(-1))
    response = sho_response(parameters, frequency)
    denominator = torch.complex((frequency - resonance) * (frequency + resonance), -frequency * resonance / quality)
    # derivatives by ln A, ln f₀, ln Q and φ, with which the information matrix is well conditioned in any units
    detuning = (1j * frequency * resonance / quality + 2 * resonance**2) / denominator
    damping = -1j * frequency * resonance / quality / denominator
    jacobian = torch.stack((response, response * (2 + detuning), response * damping, 1j * response), -1)
    information: Tensor = (jacobian.mH @ jacobian).real / noise**2  # (..., 4, 4)
    bound = information.inverse().diagonal(dim1=-2, dim2=-1).sqrt()
    return bound * torch.cat((amplitude, resonance, quality, torch.ones_like(amplitude)), -1).abs()
