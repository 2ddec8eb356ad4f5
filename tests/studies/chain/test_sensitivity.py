import numpy as np
import pytest
import torch

from remanence.studies.chain.sensitivity import sensitivities

X = np.random.default_rng(0).normal(size=(20, 3))


def test_derivatives_are_those_of_the_formula_for_every_row():
    derivatives = sensitivities(lambda x: x[:, 0] ** 2 + torch.sin(x[:, 1]) * x[:, 2], X)

    expected = np.stack([2 * X[:, 0], np.cos(X[:, 1]) * X[:, 2], np.sin(X[:, 1])], axis=1)
    assert derivatives.dtype == np.float64
    np.testing.assert_allclose(derivatives, expected, atol=1e-6)


def test_a_network_agrees_with_finite_differences_and_its_weights_get_no_gradient():
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)).eval()

    derivatives = sensitivities(lambda x: network(x)[:, 0], X)

    exact = network.double()
    step = 1e-5 * np.eye(3)
    with torch.no_grad():
        sides = [exact(torch.as_tensor(X[:, None] + sign * step))[..., 0].numpy() for sign in (1, -1)]
    np.testing.assert_allclose(derivatives, (sides[0] - sides[1]) / 2e-5, atol=1e-5)
    assert all(parameter.grad is None for parameter in network.parameters())


@pytest.mark.parametrize("function", [lambda x: x, lambda x: x.sum(), lambda x: x[:, :1]])
def test_a_function_of_another_shape_is_refused(function):
    with pytest.raises(ValueError, match=r"Expected `function` to return shape \(20,\)"):
        sensitivities(function, X)
