import optuna
import pytest
from small_sweep import configuration


@pytest.fixture
def cfg(outputs):
    """The checked configuration of a run that writes to ``outputs``."""
    return configuration(outputs)


@pytest.fixture
def children(all_runs):
    """Return the runs of the trials, in the order of their numbers."""

    def find():
        runs = [run for run in all_runs() if "remanence.trial" in run.data.tags]
        return sorted(runs, key=lambda run: int(run.data.tags["remanence.trial"]))

    return find


@pytest.fixture
def parent(all_runs):
    """Return the run of the only sweep."""

    def find():
        (found,) = [run for run in all_runs() if run.data.tags.get("remanence.kind") == "sweep"]
        return found

    return find


@pytest.fixture
def trials(outputs):
    """Return the trials of a study under ``outputs``."""

    def find(name="piezo/small"):
        return optuna.load_study(study_name=name, storage=f"sqlite:///{outputs}/sweeps.db").trials

    return find


@pytest.fixture
def unillustrated(monkeypatch):
    """Leave out the page and the figures at the end of a sweep: they have tests of their own."""
    monkeypatch.setattr("remanence.sweeps.conduct.summarise", lambda parent, study: None)
