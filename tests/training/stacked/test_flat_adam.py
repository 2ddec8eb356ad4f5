"""Steps over one flat weight are those of the optimizer."""

import copy

import pytest
import torch
from small_stack import X, Y, make_members, make_schedule

from remanence.models.dnn import DNN
from remanence.training.stacked.course import Course
from remanence.training.stacked.flat_adam import FlatAdam
from remanence.training.stacked.stacked_training import StackedTraining


def course(**arguments):
    """Return an untrained training of three members in float64."""
    given = {"n_features": 2, "n_targets": 2, "hidden": [5, 3], "lr": 0.02, **arguments}
    return Course(
        StackedTraining(lambda: DNN(**given), X, Y, make_members(), make_schedule(dtype=torch.float64, clip=0.5))
    )


def step(training, steps, number):
    """Take a step with gradients that depend on its number."""
    torch.manual_seed(number)
    for weight in training.network.parameters():
        gradient = torch.randn_like(weight)
        weight.grad = gradient if weight.grad is None else weight.grad.copy_(gradient)
    steps.step()


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_steps_are_those_of_the_optimizer(optimizer, decay):
    alone, flat = (course(optimizer=optimizer, weight_decay=decay) for _ in range(2))
    steps = FlatAdam.of(flat)
    for number in range(5):
        step(alone, alone, number)
        step(flat, steps, number)
    for own, expected in zip(flat.network.parameters(), alone.network.parameters(), strict=True):
        torch.testing.assert_close(own, expected, rtol=1e-9, atol=1e-9)
    shown, known = flat.optimizer.state_dict()["state"], alone.optimizer.state_dict()["state"]
    for number, state in known.items():
        for key, value in state.items():
            torch.testing.assert_close(shown[number][key], value, rtol=1e-9, atol=1e-12)


def test_steps_go_on_from_the_state_of_the_optimizer():
    whole, stopped = course(), course()
    steps = FlatAdam.of(whole)
    for number in range(4):
        step(whole, steps, number)
    before = FlatAdam.of(stopped)
    for number in range(2):
        step(stopped, before, number)
    resumed = course()
    resumed.network.load_state_dict(stopped.network.state_dict())
    resumed.optimizer.load_state_dict(copy.deepcopy(stopped.optimizer.state_dict()))
    after = FlatAdam.of(resumed)
    for number in range(2, 4):
        step(resumed, after, number)
    for own, expected in zip(resumed.network.parameters(), whole.network.parameters(), strict=True):
        assert own.equal(expected)


def test_other_optimizers_take_their_steps_themselves():
    assert FlatAdam.of(course(optimizer="sgd")) is None
    amsgrad = course()
    amsgrad.optimizer.param_groups[0]["amsgrad"] = True
    assert FlatAdam.of(amsgrad) is None
    grouped = course()
    grouped.optimizer = torch.optim.Adam([{"params": [one]} for one in grouped.network.parameters()])
    assert FlatAdam.of(grouped) is None
