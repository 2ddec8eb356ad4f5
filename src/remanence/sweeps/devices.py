"""Dividing the GPUs among the slots of a sweep."""

import os
from itertools import takewhile

from remanence.training.options import Trainer


def slot_devices(trainer: Trainer, slots: int) -> list[str]:
    """Return one value of CUDA_VISIBLE_DEVICES for each slot.

    ``trainer.devices=auto`` divides all GPUs among the slots; a number gives so many GPUs to each slot. If there are
    too few GPUs for all slots, the list is shorter, and the slots share its values.

    The list is empty if the trials use no GPU, if ``trainer.devices`` lists GPUs, or if there are fewer GPUs than one
    trial needs. Every trial then sees all GPUs.

    Args:
        trainer: node ``trainer`` of the configuration.
        slots: number of trials that run at the same time.
    """
    devices = trainer.devices
    if trainer.accelerator in ("cpu", "mps", "tpu") or isinstance(devices, list):
        return []
    visible = _visible()
    size = max(1, len(visible) // slots) if devices == "auto" else devices
    return [",".join(visible[first : first + size]) for first in range(0, len(visible) - size + 1, size)][:slots]


def _visible() -> list[str]:
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is not None:  # CUDA ignores everything from the first entry that is not a device
        return list(takewhile(lambda name: name not in ("", "-1", "NoDevFiles"), map(str.strip, given.split(","))))
    import torch

    return [str(number) for number in range(torch.cuda.device_count())]
