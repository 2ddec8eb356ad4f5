"""Loss on correlations over the rows, which ties one latent to each property and keeps latents uncorrelated."""

import math

import torch
from torch import Tensor

MIN_ROWS = 5
"""Least number of rows; with fewer, a correlation is noise, because its standard error 1/√(rows − 3) exceeds 0.7."""


def correlation_loss(z: Tensor, y: Tensor) -> Tensor:
    """Return ``property_term(z, y) + independence_term(z)``, from 0 to 2 for each member of a stack, shape (…).

    Args:
        z: latents, shape (…, rows, latents).
        y: properties, shape (…, rows, targets).

    Raises:
        ValueError: for fewer than ``MIN_ROWS`` rows, or shapes that do not fit together.

    Source: the released code of NestedAE (T-NIKHIL/NestedAE, 2025), after 10.1039/D3MH01484C.

    >>> y = torch.linspace(-1, 1, 9)[:, None]
    >>> round(float(correlation_loss(torch.cat([y, y**2], dim=1), y)), 6)
    0.0
    """
    return property_term(z, y) + independence_term(z)


def property_term(z: Tensor, y: Tensor) -> Tensor:
    """Return the mean of 1 − ρ(z_j, y_j), shape (…): 0 if each latent j follows property j up to its sign.

    With one target, z_0 is tied to it, as published. With several targets, latent j is tied to target j, so that
    targets do not compete for one latent. Targets beyond the number of latents are ignored.

    Args:
        z: latents, shape (…, rows, latents).
        y: properties, shape (…, rows, targets).

    Raises:
        ValueError: for fewer than ``MIN_ROWS`` rows, or shapes that do not fit together.
    """
    _check_rows(z, "z")
    if y.shape[:-1] != z.shape[:-1] or not y.shape[-1]:
        raise ValueError(f"Expected `y` of shape {(*z.shape[:-1], 'targets')}, but got {tuple(y.shape)}.")
    tied = min(z.shape[-1], y.shape[-1])
    r = (_standardised(z[..., :tied]) * _standardised(y[..., :tied])).sum(dim=-2)  # (…, tied)
    return (1 - _significant(r, z.shape[-2])).mean(dim=-1)


def independence_term(z: Tensor) -> Tensor:
    """Return the mean of sin²(π/2 ρ(z_i, z_j)) over all pairs of latents, shape (…): 0 if none are correlated.

    Args:
        z: latents, shape (…, rows, latents); the term of a single latent is 0.

    Raises:
        ValueError: for fewer than ``MIN_ROWS`` rows.
    """
    _check_rows(z, "z")
    latents = z.shape[-1]
    if latents == 1:
        return z.new_zeros(z.shape[:-2])
    unit = _standardised(z)
    r = unit.transpose(-1, -2) @ unit  # (…, latents, latents)
    first, second = torch.triu_indices(latents, latents, offset=1, device=z.device)
    rho = _significant(r[..., first, second], z.shape[-2])  # (…, pairs)
    return (torch.sin(math.pi / 2 * rho) ** 2).mean(dim=-1)


def _significant(r: Tensor, rows: int) -> Tensor:
    """Return max(0, (|r| − s) / (1 − s)), the part of a correlation beyond its standard error s = 1/√(rows − 3)."""
    s = 1 / math.sqrt(rows - 3)
    return ((r.abs() - s) / (1 - s)).clamp(min=0.0)


def _standardised(x: Tensor) -> Tensor:
    """Return centred columns of length 1; a constant column becomes 0 and correlates with nothing."""
    centred = x - x.mean(dim=-2, keepdim=True)
    square = (centred**2).sum(dim=-2, keepdim=True)
    rounding = (8 * torch.finfo(x.dtype).eps) ** 2 * (x.detach() ** 2).sum(dim=-2, keepdim=True)
    constant = square <= rounding
    # where() before and after the root, because a gradient of 0 · ∞ would be NaN
    return torch.where(constant, 0.0, centred) / torch.where(constant, 1.0, square).sqrt()


def _check_rows(x: Tensor, name: str) -> None:
    if x.ndim < 2 or x.shape[-2] < MIN_ROWS or not x.shape[-1]:
        raise ValueError(
            f"Expected `{name}` of shape (…, at least {MIN_ROWS} rows, latents), but got {tuple(x.shape)}."
        )
