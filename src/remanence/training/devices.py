"""How many processes a training needs, and on which devices."""

from collections.abc import Mapping
from typing import Any

import torch
from pytorch_lightning import LightningModule

from remanence.errors import ConfigurationError
from remanence.training.external_ranks import External
from remanence.training.launcher import launched_rank
from remanence.training.ranks import Ranks
from remanence.training.started_ranks import Lead, Work


def choose_ranks(model: Any, trainer: Mapping[str, Any], work: Work, arguments: tuple[Any, ...]) -> Ranks:
    """Return the processes that share a training, one for each device; this one is rank 0.

    Args:
        model: untrained; what is no network needs one process only.
        trainer: of the configuration.
        work: what the other processes do.
        arguments: of ``work``, after its ranks.

    Raises:
        ConfigurationError: if the devices are not there, or several machines were asked for without a launcher.
    """
    if launched_rank() is not None:
        external = External(arguments)
        try:
            external.environment.validate_settings(count_devices(trainer), trainer["num_nodes"])
        except ValueError as error:
            raise ConfigurationError(f"trainer.devices, trainer.num_nodes: {error}") from error
        return external
    if not isinstance(model, LightningModule):
        return Ranks()
    if trainer["num_nodes"] > 1:
        raise ConfigurationError(
            f"trainer.num_nodes: {trainer['num_nodes']} machines need torchrun or srun, which start a process for each "
            "device on each of them"
        )
    count = count_devices(trainer)
    return Lead(count, work, arguments) if count > 1 else Ranks()


def count_devices(trainer: Mapping[str, Any]) -> int:
    """Return the number of devices of this machine that are asked for; ``auto`` is every GPU, or one process.

    Raises:
        ConfigurationError: if they are not there.
    """
    devices = trainer["devices"]
    there = torch.cuda.device_count() if on_gpu(trainer) else 0
    if on_gpu(trainer) and not there:
        raise ConfigurationError(f"trainer.accelerator: {trainer['accelerator']}, but there is no GPU here; take cpu")
    if devices == "auto":
        return max(1, there)
    count = len(devices) if isinstance(devices, list) else devices
    if on_gpu(trainer) and (count > there or (isinstance(devices, list) and max(devices) >= there)):
        raise ConfigurationError(f"trainer.devices: {devices}, but there are GPUs 0 to {there - 1} only")
    return int(count)


def on_gpu(trainer: Mapping[str, Any]) -> bool:
    """Return whether CUDA devices are asked for; ``auto`` takes them where there are any."""
    match trainer["accelerator"]:
        case "cuda":
            return True
        case "gpu":
            return not torch.backends.mps.is_available()  # Lightning takes Apple's then
        case "auto":
            return torch.cuda.is_available()
        case _:
            return False


def device_of(trainer: Mapping[str, Any], ranks: Ranks) -> str:
    """Return the device of this process."""
    if not on_gpu(trainer):
        return "cpu"
    local = ranks.environment.local_rank()
    return f"cuda:{trainer['devices'][local] if isinstance(trainer['devices'], list) else local}"
