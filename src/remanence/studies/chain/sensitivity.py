"""Sensitivity of a property to each input: derivatives through a chain of networks."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def sensitivities(function: Callable[[Tensor], Tensor], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the derivative of one property with respect to every input, for every row.

    Args:
        function: differentiable function that maps inputs (rows, features) to the property (rows,). Each row must be
            predicted independently of the others, as networks in evaluation mode do.
        x: inputs, shape (rows, features), in the units that the function takes.

    Returns:
        the derivatives, shape (rows, features), in the unit of the property per unit of the input.

    Raises:
        ValueError: if the function does not return one value per row.
    """
    inputs = torch.as_tensor(x, dtype=torch.get_default_dtype()).requires_grad_()
    predicted = function(inputs)
    if predicted.shape != (len(x),):
        raise ValueError(f"Expected `function` to return shape ({len(x)},), but got {tuple(predicted.shape)}.")
    # rows are independent, so the derivative of the sum over rows contains the derivative of every row
    (gradient,) = torch.autograd.grad(predicted.sum(), inputs)
    derivatives: NDArray[np.float64] = gradient.numpy().astype(np.float64)
    return derivatives
