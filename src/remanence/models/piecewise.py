"""Piecewise-linear encoding: what lets a dense network follow the steps that trees find in tables."""

import torch
from torch import Tensor, nn


class PiecewiseLinear(nn.Module):
    """Encode each input as how far it has climbed through each of its bins, 0 below, 1 above, linear inside.

    ``edges`` are learnt by ``fit`` and saved as a buffer: quantiles of the distinct values at shares drawn at random,
    so that the members of an ensemble see different steps, as the trees of a forest do. A feature with fewer distinct
    values than bins leaves its spare bins at 0; the width never depends on the rows.

    Args:
        n_features: number of inputs.
        bins: per input.

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
        """Put the edges into the range of ``values``, shape (rows, n_features)."""
        inner = self.edges.shape[1] - 2
        for feature, column in enumerate(values.T):
            share = torch.cat([torch.zeros(1), torch.rand(inner).sort().values, torch.ones(1)])
            self.edges[feature] = torch.quantile(column.unique(), share.to(values))

    def forward(self, values: Tensor) -> Tensor:
        """Encode values (…, rows, n_features) as (…, rows, n_features * bins)."""
        low, high = self.edges[..., :-1], self.edges[..., 1:]
        width = torch.where(high > low, high - low, torch.inf)  # an empty bin stays at 0
        return ((values[..., None] - low) / width).clamp(0, 1).flatten(-2)  # (…, rows, n_features * bins)
