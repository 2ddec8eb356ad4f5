"""Which trials train together, and how they are shared among slots."""

import copy
from types import SimpleNamespace

import pytest

from remanence.configuration.compose import compose
from remanence.foundation.trust import import_target
from remanence.studies.kinds import checked
from remanence.sweeps.fusing import JOINING, Fusing, likeness
from remanence.sweeps.slots import Job


@pytest.fixture(scope="module")
def plain():
    """Configuration of a trial that may train beside others."""
    return checked(compose(["experiment=piezo/single", "baselines=none"])).plain


def changed(plain, **values):
    made = copy.deepcopy(plain)
    for key, value in values.items():
        *path, last = key.split("__")
        node = made
        for name in path:
            node = node[name]
        node[last] = value
    return made


@pytest.mark.parametrize(
    "values",
    [{"model__lr": 1.0}, {"model__weight_decay": 0.1}, {"model__momentum": 0.1}, {"model__loss": "smooth_l1"},
     {"model__activation": "relu"}, {"model__bins": 4}, {"seed": 7}, {"data__batch_size": 3}, {"data__split__seed": 2},
     {"name": "x"}, {"sweep__trial": 3}],
)  # fmt: skip
def test_trials_that_differ_in_numbers_train_together(plain, values):
    assert likeness(changed(plain, **values)) == likeness(plain) is not None


@pytest.mark.parametrize(
    "values",
    [{"model__hidden": [3]}, {"model__optimizer": "sgd"}, {"trainer__max_epochs": 3}, {"data__target": "eps_r"},
     {"callbacks__patience": 3}, {"figures": "full"}],
)  # fmt: skip
def test_other_keys_cut_a_sweep_into_groups(plain, values):
    assert likeness(changed(plain, **values)) not in (likeness(plain), None)


@pytest.mark.parametrize(
    "values",
    [{"model___target_": "mine.Network"}, {"trainer__devices": 2}, {"trainer__num_nodes": 2},
     {"trainer__strategy": "ddp"}, {"fork": "0" * 32}],
)  # fmt: skip
def test_some_trials_train_alone(plain, values):
    assert likeness(changed(plain, **values)) is None


@pytest.mark.parametrize("name", JOINING)
def test_the_models_that_join_say_so_themselves(name):
    assert vars(import_target("model", name))["joins"] is True


CHAIN_KEYS = ["ions.training.lr", "solvent.regularizers.l1", "ions.heads.gap.loss", "solvent.encoder.activation"]


def test_trials_of_a_chain_train_together_too():
    chain = checked(compose(["experiment=nested/perovskite", "baselines=none"])).plain

    def like(key, value):
        return likeness(changed(chain, **{f"model.scales.{key}".replace(".", "__"): value}))

    assert {like(key, 0.5) for key in CHAIN_KEYS} == {likeness(chain)} != {None}
    assert like("ions.latent_dim", 3) not in (likeness(chain), None)


@pytest.mark.parametrize(
    "experiment", ["piezo/single", "piezo/knn", "piezo/global", "nested/synthetic", "nested/perovskite"]
)
def test_repetitions_with_their_baselines_train_together(experiment):
    first, second = (checked(compose([f"experiment={experiment}", f"seed={seed}"])).plain for seed in (1, 2))

    assert likeness(first) == likeness(second) is not None


@pytest.mark.parametrize(
    "changed",
    [
        "model.scales.ions.training.lr=0.2",
        "model.scales.ions.regularizers.l1=0.1",
        "model.scales.ions.heads.gap.weight=2",
        "model.scales.ions.heads.gap.loss=mse",
    ],
)
def test_a_chain_whose_data_repeat_what_is_searched_trains_with_the_others(changed):
    first = checked(compose(["experiment=nested/perovskite"])).plain
    second = checked(compose(["experiment=nested/perovskite", changed])).plain

    assert first["data"]["scales"] != second["data"]["scales"]
    assert likeness(first) == likeness(second) is not None


class Slots:
    """Slots that note the groups that they are given, and answer for each trial."""

    def __init__(self, size, answer="ok"):
        self.size, self.answer, self.groups, self.running = size, answer, [], []

    @property
    def room(self):
        return self.size - len(self.running)

    @property
    def free(self):
        return self.room > 0

    @property
    def busy(self):
        return {number for group in self.running for number in group}

    def start(self, job, *others):
        self.groups.append([each.number for each in (job, *others)])
        self.running.append(self.groups[-1])

    def ended(self):
        return [(number, self.answer) for number in self.running.pop(0)]

    def close(self):
        self.running.clear()


@pytest.fixture
def job(plain):
    def make(number, **values):
        return Job(number, [], SimpleNamespace(plain=changed(plain, seed=number, sweep__trial=number, **values)))

    return make


def test_a_grid_is_shared_evenly_by_the_slots(job):
    slots = Slots(2)
    fusing = Fusing(slots, at_once=64, largest=64)
    for number in range(9):
        assert fusing.free
        fusing.start(job(number))
    assert (slots.groups, fusing.busy) == ([], set(range(9)))

    assert [number for number, _ in fusing.ended()] == [0, 1, 2, 3, 4]
    assert slots.groups == [[0, 1, 2, 3, 4], [5, 6, 7, 8]]
    assert fusing.busy == {5, 6, 7, 8}
    assert fusing.side_by_side == 9


def test_groups_of_other_shape_follow_each_other_the_largest_first(job):
    slots = Slots(1)
    fusing = Fusing(slots, at_once=64, largest=3)
    for number in range(6):
        fusing.start(job(number, model__hidden=[8] if number in (1, 4) else [4]))

    while fusing.busy:
        fusing.ended()

    assert slots.groups == [[0, 2, 3], [1, 4], [5]]


def test_no_more_trials_are_taken_than_start_soon(job):
    fusing = Fusing(Slots(2), at_once=3, largest=3)
    for number in range(3):
        fusing.start(job(number))

    assert not fusing.free
    fusing.ended()
    assert fusing.free


def test_a_trial_that_trains_alone_starts_at_once(job):
    slots = Slots(2)
    fusing = Fusing(slots, at_once=64, largest=64)

    fusing.start(job(0, trainer__devices=2))

    assert slots.groups == [[0]]


def test_after_the_death_of_their_process_trials_run_one_by_one(job):
    slots = Slots(1, answer=None)
    fusing = Fusing(slots, at_once=64, largest=64)
    for number in (0, 1):
        fusing.start(job(number))
    fusing.ended()
    slots.answer = "ok"

    for number in (0, 1, 2):
        if fusing.free:
            fusing.start(job(number))
        fusing.ended()

    assert slots.groups == [[0, 1], [0], [1], [2]]


def test_trials_that_wait_when_a_sweep_ends_are_forgotten(job):
    fusing = Fusing(Slots(1), at_once=64, largest=64)
    fusing.start(job(0))

    fusing.close()

    assert fusing.busy == set()
