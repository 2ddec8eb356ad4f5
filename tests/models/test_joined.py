"""Stacks of several trainings as one network: what it computes, and that the stacks see its weights."""

import pytest
import torch
from torch import nn

from remanence.models.dnn import DNN
from remanence.models.joined import Sliced, Span, join, joinable, tensors
from remanence.models.member_step import MemberStep, taking
from remanence.models.stacked import stack

X = torch.linspace(-1, 1, 5 * 7 * 3).view(5, 7, 3)
Y = torch.linspace(0, 2, 5 * 7).view(5, 7, 1)


def network(seed, **arguments):
    torch.manual_seed(seed)
    return DNN(n_features=3, **{"hidden": [4, 4], **arguments})


def two(**second):
    """Return a stack of two members, and one of three members that may differ from them."""
    return stack([network(0), network(1)]), stack([network(seed, **second) for seed in (2, 3, 4)])


@pytest.mark.parametrize(
    "second", [{}, {"activation": "relu"}, {"loss": "smooth_l1"}, {"activation": "gelu", "loss": "smooth_l1", "lr": 1}]
)
def test_a_joined_network_computes_what_each_of_its_stacks_computes(second):
    first, other = two(**second)
    wanted = torch.cat([first.row_loss(X[:2], Y[:2]), other.row_loss(X[2:], Y[2:])]).detach()

    joined = join([first, other])

    torch.testing.assert_close(joined.row_loss(X, Y).detach(), wanted, rtol=0, atol=0)


def test_stacks_see_weights_buffers_and_gradients_of_their_joined_network():
    first, other = two(activation="relu")
    weights = {name: value.clone() for name, value in other.state_dict().items()}
    joined = join([first, other])

    joined.row_loss(X, Y).sum().backward()
    torch.testing.assert_close(dict(other.state_dict()), weights)
    alone = stack([network(seed, activation="relu") for seed in (2, 3, 4)])
    alone.row_loss(X[2:], Y[2:]).sum().backward()
    for own, wanted in zip(other.parameters(), alone.parameters(), strict=True):
        torch.testing.assert_close(own.grad, wanted.grad)
    with torch.no_grad():
        for weight in other.parameters():
            weight.zero_()
        other.target_scaler.mean.fill_(3.0)
    assert joined(X)[2:].unique().tolist() == [3.0]
    assert joined(X)[:2].unique().numel() > 2


def test_layers_that_are_alike_are_computed_at_once_and_others_apart():
    stacks = [stack([network(0)]), stack([network(1)]), stack([network(2, activation="relu")])]

    joined = join(stacks)

    apart = [layer for layer in joined.modules() if isinstance(layer, Sliced)]
    assert [[type(each).__name__ for each in layer.layers] for layer in apart] == [["Tanh", "ReLU"]] * 2
    assert apart[0].spans == [Span(0, 2), Span(2, 3)]
    assert {(name, span) for name, span, _ in tensors(joined, Span(0, 3))} == {
        (name, Span(0, 3)) for name in stacks[0].state_dict()
    }


def test_one_stack_is_its_own_joined_network():
    only = stack([network(0), network(1)])

    assert join([only]) is only


@pytest.mark.parametrize(
    ("arguments", "alike"),
    [({"lr": 1.0, "loss": "smooth_l1", "activation": "relu", "optimizer": "sgd"}, True),
     ({"hidden": [4, 5]}, False), ({"hidden": [4]}, False), ({"bins": 4}, False), ({"n_targets": 2}, False)],
)  # fmt: skip
def test_stacks_whose_weights_have_equal_shapes_can_be_joined(arguments, alike):
    assert (joinable(stack([network(0)] * 2)) == joinable(stack([network(1, **arguments)]))) == alike
    assert joinable(stack([network(0)])) != joinable(stack([network(0).double()]))


class Dropping(nn.Module):
    broadcasts = True

    def __init__(self, share):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 4), nn.Dropout(share), nn.Linear(4, 1))

    def forward(self, x):
        return self.layers(x)


def test_each_member_drops_what_it_drops_alone():
    def step(seeds):
        return MemberStep(7, [7] * len(seeds), [torch.Generator().manual_seed(seed) for seed in seeds])

    torch.manual_seed(0)
    first, other = stack([Dropping(0.5), Dropping(0.5)]), stack([Dropping(0.3)])
    with taking(step([1, 2])):
        wanted = first(X[:2])
    with taking(step([3])):
        wanted = torch.cat([wanted, other(X[2:3])]).detach()

    joined = join([first, other])

    assert isinstance(joined.layers[1], Sliced)
    with taking(step([1, 2, 3])):
        torch.testing.assert_close(joined(X[:3]).detach(), wanted, rtol=0, atol=0)
