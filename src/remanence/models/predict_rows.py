"""Predictions of a network for the rows of a table, from arrays to arrays."""

import numpy as np
import torch
from numpy.typing import NDArray
from pytorch_lightning import LightningModule

from remanence.foundation.threads import one_thread


@torch.no_grad()
def predict_rows(network: LightningModule, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the outputs (rows, outputs) of ``network``, which is left in evaluation mode.

    Args:
        network: network from inputs to outputs, both in physical units.
        x: inputs in physical units, shape (rows, n_features).
    """
    network.eval()
    inputs = torch.as_tensor(x, dtype=torch.float32, device=network.device)
    with one_thread():  # sums that are split among threads differ in the last digit
        predicted: NDArray[np.float64] = network(inputs).double().cpu().numpy()
    return predicted
