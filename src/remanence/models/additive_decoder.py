"""A decoder that adds what each latent contributes, so that its latents can be told apart without labels."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from remanence.errors import ConfigurationError
from remanence.models.parallel_cells import ParallelBlock, in_parallel, make_parallel_cell
from remanence.models.residual_block import make_norm


class AdditiveDecoder(nn.Module):
    """Latents (batch, latents) to spectra (batch, steps, channels), x = b + Σ dᵢ(zᵢ) with dᵢ(0) = 0.

    Each dᵢ is a small network of its own, shaped as the joint decoder. They run side by side, and those of masked
    latents, which add nothing, are left out. If the true spectra are such a sum, latents that reconstruct them are the
    true causes up to their order and a function of each. Latents that interact share a block, and with it a network.

    Args:
        steps: number of steps of a spectrum in its layout.
        channels: number of channels of a spectrum in its layout.
        latents: number of latents.
        **h: further arguments of ``BetaVAE``.

    Raises:
        ConfigurationError: if the blocks do not have as many latents as there are.

    Source: Lachapelle, Mahajan, Mitliagkas, Lacoste-Julien, Additive decoders for latent variables identification and
    Cartesian-product extrapolation, NeurIPS 2023. That the dᵢ pass through 0 is ours: it makes b and all dᵢ unique.
    """

    inputs: Tensor
    blocks: Tensor

    def __init__(self, *, steps: int, channels: int, latents: int, **h: Any) -> None:
        super().__init__()
        inputs = blocks_of(latents, h["decoder_blocks"])
        self.register_buffer("inputs", inputs, persistent=False)  # (parts, largest block)
        self.shape = (steps, channels)
        self.networks = _Networks(*inputs.shape, steps=steps, channels=channels, **h)
        self.base = nn.Parameter(torch.zeros(steps, channels))

    def forward(self, z: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return spectra (batch, steps, channels) and the activity of the embeddings (batch, parts·dense).

        Args:
            z: latents, shape (batch, latents).
            mask: 1 for each latent that is kept and 0 for the others, shape (latents,).
        """
        added, activity = self.contributions(z, mask)
        return self.base + added.sum(dim=0), activity

    def contributions(self, z: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return what each kept block of latents adds (kept, batch, steps, channels), and the activity as ``forward``.

        Blocks stand in the order of their latents.
        """
        padded = nn.functional.pad(z * mask, (0, 1))  # the last column fills blocks that are smaller than others
        kept = nn.functional.pad(mask, (0, 1))[self.inputs].sum(dim=1).nonzero()[:, 0]
        with_zero = nn.functional.pad(padded, (0, 0, 0, 1))  # a last row at the origin
        given = with_zero[:, self.inputs[kept]].transpose(0, 1)  # (kept, batch + 1, largest block)
        weights = {name: weight[kept] for name, weight in self.networks.named_parameters()}
        spectra, activity = functional_call(self.networks, weights, (given,))
        added = (spectra[:, :-1] - spectra[:, -1:]).view(len(kept), len(z), *self.shape)
        return added, activity[:, :-1].transpose(0, 1).flatten(1)


def blocks_of(latents: int, sizes: Sequence[int] | None) -> Tensor:
    """Return the numbers of the latents of each block, (blocks, largest block), filled up with ``latents``.

    Args:
        latents: number of latents.
        sizes: number of latents in each block, in the order of the latents; None puts each latent into its own.

    Raises:
        ConfigurationError: if the sizes do not sum to ``latents``.

    >>> blocks_of(3, [2, 1]).tolist()
    [[0, 1], [2, 3]]
    """
    counts = [1] * latents if sizes is None else list(sizes)
    if sum(counts) != latents:
        raise ConfigurationError(
            f"model.decoder_blocks: its blocks must have as many latents as model.latents={latents} together, "
            f"got {counts}, which have {sum(counts)}"
        )
    ends = torch.tensor(counts).cumsum(0)
    numbers = (ends - torch.tensor(counts))[:, None] + torch.arange(max(counts))
    return torch.where(numbers < ends[:, None], numbers, latents)


class _Networks(nn.Module):
    """The networks dᵢ side by side, (parts, batch, inputs) to (parts, batch, steps·channels); not centred yet."""

    def __init__(self, parts: int, inputs: int, *, steps: int, channels: int, **h: Any) -> None:
        super().__init__()
        units = h["decoder_units"] or h["units"]
        self.time, width = steps // h["patch"], 2 * units
        self.embedding = in_parallel([nn.Linear(inputs, h["dense"]) for _ in range(parts)])
        positions = 0.5 * torch.randn(parts, 1, self.time, h["dense"]) if h["positions"] else None
        self.positions = None if positions is None else nn.Parameter(positions)
        block: dict[str, Any] = {key: h[key] for key in ("cell", "layers", "norm", "dropout")}
        self.first = make_parallel_cell(parts, h["cell"], h["dense"], units, self.time)
        self.blocks = nn.Sequential(
            *[ParallelBlock(parts, width, units, self.time, **block) for _ in range(h["blocks"])]
        )
        self.norm = in_parallel([make_norm(h["norm"], self.time, width) for _ in range(parts)])
        self.output = in_parallel([nn.Linear(width, h["patch"] * channels, bias=False) for _ in range(parts)])

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Return spectra, and the activity of the embeddings (parts, batch, dense)."""
        activity = torch.relu(self.embedding(z))
        tokens = activity[:, :, None, :].expand(-1, -1, self.time, -1)  # (parts, batch, time, dense)
        if self.positions is not None:
            tokens = tokens + self.positions
        states = self.blocks(self.first(tokens))  # (parts, batch, time, 2·units)
        return self.output(self.norm(states)).flatten(2), activity
