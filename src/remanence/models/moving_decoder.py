"""A decoder whose spectra a latent shifts along their axis, as imprint shifts a loop along the bias."""

from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from remanence.errors import ConfigurationError
from remanence.science.unmixing.branches import branches


class MovingDecoder(nn.Module):
    """Latents (batch, latents) to spectra (batch, steps, channels); the first ones move what the others decode.

    With s = shift·z₁ and w = opening·z₂, x(a) = D(z₃ …)(a - s - d·w), where d is 1 on a branch of the axis that rises
    and -1 on one that falls: s moves a whole loop along the bias (imprint), and w its two branches apart (coercive
    bias). Between steps D is interpolated linearly, and beyond the end of a branch it keeps the value there. A latent
    that moves spectra does nothing else; masked, it moves nothing.

    Args:
        decoder: D.
        size: number of values of a spectrum in its layout, steps·channels.
        shift: s for z₁ = 1, a standard deviation of the prior, in units of the axis; None: no latent shifts.
        opening: w for z₂ = 1, likewise.

    Before ``tell_axis`` the axis is the number of the value in the spectrum. It is stored with the weights, but weights
    that were trained along another axis do not replace one that was told.
    """

    order: Tensor
    knots: Tensor
    own: Tensor
    first: Tensor
    last: Tensor
    direction: Tensor
    span: Tensor

    def __init__(self, decoder: nn.Module, *, size: int, shift: float | None, opening: float | None) -> None:
        super().__init__()
        self.decoder = decoder
        self.moves = [each for each in (shift, opening) if each is not None]
        self.shifts, self.opens = shift is not None, opening is not None
        self.told: frozenset[str] = frozenset()
        for name, values in _coordinates(np.arange(size), np.zeros(size), np.ones(size)).items():
            self.register_buffer(name, values)

    def tell_axis(self, axis: ArrayLike, places: NDArray[np.intp]) -> None:
        """Tell where the values of a spectrum lie on the axis.

        Args:
            axis: value of each step, such as the bias, shape (steps,).
            places: step and channel of each value of a laid-out spectrum, shape (values, 2).

        Raises:
            ConfigurationError: if branches shall move apart, and the axis has one only, or does not change.
        """
        values = np.asarray(axis, dtype=np.float64)
        number, direction = branches(values)
        if not np.ptp(values) > 0:
            raise ConfigurationError("model.shift: the axis of the spectra does not change, so nothing moves along it")
        if self.opens and len(np.unique(direction)) == 1:
            raise ConfigurationError(
                "model.opening: moves the two branches of a loop apart, and the axis of these spectra has one; "
                "give model.opening=null"
            )
        step, channel = places.T
        told = _coordinates(values[step], number[step] + channel * (number.max() + 1), direction[step])
        for name, tensor in told.items():
            getattr(self, name).copy_(tensor)
        self.told = frozenset(told)

    def forward(self, z: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return spectra (batch, steps, channels), and the activity of the embedding of what is moved.

        Args:
            z: latents, shape (batch, latents).
            mask: 1 for each latent that is kept and 0 for the others, shape (latents,).
        """
        moving = len(self.moves)
        spectra, activity = self.decoder(z[:, moving:], mask[moving:])
        amounts = (z * mask)[:, :moving] * torch.as_tensor(self.moves, dtype=z.dtype, device=z.device)
        return self.moved(spectra, amounts), activity

    def moved(self, spectra: Tensor, amounts: Tensor) -> Tensor:
        """Return spectra (batch, steps, channels) that are shifted, and whose branches are moved apart.

        Args:
            spectra: spectra to move, shape (batch, steps, channels).
            amounts: s, w or both, in units of the axis, shape (batch, 1 or 2).
        """
        by = amounts[:, -1:] * self.direction if self.opens else 0.0  # (batch, values)
        if self.shifts:
            by = by + amounts[:, :1]
        wanted = (self.own - by / self.span).clamp(self.knots[self.first], self.knots[self.last])
        right = torch.searchsorted(self.knots, wanted.detach().contiguous(), right=True)
        right = torch.minimum(torch.maximum(right, self.first + 1), self.last)
        left = (right - 1).clamp(min=0)
        below, above = self.knots[left], self.knots[right]
        share = (wanted - below) / (above - below).clamp(min=1e-9)
        ordered = spectra.flatten(1)[:, self.order]  # branch by branch, along the axis
        made = ordered.gather(1, left) * (1 - share) + ordered.gather(1, right) * share
        return made.view_as(spectra)

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *arguments: Any) -> None:
        own = {f"{prefix}{name}": getattr(self, name) for name in self.told}
        super()._load_from_state_dict({**state_dict, **own}, prefix, *arguments)


def _coordinates(axis: ArrayLike, group: ArrayLike, direction: ArrayLike) -> dict[str, Tensor]:
    """Return one coordinate for the values of all groups, a branch of a channel each, in which groups never meet.

    Args:
        axis: where each value lies, shape (values,).
        group: number of its group.
        direction: 1 where the axis rises along its branch and -1 where it falls.

    Returns:
        ``own`` coordinate of each value, ``knots`` sorted and ``order`` that sorts them, ``first`` and ``last`` number
        of a knot in the group of each value, ``direction``, and the ``span`` of the axis that is a coordinate of 1.
    """
    values, groups = np.asarray(axis, dtype=np.float64), np.asarray(group)
    span = float(np.ptp(values)) or 1.0
    own = (values - values.min()) / span + 2 * groups
    order = np.argsort(own, kind="stable")
    sorted_groups = groups[order]
    first = np.searchsorted(sorted_groups, groups, side="left")
    last = np.searchsorted(sorted_groups, groups, side="right") - 1
    numbers: dict[str, Any] = {"own": own, "knots": own[order], "direction": direction, "span": span}
    places = {"order": order, "first": first, "last": last}
    return {
        **{name: torch.as_tensor(np.asarray(each), dtype=torch.float32) for name, each in numbers.items()},
        **{name: torch.as_tensor(each, dtype=torch.int64) for name, each in places.items()},
    }
