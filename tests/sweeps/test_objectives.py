"""Sweeps of several objectives, and what is wrong with a search before anything is tracked."""

from fnmatch import fnmatchcase
from importlib import import_module

import optuna
import pytest
from optuna.study import StudyDirection
from small_sweep import configuration, planned, sweep

from remanence.configuration.build import build
from remanence.configuration.compose import compose
from remanence.foundation.trust import trusting
from remanence.studies.kinds import checked, kind_of

BOTH = ("objective=[val/mse,test/r2]", "objective_direction=[minimize,maximize]")
SMALL = ("experiment=piezo/single", "data.replicates=4", "baselines=none")


def test_two_objectives_are_a_pareto_front(outputs, parent, artifact, capsys):
    cfg = configuration(outputs, "objective=[val/mse,test/r2]", "objective_direction=[minimize,minimize]")

    sweep(planned(cfg, "model.lr=0.1,0.3,0.2"))

    study = optuna.load_study(study_name="piezo/small", storage=f"sqlite:///{outputs}/sweeps.db")
    assert study.directions == [StudyDirection.MINIMIZE] * 2
    assert study.user_attrs["objective"] == ["val/mse", "test/r2"]
    assert [trial.values for trial in study.trials] == [[0.1, 0.9], [0.3, 0.7], [0.2, 0.8]]
    assert [trial.number for trial in study.best_trials] == [0, 1, 2], "one falls where the other rises"
    assert "Pareto front: trial 0, trial 2, trial 1" in capsys.readouterr().out
    assert len(artifact(parent(), "tables/pareto_front.csv").read_text().splitlines()) == 1 + 3


@pytest.mark.usefixtures("unillustrated")
def test_each_objective_has_its_direction(outputs, capsys):
    cfg = configuration(outputs, *BOTH)

    sweep(planned(cfg, "model.lr=0.1,0.3,0.2"))

    study = optuna.load_study(study_name="piezo/small", storage=f"sqlite:///{outputs}/sweeps.db")
    assert study.directions == [StudyDirection.MINIMIZE, StudyDirection.MAXIMIZE]
    assert [trial.number for trial in study.best_trials] == [0], "the least error has the greatest R²"


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ([*BOTH, "pruner=median"], "pruner: trials with 2 objectives have no order while they train"),
        ([BOTH[0]], "objective_direction: 2 objectives need 2 directions, got 1"),
        (["objective=[val/mse,val/mse]", BOTH[1]], "objective: a metric is given twice in ['val/mse', 'val/mse']"),
        ([*BOTH, "hydra.sweeper.sampler=cmaes", "hydra.sweeper.n_trials=3"], "hydra.sweeper.sampler: cmaes has one"),
        (["hydra.sweeper.sampler=tpe"], "hydra.sweeper.n_trials: must be given for the sampler 'tpe'"),
        (["seed=int(interval(0,9))"], "hydra.sweeper.n_trials: must be given for the sampler 'tpe'"),
        (["hydra.sweeper.sampler=bayes"], "hydra.sweeper.sampler: should be 'auto', 'grid', 'tpe'"),
        (["hydra.sweeper.trials=3"], "hydra.sweeper.trials: unknown key"),
        (["data.batch_size=interval(8,64)", "hydra.sweeper.n_trials=3"], "data.batch_size: "),
        (["sweep.name='a b'"], "sweep.name: "),
    ],
)
def test_what_is_wrong_with_a_search_is_one_line_and_no_run(command, all_runs, given, complaint):
    result = command("train", "-m", *SMALL, "model.lr=0.1,0.2", *given)

    assert result.code == 2, result.err
    (line,) = result.err.splitlines()
    assert line.startswith("remanence: error: ")
    assert complaint in line
    assert all_runs() == []


def test_data_that_are_not_there_are_one_line_and_no_run(command, all_runs):
    table = ["data=table", "data.path=nowhere.csv", "data.features=[x]", "data.target=y"]

    result = command("train", "-m", *table, "model.lr=0.1,0.2")

    assert (result.code, len(result.err.splitlines())) == (2, 1)
    assert "nowhere.csv" in result.err
    assert all_runs() == []


TWO_TARGETS = ("experiment=piezo/single", "data.replicates=4", "data.target=[d33,eps_r]", "baselines=quick")


@pytest.mark.parametrize("mode", [(), ("-m", "seed=0,1")], ids=["run", "sweep"])
@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("test/eps_r/r3", "test/eps_r/r2"),
        ("test/coverag", "test/coverage"),
        ("baseline/linear/test/eps_r/rmsee", "baseline/linear/test/eps_r/rmse"),
        ("[val/mse,test/maee]", "test/mae"),
    ],
)
def test_a_wrong_objective_is_answered_before_the_first_trial(command, all_runs, mode, wrong, nearest):
    direction = "objective_direction=[minimize,minimize]" if wrong[0] == "[" else "objective_direction=minimize"

    result = command("train", *mode, *TWO_TARGETS, f"objective={wrong}", direction)

    assert result.code == 2
    (line,) = result.err.splitlines()
    name = wrong.strip("[]").rpartition(",")[2]
    assert line == f"remanence: error: objective: no metric '{name}'; did you mean '{nearest}'?"
    assert all_runs() == []


@pytest.mark.parametrize(
    "experiment",
    [
        pytest.param((*TWO_TARGETS, "ensemble=stacked", "ensemble.folds=2", "trainer.max_epochs=2"), id="members"),
        pytest.param((*TWO_TARGETS, "model=linear", "data/split=kfold"), id="folds"),
        pytest.param(
            (*TWO_TARGETS, "ensemble=stacked", "ensemble.folds=2", "trainer.max_epochs=2", "augmentation=noise"),
            id="augmentation",
        ),
        pytest.param(
            ("experiment=beps/toy", "beta_schedule=none", "trainer.max_epochs=1"), id="spectra", marks=pytest.mark.slow
        ),
    ],
)
def test_every_metric_of_a_run_is_known_before_it_is_trained(finished, outputs, experiment):
    cfg = checked(compose([*experiment, "figures=brief"]))
    with trusting(cfg.allowed_targets):
        data = build("data", cfg.data).open()
    kind = kind_of(cfg.data, cfg.allowed_targets)
    names = import_module(kind.metrics.partition(":")[0]).metric_names(data, cfg)

    metrics = finished(*experiment, "figures=brief").data.metrics

    scored = [name for name in metrics if not name.endswith("/loss")]
    by_epoch = ("lr", "epoch", "train/", "val/", "system/")
    unknown = [name for name in scored if not any(fnmatchcase(name, pattern) for pattern in names)]
    assert [name for name in unknown if not name.startswith(by_epoch)] == []


def test_a_wrong_objective_of_a_chain_is_answered_before_it_is_trained(command, all_runs):
    result = command("train", "experiment=nested/synthetic", "objective=test/fine/networks/mae")

    assert result.code == 2
    assert "no metric 'test/fine/networks/mae'; did you mean 'test/fine/network/mae'?" in result.err
    assert all_runs() == []


def test_an_objective_that_is_known_at_the_end_only_cannot_prune(command, all_runs):
    result = command("train", "-m", *SMALL, "seed=0,1", "objective=test/r2", "pruner=median")

    assert result.code == 2
    assert result.err == (
        "remanence: error: pruner: 'test/r2' is not known while training; add pruner=none or take val/mse\n"
    )
    assert all_runs() == []
