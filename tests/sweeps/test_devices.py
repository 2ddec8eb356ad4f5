from dataclasses import replace

import pytest
import torch
from small_training import TRAINER

from remanence.sweeps.devices import slot_devices


def trainer(accelerator="auto", devices=1):
    return replace(TRAINER, accelerator=accelerator, devices=devices)


@pytest.fixture
def gpus(monkeypatch):
    """Pretend that there are so many GPUs."""

    def pretend(count, visible=None):
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        if visible is not None:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)

    return pretend


@pytest.mark.parametrize("accelerator", ["auto", "gpu", "cuda"])
def test_each_slot_has_a_gpu(gpus, accelerator):
    gpus(4)

    assert slot_devices(trainer(accelerator), 4) == ["0", "1", "2", "3"]
    assert slot_devices(trainer(accelerator), 2) == ["0", "1"]
    assert slot_devices(trainer(accelerator), 6) == ["0", "1", "2", "3"], "two of six share"


@pytest.mark.parametrize("accelerator", ["cpu", "mps", "tpu"])
def test_trials_that_need_no_gpu_are_given_none(gpus, accelerator):
    gpus(4)

    assert slot_devices(trainer(accelerator), 2) == []


@pytest.mark.parametrize(
    ("visible", "expected"),
    [
        ("3,5", ["3", "5"]),
        ("MIG-1a, GPU-2b", ["MIG-1a", "GPU-2b"]),
        ("2,-1,3", ["2"]),
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
    ],
)
def test_only_gpus_that_this_process_sees_are_given_away(gpus, visible, expected):
    gpus(8, visible)

    assert slot_devices(trainer(), 2) == expected


@pytest.mark.parametrize(
    ("devices", "slots", "expected"),
    [
        (2, 2, ["0,1", "2,3"]),
        (2, 3, ["0,1", "2,3"]),
        (3, 2, ["0,1,2"]),
        ("auto", 2, ["0,1", "2,3"]),
        ("auto", 3, ["0", "1", "2"]),
        ("auto", 8, ["0", "1", "2", "3"]),
        (5, 2, []),  # for the trial to complain of
        ([0, 2], 2, []),
    ],
)
def test_a_trial_on_several_devices_has_as_many(gpus, devices, slots, expected):
    gpus(4)

    assert slot_devices(trainer("gpu", devices), slots) == expected


def test_without_gpus_there_is_nothing_to_give_away(gpus):
    gpus(0)

    assert slot_devices(trainer(), 2) == []
    assert slot_devices(trainer(devices="auto"), 2) == []
