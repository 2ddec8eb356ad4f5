from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from remanence.models.dnn import DNN
from remanence.training import small_on_gpu
from remanence.training.small_on_gpu import SmallOnGPU, say_if_small
from remanence.training.stacked.members import Member
from remanence.training.stacked.stacked_fit import fit_stacked
from remanence.training.stacked.stacked_training import Schedule, StackedTraining

CUDA = torch.device("cuda")


@pytest.fixture(autouse=True)
def not_said_before():
    small_on_gpu._say.cache_clear()


@pytest.mark.parametrize(("rows", "device", "said"), [(9_900, "cuda", True), (9_901, "cuda", False), (9, "cpu", False)])
def test_weights_times_rows_of_a_step_say_whether_a_network_is_small_for_a_gpu(rows, device, said, capsys):
    network = nn.Linear(100, 1)  # 101 weights

    say_if_small(network, rows=rows, device=torch.device(device))

    told = (
        f"101 weights and {rows} rows a step are little for a GPU, and the CPU is likely faster: "
        "trainer.accelerator=cpu\n"
    )
    assert capsys.readouterr().out == (told if said else "")


def test_it_is_said_once(capsys):
    for _ in range(3):
        say_if_small(nn.Linear(2, 1), rows=8, device=CUDA)

    assert capsys.readouterr().out.count("little for a GPU") == 1


def test_lightning_is_asked_at_its_first_batch(monkeypatch):
    asked = []
    monkeypatch.setattr(small_on_gpu, "say_if_small", lambda network, **told: asked.append(told))
    callback, batch = SmallOnGPU(), (torch.zeros(5, 2), torch.zeros(5, 1))

    for number in range(2):
        callback.on_train_batch_start(SimpleNamespace(is_global_zero=True), nn.Linear(2, 1), batch, number)

    assert asked == [{"rows": 5, "device": torch.device("cpu")}]


def test_stacked_members_are_asked_with_the_weights_of_all_and_the_rows_of_one(monkeypatch):
    asked = []

    def spy(network, *, rows, device):
        asked.append((sum(weight.numel() for weight in network.parameters()), rows, device.type))

    monkeypatch.setattr("remanence.training.stacked.stacked_fit.say_if_small", spy)
    x = np.random.default_rng(0).normal(size=(20, 2))
    members = [Member(0, np.arange(12), np.arange(12, 20), 0, seed) for seed in range(3)]

    fit_stacked(
        StackedTraining(
            lambda: DNN(n_features=2, hidden=[4]), x, x[:, :1], members, Schedule(max_epochs=1, batch_size=6)
        )
    )

    assert asked == [(3 * (2 * 4 + 4 + 4 + 1), 6, "cpu")]
