"""Baselines of a chain that another process fits while its networks train."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from small_chain_data import make_trainer, open_chain

from remanence.models.gaussian_process import GaussianProcess
from remanence.models.random_forest import RandomForest
from remanence.studies.chain import study as chain_study


def noted(*arguments):
    raise AssertionError("not where it should be")


def make_study(data, *, parent=None, devices="auto"):
    study = chain_study.ChainStudy.__new__(chain_study.ChainStudy)
    study.data, study._elsewhere = data, {}
    study.cfg = SimpleNamespace(tracking=SimpleNamespace(parent=parent), trainer=SimpleNamespace(devices=devices))
    return study


@pytest.fixture(scope="module")
def data():
    return open_chain()


@pytest.fixture
def baselines():
    return [
        RandomForest(n_features=2, n_estimators=3),
        GaussianProcess(n_features=2, ard=True, restarts=0, max_rows=20),
    ]


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    monkeypatch.setattr(chain_study, "own_cores", lambda: 2)
    monkeypatch.setattr(chain_study, "ENOUGH", 1)


def test_they_are_the_same_as_without(data, baselines, monkeypatch):
    study = make_study(data)
    expected = [study.fit_baseline(baseline, None) for baseline in baselines]

    with study.fitting_beside(baselines):
        monkeypatch.setattr(chain_study, "fit_estimator", noted)
        found = [study.fit_baseline(baseline, None) for baseline in baselines]

    for one, other in zip(expected, found, strict=True):
        assert one.fits.keys() == other.fits.keys() == data.rows.keys()
        for name, rows in data.rows.items():
            np.testing.assert_array_equal(one.fits[name].model.predict(rows.x), other.fits[name].model.predict(rows.x))
            for before, after in zip(one.fits[name].folds, other.fits[name].folds, strict=True):
                for part, (chosen, predicted) in before.predicted.items():
                    np.testing.assert_array_equal(chosen, after.predicted[part][0])
                    np.testing.assert_array_equal(predicted, after.predicted[part][1])


def test_networks_train_on_one_core_and_leave_the_other(data, monkeypatch):
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    monkeypatch.setattr(chain_study, "fit_chain", lambda *arguments: torch.get_num_threads())
    try:
        assert make_study(data).fit(None, make_trainer()) == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize("case", ["one core", "a trial of a sweep", "several devices", "little to do"])
def test_they_are_fitted_here(case, data, baselines, monkeypatch):
    if case == "one core":
        monkeypatch.setattr(chain_study, "own_cores", lambda: 1)
    if case == "little to do":
        monkeypatch.setattr(chain_study, "ENOUGH", 10_000)
    monkeypatch.setattr(chain_study, "in_other_process", noted)
    study = make_study(data, parent="a sweep" if case == "a trial of a sweep" else None,
                       devices=2 if case == "several devices" else "auto")  # fmt: skip

    with study.fitting_beside(baselines):
        assert not study._elsewhere
