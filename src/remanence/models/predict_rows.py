"""Rows of a table through a network, from arrays to arrays."""

import numpy as np
import torch
from numpy.typing import NDArray
from pytorch_lightning import LightningModule

from remanence.foundation.threads import one_thread


@torch.no_grad()
def predict_rows(network: LightningModule, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what ``network`` gives for x (rows, n_features), (rows, outputs); it is left in evaluation mode.

    Args:
        network: maps inputs to outputs in physical units.
        x: inputs in physical units.
    """
    network.eval()
    inputs = torch.as_tensor(x, dtype=torch.float32, device=network.device)
    with one_thread():  # sums that are split among threads differ in the last digit
        predicted: NDArray[np.float64] = network(inputs).double().cpu().numpy()
    return predicted
