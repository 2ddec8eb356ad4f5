"""Which GPUs each slot of a sweep has to itself."""

import os
from itertools import takewhile

from remanence.training.options import Trainer


def slot_devices(trainer: Trainer, slots: int) -> list[str]:
    """Return a CUDA_VISIBLE_DEVICES for each slot, or for fewer slots if there are too few GPUs, which they then share.

    ``trainer.devices=auto`` divides all GPUs among the slots, a number gives as many to each; GPUs that are named are
    left to every trial, as are all of them where there are fewer than a trial needs. Nothing for trials without GPUs.

    Args:
        trainer: of the configuration.
        slots: trials at a time.
    """
    devices = trainer.devices
    if trainer.accelerator in ("cpu", "mps", "tpu") or isinstance(devices, list):
        return []
    visible = _visible()
    size = max(1, len(visible) // slots) if devices == "auto" else devices
    return [",".join(visible[first : first + size]) for first in range(0, len(visible) - size + 1, size)][:slots]


def _visible() -> list[str]:
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is not None:  # CUDA reads no further than the first that is no device
        return list(takewhile(lambda name: name not in ("", "-1", "NoDevFiles"), map(str.strip, given.split(","))))
    import torch

    return [str(number) for number in range(torch.cuda.device_count())]
