import numpy as np
import pytest
import torch
from scipy import special

from remanence.models.activation import ACTIVATIONS, Arctanh

X = torch.linspace(-3, 3, 101, dtype=torch.float64)
REFERENCES = {
    "tanh": np.tanh,
    "sigmoid": special.expit,
    "relu": lambda x: np.maximum(x, 0),
    "gelu": lambda x: x * special.ndtr(x),
    "silu": lambda x: x * special.expit(x),
    "linear": lambda x: x,
    "arctanh": lambda x: np.arctanh(np.clip(x, -0.9999, 0.9999)),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_is_that_of_its_name(name):
    np.testing.assert_allclose(ACTIVATIONS[name]()(X), REFERENCES[name](X.numpy()), atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_arctanh_undoes_tanh_and_is_finite_beyond_one(dtype):
    x = torch.tensor([-torch.inf, -1e6, -1.0, -0.5, 0.0, 0.5, 1.0, 1e6, torch.inf], dtype=dtype, requires_grad=True)

    y = Arctanh()(x)
    y.sum().backward()

    torch.testing.assert_close(y[3:6].tanh(), x[3:6])
    assert y.isfinite().all()
    assert x.grad.isfinite().all()
    torch.testing.assert_close(y, -y.flip(0))
