import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from remanence.sweeps.composer import Composer


@pytest.fixture
def make(monkeypatch):
    """Return the job of a trial whose shared configuration names a run and an outputs folder."""

    def run(values, *, name=None, outputs="/outputs"):
        cfg = {
            "name": name,
            "paths": {"outputs": outputs},
            "sweep": {"name": None, "storage": None, "trial": None},
            "tracking": {"uri": None, "parent": None},
        }
        monkeypatch.setattr(Composer, "check", lambda self, values: cfg)
        return Composer(None, None, ["seed=1"]).job(7, values, sweep="piezo/mine", parent="1" * 32)

    return run


def read(job):
    """Return what Hydra reads in the overrides of a job."""
    overrides = OverridesParser.create().parse_overrides(job.overrides)
    return {override.key_or_group: override.value() for override in overrides}


def test_a_trial_knows_its_study_its_parent_and_its_outputs(make):
    job = make({"model.lr": 0.001, "model.hidden": "[8,8]"})

    assert job.number == 7
    assert read(job) == {
        "figures": "brief",
        "seed": 1,
        "model.lr": 0.001,
        "model.hidden": [8, 8],
        "sweep.name": "piezo/mine",
        "sweep.trial": 7,
        "tracking.parent": "1" * 32,
        "paths.outputs": "/outputs",
        "name": "lr=0.001, hidden=[8,8]",
    }
    assert job.cfg["name"] == "lr=0.001, hidden=[8,8]"
    assert job.cfg["sweep"] == {"name": "piezo/mine", "storage": None, "trial": 7}
    assert job.cfg["tracking"]["parent"] == "1" * 32


@pytest.mark.parametrize("odd", ["it's", 'a "name"', "a=b, c", "back\\", "${seed}", "[x]", "null"])
def test_odd_names_reach_the_launcher_as_they_are(make, odd):
    found = read(make({}, name=odd, outputs=f"/outputs/{odd}"))

    # OmegaConf takes a marked ${ as text
    assert found["name"].replace("\\${", "${") == odd
    assert found["paths.outputs"].replace("\\${", "${") == f"/outputs/{odd}"


def test_floats_are_shown_short_and_kept_whole(make):
    job = make({"model.lr": 0.008839874534247043})

    assert job.cfg["name"] == "lr=0.00884"
    assert read(job)["model.lr"] == 0.008839874534247043


def test_without_anything_that_varies_a_run_names_itself(make):
    job = make({})

    assert job.cfg["name"] is None
    assert "name" not in read(job)
