import numpy as np
import pytest
import torch
from torch import nn

from remanence.models.activation import ACTIVATIONS
from remanence.models.dnn import DNN
from remanence.models.stacked import StackedLinear, select, stack

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform([0.02, 16], [0.25, 50], (40, 2))  # composition and LPHslope
Y = np.stack([118 + 2 * X[:, 1] - 60 * X[:, 0], 420 + 24 * X[:, 1] + 450 * X[:, 0]], axis=1)
ROWS = torch.as_tensor(X[:7])


def network(seed, **arguments):
    """A network in double precision whose scalers saw rows of its own."""
    torch.manual_seed(seed)
    model = DNN(n_features=2, n_targets=2, **{"hidden": [8, 5], **arguments}).double()
    own = np.random.default_rng(seed).choice(40, 20, replace=False)
    model.input_scaler.fit(torch.as_tensor(X[own]))
    model.target_scaler.fit(torch.as_tensor(Y[own]))
    return model


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("bins", [None, 4])
@pytest.mark.parametrize("members", [1, 2, 5])
def test_a_stack_computes_what_each_member_computes(activation, bins, members):
    networks = [network(seed, activation=activation, bins=bins) for seed in range(members)]

    stacked = stack(networks)(ROWS.expand(members, 7, 2))  # (members, rows, targets)

    for number, single in enumerate(networks):
        torch.testing.assert_close(stacked[number], single(ROWS), rtol=1e-12, atol=1e-9)


def test_each_member_may_be_given_rows_of_its_own():
    networks = [network(seed, bins=3) for seed in range(3)]
    rows = torch.as_tensor(X[:21]).reshape(3, 7, 2)
    targets = torch.as_tensor(Y[:21]).reshape(3, 7, 2)

    stacked = stack(networks)

    for number, single in enumerate(networks):
        torch.testing.assert_close(stacked(rows)[number], single(rows[number]), rtol=1e-12, atol=1e-9)
        torch.testing.assert_close(
            stacked.row_loss(rows, targets)[number], single.row_loss(rows[number], targets[number])
        )


def test_gradients_of_a_member_are_its_own():
    networks = [network(seed) for seed in range(3)]
    stacked, targets = stack(networks), torch.as_tensor(Y[:7])

    stacked.row_loss(ROWS.expand(3, 7, 2), targets.expand(3, 7, 2)).mean(dim=1).sum().backward()

    for number, single in enumerate(networks):
        single.row_loss(ROWS, targets).mean().backward()
        torch.testing.assert_close(stacked.network[0].weight.grad[number], single.network[0].weight.grad.T)
        torch.testing.assert_close(stacked.network[0].bias.grad[number, 0], single.network[0].bias.grad)


@pytest.mark.parametrize("chosen", [[0], [2, 0], [1, 1, 2]])
def test_selected_members_come_in_the_given_order(chosen):
    networks = [network(seed, bins=3) for seed in range(3)]

    some = select(stack(networks), chosen)(ROWS.expand(len(chosen), 7, 2))

    for place, number in enumerate(chosen):
        torch.testing.assert_close(some[place], networks[number](ROWS), rtol=1e-12, atol=1e-9)


def test_neither_stacking_nor_selecting_changes_what_it_was_given():
    networks = [network(seed) for seed in range(2)]
    before = [single(ROWS) for single in networks]
    stacked = stack(networks)
    whole = stacked(ROWS.expand(2, 7, 2))

    one = select(stacked, [1])
    with torch.no_grad():
        for parameter in one.parameters():
            parameter.zero_()

    assert torch.equal(stacked(ROWS.expand(2, 7, 2)), whole)
    for single, expected in zip(networks, before, strict=True):
        assert torch.equal(single(ROWS), expected)
        assert isinstance(single.network[0], nn.Linear)


def test_a_stack_of_stacked_layers_has_a_leading_member_axis():
    layer = StackedLinear([nn.Linear(3, 2) for _ in range(4)])

    assert layer.weight.shape == (4, 3, 2)
    assert layer.bias.shape == (4, 1, 2)
    assert layer(torch.zeros(4, 6, 3)).shape == (4, 6, 2)


@pytest.mark.parametrize(
    "layer", [nn.BatchNorm1d(4), nn.Conv1d(4, 4, 1), nn.Embedding(4, 4)], ids=lambda x: x._get_name()
)
def test_a_layer_that_cannot_be_stacked_is_named(layer):
    with pytest.raises(TypeError, match=f"layers that can be stacked, but got {type(layer).__name__}"):
        stack([nn.Sequential(nn.Linear(2, 4), layer) for _ in range(2)])
