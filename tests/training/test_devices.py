from dataclasses import replace

import pytest
import torch
from small_training import TRAINER, make_model

from remanence.errors import ConfigurationError
from remanence.models.linear import Linear
from remanence.training.devices import choose_ranks, count_devices, device_kind, device_of
from remanence.training.forkserver import warm_up
from remanence.training.ranks import OneMachine, Ranks
from remanence.training.started_ranks import Lead


@pytest.fixture
def gpus(monkeypatch):
    """Pretend that there are some GPUs."""

    def pretend(count):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)

    return pretend


def choose(model=None, **trainer):
    return choose_ranks(model or make_model(), replace(TRAINER, **trainer), print)


def test_a_network_on_one_device_needs_one_process():
    ranks = choose()

    assert type(ranks) is Ranks
    assert ranks.size == 1


def test_a_network_on_several_devices_has_a_process_for_each():
    ranks = choose(devices=3)

    assert isinstance(ranks, Lead)
    assert (ranks.rank, ranks.size, ranks.work, ranks.on_gpu) == (0, 3, print, False)


def test_what_is_no_network_needs_one_process_whatever_is_asked_for():
    assert choose(Linear(n_features=2, n_targets=2), devices=3, accelerator="gpu").size == 1


@pytest.mark.parametrize(
    ("there", "accelerator", "devices", "count"),
    [
        (0, "cpu", "auto", 1),
        (4, "cpu", "auto", 1),
        (0, "cpu", 3, 3),
        (0, "auto", "auto", 1),
        (0, "auto", 2, 2),
        (4, "auto", "auto", 4),
        (4, "gpu", "auto", 4),
        (4, "gpu", 2, 2),
        (4, "cuda", [0, 3], 2),
        (4, "gpu", [3], 1),
    ],
)
def test_auto_is_every_gpu_or_one_process(gpus, there, accelerator, devices, count):
    gpus(there)

    assert count_devices(replace(TRAINER, accelerator=accelerator, devices=devices)) == count


@pytest.mark.parametrize(
    ("there", "trainer", "message"),
    [
        (0, {"accelerator": "gpu"}, "trainer.accelerator: gpu, but there is no GPU here; take cpu"),
        (2, {"accelerator": "gpu", "devices": 3}, "trainer.devices: 3, but there are GPUs 0 to 1 only"),
        (2, {"accelerator": "auto", "devices": [0, 2]}, "trainer.devices: [0, 2], but there are GPUs 0 to 1 only"),
        (0, {"accelerator": "mps"}, "trainer.accelerator: mps, but there is no GPU here; take cpu"),
        (0, {"devices": [0]}, "trainer.devices: [0] are GPUs; on the CPU give a number of processes"),
        (
            0,
            {"num_nodes": 2},
            "trainer.num_nodes: 2 machines need torchrun or srun, which start a process for each device on each of "
            "them",
        ),
    ],
)
def test_what_is_not_there_is_named(gpus, there, trainer, message):
    gpus(there)

    with pytest.raises(ConfigurationError) as raised:
        choose(**trainer)

    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("trainer", "device"),
    [
        ({"accelerator": "cpu", "devices": 2}, "cpu"),
        ({"accelerator": "gpu", "devices": 2}, "cuda:1"),
        ({"accelerator": "auto", "devices": [1, 3]}, "cuda:3"),
    ],
)
def test_a_process_has_the_device_of_its_place(gpus, trainer, device):
    gpus(4)

    assert device_of(replace(TRAINER, **trainer), Ranks(OneMachine(1, 2))) == device


@pytest.mark.parametrize(
    ("there", "apple", "accelerator", "kind"),
    [
        (0, False, "auto", "cpu"),
        (2, False, "auto", "cuda"),
        (2, False, "cpu", "cpu"),
        (0, False, "gpu", "cuda"),
        (0, True, "gpu", "mps"),
        (0, True, "auto", "mps"),
        (0, False, "mps", "mps"),
    ],
)
def test_an_accelerator_means_what_lightning_takes(gpus, monkeypatch, there, apple, accelerator, kind):
    gpus(there)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: apple)

    assert device_kind(replace(TRAINER, accelerator=accelerator)) == kind


@pytest.mark.parametrize(("accelerator", "on_gpu"), [("cpu", False), ("auto", True), ("gpu", True)])
def test_processes_talk_as_their_training_needs_it_not_as_the_machine_could(gpus, accelerator, on_gpu):
    gpus(2)

    assert choose(devices=2, accelerator=accelerator).on_gpu is on_gpu


@pytest.mark.parametrize(("devices", "warm"), [(1, False), ("auto", False), ([2], False), (2, True), ([0, 1], True)])
def test_the_server_of_processes_is_started_early_where_there_will_be_several(monkeypatch, devices, warm):
    started = []
    monkeypatch.setattr("multiprocessing.forkserver.ensure_running", lambda: started.append(True))

    warm_up(replace(TRAINER, devices=devices))

    assert started == [True] * warm


def test_no_server_is_started_where_a_launcher_has_started_the_processes(monkeypatch):
    monkeypatch.setattr("multiprocessing.forkserver.ensure_running", lambda: pytest.fail("started"))
    for name, value in {"TORCHELASTIC_RUN_ID": "x", "WORLD_SIZE": "2", "RANK": "0"}.items():
        monkeypatch.setenv(name, value)

    warm_up(replace(TRAINER, devices=2))


def test_processes_of_a_launcher_must_be_as_many_as_the_devices(monkeypatch):
    for name, value in {"TORCHELASTIC_RUN_ID": "x", "WORLD_SIZE": "2", "RANK": "0", "LOCAL_RANK": "0"}.items():
        monkeypatch.setenv(name, value)

    assert choose(devices=2).size == 2
    with pytest.raises(ConfigurationError, match=r"^trainer\.devices, trainer\.num_nodes: .*world size \(2\)"):
        choose(devices=3)
