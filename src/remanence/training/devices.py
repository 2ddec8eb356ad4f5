"""How many processes a training needs and which devices they use."""

from typing import Any, Literal

import torch
from pytorch_lightning import LightningModule

from remanence.errors import ConfigurationError
from remanence.training.external_ranks import External
from remanence.training.launcher import launched_rank
from remanence.training.options import Trainer
from remanence.training.ranks import Ranks
from remanence.training.started_ranks import Lead, Work


def choose_ranks(model: Any, trainer: Trainer, work: Work) -> Ranks:
    """Return the processes that share a training, one for each device, as rank 0 sees them.

    Args:
        model: untrained model; one that is not a ``LightningModule`` needs one process only.
        trainer: node ``trainer`` of the configuration.
        work: function that the other processes run.

    Raises:
        ConfigurationError: if this machine lacks the devices, or several machines were asked for without a launcher.
    """
    on_gpu = device_kind(trainer) == "cuda"
    if launched_rank() is not None:
        external = External(on_gpu=on_gpu)
        try:
            external.environment.validate_settings(count_devices(trainer), trainer.num_nodes)
        except ValueError as error:
            raise ConfigurationError(f"trainer.devices, trainer.num_nodes: {error}") from error
        return external
    if not isinstance(model, LightningModule):
        return Ranks()
    if trainer.num_nodes > 1:
        raise ConfigurationError(
            f"trainer.num_nodes: {trainer.num_nodes} machines need torchrun or srun, which start a process for each "
            "device on each of them"
        )
    count = count_devices(trainer)
    return Lead(count, work, on_gpu=on_gpu) if count > 1 else Ranks()


def count_devices(trainer: Trainer) -> int:
    """Return how many devices of this machine the configuration asks for.

    ``auto`` means every GPU, or one process on the CPU.

    Raises:
        ConfigurationError: if this machine lacks them.
    """
    kind, devices = device_kind(trainer), trainer.devices
    if kind == "cpu":
        if isinstance(devices, list):
            raise ConfigurationError(f"trainer.devices: {devices} are GPUs; on the CPU give a number of processes")
        return 1 if devices == "auto" else devices
    there = torch.cuda.device_count() if kind == "cuda" else int(torch.backends.mps.is_available())
    if not there:
        raise ConfigurationError(f"trainer.accelerator: {trainer.accelerator}, but there is no GPU here; take cpu")
    if devices == "auto":
        return there
    count, highest = (len(devices), max(devices)) if isinstance(devices, list) else (devices, devices - 1)
    if max(count, highest + 1) > there:
        raise ConfigurationError(f"trainer.devices: {devices}, but there are GPUs 0 to {there - 1} only")
    return count


def device_kind(trainer: Trainer) -> Literal["cpu", "cuda", "mps"]:
    """Return the kind of device that Lightning chooses for ``trainer.accelerator`` on this machine."""
    accelerator = trainer.accelerator
    if accelerator in ("gpu", "auto") and torch.backends.mps.is_available():
        return "mps"
    if accelerator == "gpu" or (accelerator == "auto" and torch.cuda.is_available()):
        return "cuda"
    return "cpu" if accelerator == "auto" else accelerator


def device_of(trainer: Trainer, ranks: Ranks) -> str:
    """Return the torch device of this process: ``cpu`` or a CUDA device."""
    if device_kind(trainer) == "cpu":
        return "cpu"
    local = ranks.environment.local_rank()
    return f"cuda:{trainer.devices[local] if isinstance(trainer.devices, list) else local}"
