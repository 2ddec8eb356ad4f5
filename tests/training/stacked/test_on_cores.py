"""Joined trainings on several cores end with the weights that each of them has alone."""

import threading
from functools import partial

import pytest
import torch
from small_stack import X, Y, make_members, make_schedule
from test_joint_steps import Dropping, assert_equal, together, train

from remanence.foundation.threads import one_thread
from remanence.models.dnn import DNN
from remanence.training.meeting import meet
from remanence.training.stacked import on_cores, stacked_fit
from remanence.training.stacked.course import Course
from remanence.training.stacked.stacked_fit import fit_stacked
from remanence.training.stacked.stacked_training import StackedTraining


@pytest.fixture
def seen(monkeypatch):
    """Threads in which epochs were trained, with the number of trainings of each; there are three cores."""
    monkeypatch.setattr(on_cores, "own_cores", lambda: 3)
    monkeypatch.setattr(on_cores, "ENOUGH", 1.0)
    found, run_epoch = set(), stacked_fit._Training.run_epoch

    def note(self):
        found.add((threading.get_ident(), len(self.courses)))
        return run_epoch(self)

    monkeypatch.setattr(stacked_fit._Training, "run_epoch", note)
    return found


def test_trainings_on_several_cores_are_those_alone(seen):
    kinds = [("adam", "tanh"), ("adam", "relu"), ("sgd", "tanh"), ("rmsprop", "gelu"), ("adamw", "silu")]
    settings = [
        {"seed": number, "optimizer": optimizer, "activation": activation, "lr": 0.01 * (1 + number), "patience": 3}
        for number, (optimizer, activation) in enumerate(kinds)
    ]

    found = together(settings)

    assert {threading.get_ident()} != {thread for thread, _ in seen}
    assert max(number for _, number in seen) == 2, "five trainings on three cores"
    for result, given in zip(found, settings, strict=True):
        assert result.stack == 5
        assert_equal(result, train(**given))


def test_what_a_member_draws_is_its_own_on_every_core(seen):
    def one(share):
        given = {"n_features": 2, "n_targets": 2, "hidden": [8, 8], "lr": 0.02, "share": share}
        with one_thread():
            return fit_stacked(
                StackedTraining(
                    lambda: Dropping(**given), X, Y, make_members(), make_schedule(dtype=torch.float64, clip=0.3)
                )
            )

    found = {}
    meet([partial(one, share) for share in (0.3, 0.5, 0.0)], found.__setitem__)

    assert len({thread for thread, _ in seen}) > 1
    for number, share in enumerate((0.3, 0.5, 0.0)):
        assert_equal(found[number], one(share))


def test_an_error_on_one_core_is_that_of_its_training(seen, monkeypatch):
    note = Course.note

    def fail(self, told):
        if self.asked.members[0].seed >= 100 and self.epoch == 3:
            raise FloatingPointError("of the test")
        return note(self, told)

    monkeypatch.setattr(Course, "note", fail)
    found = together([{"seed": 0}, {"seed": 1}])
    monkeypatch.undo()

    assert str(found[1]) == "of the test"
    assert_equal(found[0], train())


def test_an_interruption_ends_all_threads(seen, monkeypatch):
    run_epoch = stacked_fit._Training.run_epoch

    def stop(self):
        if self.epoch == 5:
            raise KeyboardInterrupt
        return run_epoch(self)

    monkeypatch.setattr(stacked_fit._Training, "run_epoch", stop)
    before = threading.active_count()

    with pytest.raises(KeyboardInterrupt):
        together([{"seed": 0}, {"seed": 1}])

    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("cores", "enough", "expected"), [(1, 1.0, [5]), (2, 1.0, [2, 3]), (8, 1.0, [1] * 5), (8, 1e12, [5])]
)
def test_a_core_is_taken_where_it_is_worth_it(monkeypatch, cores, enough, expected):
    monkeypatch.setattr(on_cores, "own_cores", lambda: cores)
    monkeypatch.setattr(on_cores, "ENOUGH", enough)
    asked = [partial(StackedTraining, x=X, y=Y, members=make_members(), schedule=make_schedule()) for _ in range(5)]
    courses = [Course(one(lambda: DNN(n_features=2, n_targets=2, hidden=[8, 8]))) for one in asked]

    with one_thread():
        parts = on_cores.divided(courses)

    assert [len(part) for part in parts] == expected
    assert [course for part in parts for course in part] == courses


def test_where_torch_divides_its_products_trainings_are_not_divided(monkeypatch):
    monkeypatch.setattr(on_cores, "own_cores", lambda: 2)
    monkeypatch.setattr(on_cores, "ENOUGH", 1.0)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    asked = StackedTraining(
        lambda: DNN(n_features=2, n_targets=2, hidden=[8, 8]), X, Y, make_members(), make_schedule()
    )

    assert [len(part) for part in on_cores.divided([Course(asked), Course(asked)])] == [2]
