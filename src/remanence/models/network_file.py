"""The weights of a network as a file that runs no code when it is read."""

from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import nn

from remanence.errors import ConfigurationError
from remanence.foundation.damage import reading

WEIGHTS = "weights.safetensors"


def write_weights(network: nn.Module, folder: Path) -> Path:
    """Write all weights and buffers of a network to ``weights.safetensors`` in ``folder``, and return its path."""
    # cloned, because safetensors refuses tensors that several layers share
    weights = {name: value.contiguous().cpu().clone() for name, value in network.state_dict().items()}
    save_file(weights, folder / WEIGHTS)
    return folder / WEIGHTS


def read_weights(network: nn.Module, folder: Path) -> None:
    """Read what ``write_weights`` wrote into a network of the same shape, which is left in evaluation mode.

    Raises:
        ConfigurationError: if a weight is not finite: predictions would be empty cells.
    """
    path = folder / WEIGHTS
    with reading(path):
        network.load_state_dict(load_file(path))
    parameters = {name for name, _ in network.named_parameters()}
    for name, value in network.state_dict().items():
        # a buffer may be infinite: it can be the end of a range
        if value.is_floating_point() and bool(value.isnan().any() or (name in parameters and value.isinf().any())):
            raise ConfigurationError(f"{path}: the weights '{name}' are not finite: the file is damaged")
    network.eval()
