"""Piecewise-linear encoding, with which a dense network can follow the steps that trees find in tables."""

import torch
from torch import Tensor, nn


class PiecewiseLinear(nn.Module):
    """Encode each input by its position relative to each of its bins: 0 below the bin, 1 above, linear inside.

    ``fit`` learns ``edges``, which are saved as a buffer. They are quantiles of the distinct values at shares drawn at
    random, so that the members of an ensemble see different steps, as the trees of a forest do. If a feature has fewer
    distinct values than bins, its spare bins stay at 0. The width of the encoding never depends on the rows.

    Args:
        n_features: number of inputs.
        bins: number of bins per input.

    Source: Gorishniy, Rubachev, Babenko, On Embeddings for Numerical Features in Tabular Deep Learning, 2022, eq. 1;
    the random shares are ours.
    """

    edges: Tensor  # (n_features, bins + 1)

    broadcasts = True

    def __init__(self, n_features: int, bins: int) -> None:
        super().__init__()
        self.register_buffer("edges", torch.zeros(n_features, bins + 1))

    @torch.no_grad()
    def fit(self, values: Tensor) -> None:
        """Learn the edges of the bins from ``values``, shape (rows, n_features)."""
        inner = self.edges.shape[1] - 2
        for feature, column in enumerate(values.T):
            share = torch.cat([torch.zeros(1), torch.rand(inner).sort().values, torch.ones(1)])
            self.edges[feature] = torch.quantile(column.unique(), share.to(values))

    def forward(self, values: Tensor) -> Tensor:
        """Encode values (…, rows, n_features) as (…, rows, n_features * bins)."""
        low, high = self.edges[..., :-1], self.edges[..., 1:]
        width = torch.where(high > low, high - low, torch.inf)  # an empty bin stays at 0
        return ((values[..., None] - low) / width).clamp(0, 1).flatten(-2)  # (…, rows, n_features * bins)
