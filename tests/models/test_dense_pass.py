"""Passes that are written out compute what autograd does."""

from itertools import product

import pytest
import torch

from remanence.models.dense_pass import DensePass, takes_dense_pass
from remanence.models.dnn import DNN
from remanence.models.joined import join
from remanence.models.stacked import stack

ROWS, MEMBERS = 7, 3


def stacked(dtype=torch.float64, **arguments):
    """Return a stack of three small networks with scalers of their own."""
    networks = []
    for seed in range(MEMBERS):
        torch.manual_seed(seed)
        network = DNN(**{"n_features": 2, "hidden": [5, 4], **arguments})
        network.prepare(torch.rand(20, 2).numpy(), torch.rand(20, network.hparams["n_targets"]).numpy())
        networks.append(network.to(dtype))
    return stack(networks)


def batch(dtype=torch.float64, *, targets=1, members=MEMBERS):
    """Return inputs, targets with large errors, and the weights of rows, of which the last is padding."""
    torch.manual_seed(9)
    weight = torch.rand(members, ROWS, dtype=dtype)
    weight[0, -1] = 0
    return torch.rand(members, ROWS, 2, dtype=dtype), 3 * torch.randn(members, ROWS, targets, dtype=dtype), weight


def by_autograd(network, x, y, weight):
    """Return losses and gradients of autograd."""
    loss = (network.row_loss(x, y) * weight).sum(dim=1)
    return loss.detach(), torch.autograd.grad(loss.sum(), list(network.parameters()))


def assert_equal(network, x, y, weight, close):
    expected, gradients = by_autograd(network, x, y, weight)
    passes = DensePass.of(network)
    for _ in range(2):  # the second time, into tensors that are in use
        loss = passes.gradients(*passes.scaled(x, y), weight[..., None] / y.shape[-1])
    torch.testing.assert_close(loss, expected, rtol=close, atol=close)
    for weights, gradient in zip(network.parameters(), gradients, strict=True):
        torch.testing.assert_close(weights.grad, gradient, rtol=close, atol=close)
    predicted = network.target_scaler.inverse(passes.outputs(passes.scaled(x, y)[0]))
    torch.testing.assert_close(predicted, network(x).detach(), rtol=close, atol=close)


KINDS = list(product(["tanh", "sigmoid", "relu", "gelu", "silu"], ["mse", "smooth_l1"], [1, 2]))


@pytest.mark.parametrize(("dtype", "close"), [(torch.float64, 1e-12), (torch.float32, 1e-5)], ids=["double", "single"])
@pytest.mark.parametrize(("activation", "loss", "targets"), KINDS)
def test_losses_and_gradients_are_those_of_autograd(activation, loss, targets, dtype, close):
    network = stacked(dtype, activation=activation, loss=loss, n_targets=targets)
    assert_equal(network, *batch(dtype, targets=targets), close)


@pytest.mark.parametrize("arguments", [{"hidden": []}, {"hidden": [1]}, {"bins": 4}, {"hidden": [65, 3, 2]}])
def test_networks_of_any_depth_and_with_encoded_inputs(arguments):
    assert_equal(stacked(**arguments), *batch(), 1e-12)


def test_joined_networks_that_differ_in_activation_and_loss():
    network = join([stacked(activation=activation, loss=loss) for activation, loss, targets in KINDS if targets == 1])
    assert_equal(network, *batch(members=10 * MEMBERS), 1e-12)


def test_a_member_does_not_depend_on_how_many_others_there_are():
    whole, x, y, weight = stacked(torch.float32), *batch(torch.float32)
    passes = DensePass.of(whole)
    loss = passes.gradients(*passes.scaled(x, y), weight[..., None])
    alone = stack([DNN(n_features=2, hidden=[5, 4])])
    alone.load_state_dict({name: value[1:2] for name, value in whole.state_dict().items()})
    single = DensePass.of(alone)
    own = single.gradients(*single.scaled(x[1:2], y[1:2]), weight[1:2, :, None])
    assert own.equal(loss[1:2])
    for one, every in zip(alone.parameters(), whole.parameters(), strict=True):
        assert one.grad.equal(every.grad[1:2])


class Doubled(DNN):
    """A network with a forward of its own."""

    def forward(self, x):
        """Return twice as much."""
        return 2 * super().forward(x)


def frozen():
    network = stacked()
    network.network[0].weight.requires_grad_(False)
    return network


def watched():
    network = stacked()
    network.network[1].register_forward_hook(lambda *_: None)
    return network


def changed():
    network = stacked()
    network.network[1] = torch.nn.ELU()
    return network


@pytest.mark.parametrize("make", [frozen, watched, changed, lambda: stack([Doubled(n_features=2)])])
def test_a_network_that_may_compute_otherwise_takes_none(make):
    assert not takes_dense_pass(make())
