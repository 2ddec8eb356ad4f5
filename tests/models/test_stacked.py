import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from remanence.errors import NotStackable
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
    "layer",
    [nn.BatchNorm1d(4), nn.Sequential(nn.BatchNorm1d(4)), nn.InstanceNorm1d(4, track_running_stats=True)],
    ids=["batch", "deeper", "instance"],
)
def test_a_layer_with_statistics_of_a_batch_is_named(layer):
    with pytest.raises(
        NotStackable, match=r"^ensemble: 1(\.0)? of Sequential is a (Batch|Instance)Norm1d: .*LayerNorm"
    ):
        stack([nn.Sequential(nn.Linear(2, 4), layer) for _ in range(2)])


def sequence(seed, *layers):
    """A network in double precision that ends with four outputs."""
    torch.manual_seed(seed)
    return nn.Sequential(*(layer() for layer in layers)).double()


LAYERS = {
    "no bias": [lambda: nn.Linear(2, 4, bias=False)],
    "norm": [lambda: nn.Linear(2, 4), lambda: nn.LayerNorm(4)],
    "norm without weights": [lambda: nn.Linear(2, 4), lambda: nn.LayerNorm(4, elementwise_affine=False)],
    "norm without bias": [lambda: nn.Linear(2, 4), lambda: nn.LayerNorm(4, bias=False)],
    "convolution": [lambda: nn.Unflatten(-1, (1, 2)), lambda: nn.Conv1d(1, 2, 1), lambda: nn.Flatten(-2)],
    "weight norm": [lambda: parametrizations.weight_norm(nn.Linear(2, 4))],
    "own linear": [lambda: Doubled(2, 4)],
}


class Doubled(nn.Linear):
    """A layer that is not what it is derived from."""

    def forward(self, x):
        return 2 * super().forward(x)


@pytest.mark.parametrize("form", [None, "vmap", "loop"])
@pytest.mark.parametrize("layers", LAYERS.values(), ids=LAYERS)
def test_layers_of_every_kind_are_stacked(layers, form):
    networks = [sequence(seed, *layers) for seed in range(3)]
    for network in networks:  # as if they were trained
        for weight in network.parameters():
            nn.init.normal_(weight)

    stacked = stack(networks, form)

    assert all(len(value) == 3 for value in stacked.state_dict().values())
    for number, single in enumerate(networks):
        torch.testing.assert_close(stacked(ROWS.expand(3, 7, 2))[number], single(ROWS), rtol=1e-12, atol=1e-12)
        some = select(stacked, [number])
        torch.testing.assert_close(some(ROWS[None])[0], single(ROWS), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("form", [None, "vmap", "loop"])
def test_rows_between_members_and_inputs_may_have_further_axes(form):
    networks = [sequence(seed, lambda: nn.Linear(2, 4), lambda: nn.LayerNorm((3, 4))) for seed in range(2)]
    rows = torch.as_tensor(X[:30]).reshape(2, 5, 3, 2)

    stacked = stack(networks, form)(rows)

    for number, single in enumerate(networks):
        torch.testing.assert_close(stacked[number], single(rows[number]), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("form", ["batched", "vmap", "loop"])
def test_an_embedding_is_that_of_its_member_and_knows_its_size(form):
    networks = [sequence(seed, lambda: nn.Embedding(3, 4)) for seed in range(2)]
    index = torch.tensor([[0, 2, 1], [1, 1, 0]])

    stacked = stack(networks, form)

    for number, single in enumerate(networks):
        assert stacked(index)[number].equal(single(index[number]))
    if form != "vmap":  # which is why it is not used for them
        for wrong in (3, -1):
            with pytest.raises(IndexError):
                stacked(torch.full_like(index, wrong))


def test_a_module_brings_its_own_form():
    class Own(nn.Module):
        def __init__(self, factor):
            super().__init__()
            self.factor = nn.Parameter(torch.tensor(factor))

        def forward(self, x):
            return self.factor * x

        @classmethod
        def stacked(cls, modules):
            one = cls(0.0)
            one.factor = nn.Parameter(torch.stack([module.factor.detach() for module in modules])[:, None, None])
            return one

    stacked = stack([nn.Sequential(Own(2.0)), nn.Sequential(Own(3.0))], "batched")

    assert stacked(torch.ones(2, 1, 1)).flatten().tolist() == [2.0, 3.0]


def tied(seed):
    """Two layers with one weight, one of them in two places."""
    network = sequence(seed, lambda: nn.Linear(4, 4), lambda: nn.Linear(4, 4))
    network[1].weight = network[0].weight
    network.append(network[0])
    return network


@pytest.mark.parametrize("form", [None, "vmap", "loop"])
def test_weights_that_layers_share_stay_shared(form):
    networks = [tied(seed) for seed in range(3)]
    rows = torch.randn(3, 5, 4, dtype=torch.double)

    stacked = stack(networks, form)
    for module in (stacked, select(stacked, [2, 0, 1])):
        inner = module if form is None else module.network
        assert inner[1].weight is inner[0].weight
        assert inner[2] is inner[0]
        assert len(list(module.parameters())) == 3
    for _ in range(2):  # the first must leave it as it was
        for number, single in enumerate(networks):
            torch.testing.assert_close(stacked(rows)[number], single(rows[number]), rtol=1e-12, atol=1e-12)
    stacked(rows).square().sum().backward()
    for number, single in enumerate(networks):
        single(rows[number]).square().sum().backward()
        own = next(stacked.parameters()).grad[number]
        torch.testing.assert_close(own.T if form is None else own, single[0].weight.grad, rtol=1e-12, atol=1e-12)


def test_frozen_weights_stay_frozen():
    networks = [sequence(seed, lambda: nn.Linear(2, 4), lambda: nn.LayerNorm(4)) for seed in range(2)]
    for network in networks:
        network[0].requires_grad_(False)

    for form in ("batched", "vmap", "loop"):
        assert [weight.requires_grad for weight in stack(networks, form).parameters()] == [False, False, True, True]


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (lambda: nn.Linear(2, 5), r"0\.weight of shape \(4, 2\) in one, 0\.weight of shape \(5, 2\) in another"),
        (lambda: nn.LayerNorm(2), "0 a Linear in one, 0 a LayerNorm in another"),
    ],
)
def test_members_that_differ_by_more_than_values_are_told(other, told):
    with pytest.raises(NotStackable, match=rf"^ensemble: members of Sequential differ by more than values: {told}"):
        stack([sequence(0, lambda: nn.Linear(2, 4)), sequence(1, other)])


def test_a_network_that_keeps_what_it_computed_can_be_selected_from():
    class Keeping(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(2, 1)

        def forward(self, x):
            self.hidden = self.layer(x)
            return self.hidden

    stacked = stack([Keeping().double() for _ in range(2)])
    whole = stacked(ROWS.expand(2, 7, 2))

    assert select(stacked, [1])(ROWS[None])[0].equal(whole[1])
