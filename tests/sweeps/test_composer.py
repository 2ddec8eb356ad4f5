import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from remanence.configuration.compose import compose
from remanence.configuration.sweep_options import Sweep
from remanence.configuration.validate import configuration_of
from remanence.errors import ConfigurationError
from remanence.studies.kinds import checked
from remanence.sweeps.composer import Composer
from remanence.sweeps.space import as_overrides
from remanence.verbs.cli import main


@pytest.fixture
def make(monkeypatch):
    """Return the job of a trial whose shared configuration names a run and an outputs folder."""

    def run(values, *, name=None, outputs="/outputs"):
        cfg = configuration_of({**checked(compose([])).plain, "name": name, "paths": {"outputs": outputs}})
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
    assert job.cfg.name == "lr=0.001, hidden=[8,8]"
    assert job.cfg.sweep == Sweep(name="piezo/mine", storage=None, trial=7)
    assert job.cfg.tracking.parent == "1" * 32
    assert (job.cfg.plain["name"], job.cfg.plain["sweep"]["trial"]) == ("lr=0.001, hidden=[8,8]", 7)


@pytest.mark.parametrize("odd", ["it's", 'a "name"', "a=b, c", "back\\", "${seed}", "[x]", "null"])
def test_odd_names_reach_the_launcher_as_they_are(make, odd):
    found = read(make({}, name=odd, outputs=f"/outputs/{odd}"))

    # OmegaConf takes a marked ${ as text
    assert found["name"].replace("\\${", "${") == odd
    assert found["paths.outputs"].replace("\\${", "${") == f"/outputs/{odd}"


def test_floats_are_shown_short_and_kept_whole(make):
    job = make({"model.lr": 0.008839874534247043})

    assert job.cfg.name == "lr=0.00884"
    assert read(job)["model.lr"] == 0.008839874534247043


def test_without_anything_that_varies_a_run_names_itself(make):
    job = make({})

    assert job.cfg.name is None
    assert "name" not in read(job)


@pytest.fixture
def composer(monkeypatch):
    """A composer as Hydra sets it up for ``remanence train -m experiment=piezo/single model.dropout=0.1 …``."""
    from remanence.sweeps.sweeper import OptunaSweeper

    def make(*common):
        made = []
        with monkeypatch.context() as patched:

            def sweep(self, arguments):
                made.append(Composer(self.hydra_context, self.config, list(common)))

            patched.setattr(OptunaSweeper, "sweep", sweep)
            assert main(["train", "-m", *common]) == 0
        return made[0]

    return make


@pytest.mark.parametrize(
    "values",
    [
        {"model.lr": 0.003, "model.hidden": "[8,8]"},
        {"seed": "7"},  # that of the baselines and of the split refer to it
        {"data.split.seed": "3", "trainer.max_epochs": "5"},
        {"model": "linear"},
        {"model": "linear", "data.replicates": "4"},
        {"data/split": "kfold", "ensemble": "stacked"},
        {"+tracking.tags.a": "b"},
        {"baselines": "none", "model.activation": "relu"},
    ],
)
def test_trials_that_share_what_was_read_are_composed_as_single_runs_are(composer, values):
    common = ["experiment=piezo/single", "data.replicates=6"]
    made = composer(*common)

    for _ in range(2):
        made.check({"model.lr": 0.5})  # which must leave nothing behind
        alone = checked(compose(["figures=brief", *common, *as_overrides(values)]))
        assert made.check(values) == alone
        assert made.check(values).plain == alone.plain
        made._known.clear()


def test_files_are_read_once_for_trials_that_differ_in_values(composer, monkeypatch):
    made = composer("experiment=piezo/single")
    loader = made.hydra_context.config_loader
    read, untouched = [], type(loader).load_sweep_config
    monkeypatch.setattr(type(loader), "load_sweep_config", lambda *given: read.append(given[2]) or untouched(*given))

    for lr in (0.1, 0.2, 0.3):
        made.check({"model.lr": lr})
        made.check({"model": "linear", "seed": str(int(10 * lr))})

    assert len(read) == 2


@pytest.mark.parametrize(("key", "value"), [("model.lrr", "1"), ("modell", "dnn")])
def test_a_wrong_key_is_told_as_for_a_single_run(composer, key, value):
    made = composer("experiment=piezo/single")

    with pytest.raises(ConfigurationError) as alone:
        checked(compose(["experiment=piezo/single", f"{key}={value}"]))
    with pytest.raises(ConfigurationError) as trial:
        made.check({key: value})

    assert str(trial.value) == str(alone.value)
