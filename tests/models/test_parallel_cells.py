import pytest
import torch

from remanence.models.parallel_cells import ParallelBlock, in_parallel
from remanence.models.residual_block import TimeNorm
from remanence.models.sequence import make_cell

NETWORKS, TIME, INPUTS, UNITS = 3, 6, 4, 5


def sequences(inputs=INPUTS):
    return torch.randn(NETWORKS, 7, TIME, inputs, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("cell", ["lstm", "gru", "tcn", "mlp"])
def test_cells_side_by_side_are_those_cells_one_by_one(cell):
    alone, x = [make_cell(cell, INPUTS, UNITS, TIME) for _ in range(NETWORKS)], sequences()

    together = in_parallel(alone)(x)

    torch.testing.assert_close(together, torch.stack([one(each) for one, each in zip(alone, x, strict=True)]))


@pytest.mark.parametrize("cell", ["lstm", "gru", "tcn", "mlp"])
def test_every_weight_of_cells_has_a_leading_axis_of_the_networks(cell):
    cells = in_parallel([make_cell(cell, INPUTS, UNITS, TIME) for _ in range(NETWORKS)])

    assert {len(weight) for weight in cells.parameters()} == {NETWORKS}


def test_norms_over_time_side_by_side_are_those_norms_one_by_one():
    alone, x = [TimeNorm(TIME) for _ in range(NETWORKS)], sequences()
    for number, norm in enumerate(alone):
        torch.nn.init.constant_(norm.norm.weight, number + 1.0)

    together = in_parallel(alone)(x)

    torch.testing.assert_close(together, torch.stack([one(each) for one, each in zip(alone, x, strict=True)]))


def test_a_parallel_block_leaves_the_networks_apart():
    block = ParallelBlock(NETWORKS, INPUTS, UNITS, TIME, cell="lstm", layers=2, norm="feature", dropout=0.0)
    x = sequences()
    moved = x.clone()
    moved[1] += 1

    difference = (block(moved) - block(x)).abs().amax(dim=(1, 2, 3))

    assert difference[[0, 2]].tolist() == [0, 0]
    assert difference[1] > 0.01
