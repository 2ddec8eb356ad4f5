import random

import numpy as np
import pytest
import torch

from remanence.training.random_state import RandomState, restore_generators
from remanence.training.ranks import OneMachine, Ranks


def seed(value):
    random.seed(value)
    np.random.seed(value)
    torch.manual_seed(value)


def draw():
    """An odd number of normal values, which numpy and Python draw in pairs, then some uniform ones."""
    return {
        "torch": [torch.randn(()).item(), *torch.randperm(20).tolist()],
        "numpy": [np.random.normal(), *np.random.permutation(20).tolist()],
        "python": [random.gauss(0, 1), *random.sample(range(20), 20)],
    }


def restore(state):
    callback = RandomState()
    callback.load_state_dict(state)
    callback.on_fit_start(None, None)


@pytest.fixture
def saved(tmp_path):
    """A state from the middle of a sequence, after a journey through a file without pickled code."""
    seed(0)
    draw()
    torch.save(RandomState().state_dict(), tmp_path / "state.pt")
    return torch.load(tmp_path / "state.pt", weights_only=True)


@pytest.mark.parametrize("generator", ["torch", "numpy", "python"])
def test_a_generator_goes_on_where_it_was_saved(saved, generator):
    expected = [draw(), draw()]
    seed(1)

    restore(saved)

    assert [draw()[generator], draw()[generator]] == [values[generator] for values in expected]


def test_saving_does_not_disturb_the_generators():
    seed(0)
    expected = draw()
    seed(0)

    RandomState().state_dict()

    assert draw() == expected


@pytest.mark.parametrize("sharded", [False, True])
def test_states_are_restored_before_and_after_the_fit_starts(saved, sharded):
    expected = draw()
    callback = RandomState()
    seed(1)

    if sharded:  # Lightning restores weights and callbacks when the sharded model is there
        callback.on_fit_start(None, None)
        callback.load_state_dict(saved)
    else:
        callback.load_state_dict(saved)
        draw()  # to set up the model
        callback.on_fit_start(None, None)

    assert draw() == expected


def test_states_are_restored_once_only(saved):
    seed(1)
    untouched = draw()
    callback = RandomState()
    callback.load_state_dict(saved)
    callback.on_fit_start(None, None)

    seed(1)
    callback.on_fit_start(None, None)

    assert draw() == untouched


def test_a_process_that_was_not_there_begins_from_its_seed(saved):
    seed(1)
    untouched = draw()
    seed(1)

    restore_generators(saved["ranks"], Ranks(OneMachine(1, 2)))

    assert draw() == untouched


def test_states_of_gpus_that_are_no_longer_there_are_left_out(saved, monkeypatch):
    restored = []
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "set_rng_state", lambda state, number: restored.append((number, state.tolist())))

    restore_generators([saved["ranks"][0] | {"cuda": [torch.tensor([1]), torch.tensor([2])]}], Ranks())

    assert restored == [(0, [1])]
