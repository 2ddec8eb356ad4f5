import math

import pytest
from optuna.trial import TrialState
from small_study import failed, front, mixed, study, trial, unfinished

from remanence.sweeps.trial_table import best_trials, count_outcomes, short_names, trial_table


def test_a_row_says_what_a_trial_was_and_how_it_ended():
    row = trial_table(mixed()).loc[2]

    assert row.to_dict() == {
        "number": 2,
        "outcome": "ok",
        "model.lr": 0.001,
        "model.hidden": "[128,128]",
        "val/mse": 1.0,
        "epochs": 20,
        "seconds": 1.5,
        "run": "b" * 32,
        "kind": "",
        "message": "",
    }


def test_a_failure_keeps_its_reason_and_has_no_value():
    row = trial_table(study(failed("out of memory", "cannot allocate", run=None))).loc[0]

    assert (row["outcome"], row["kind"], row["message"], row["run"]) == (
        "failed",
        "out of memory",
        "cannot allocate",
        "",
    )
    assert math.isnan(row["val/mse"])


def test_every_way_to_end_is_counted_also_where_no_trial_did():
    assert count_outcomes(mixed()) == {"ok": 3, "pruned": 1, "failed": 1, "skipped": 1}
    assert count_outcomes(study()) == {"ok": 0, "pruned": 0, "failed": 0, "skipped": 0}


def test_a_trial_that_has_not_ended_says_so():
    made = study(trial(1.0), unfinished(TrialState.RUNNING), unfinished(TrialState.WAITING))

    assert list(trial_table(made)["outcome"]) == ["ok", "running", "waiting"]
    assert count_outcomes(made)["running"] == count_outcomes(made)["waiting"] == 1
    assert trial_table(made)["model.hidden"].tolist() == ["[64,64]", None, None]


def test_an_empty_study_has_an_empty_table():
    table = trial_table(study())

    assert len(table) == 0
    assert {"number", "outcome", "val/mse", "run"} <= set(table.columns)


@pytest.mark.parametrize(("direction", "number"), [("minimize", 1), ("maximize", 0)])
def test_the_best_trial_depends_on_the_direction(direction, number):
    made = study(trial(3.0), trial(1.0), trial(2.0), directions=(direction,))

    assert [best.number for best in best_trials(made)] == [number]


def test_the_best_of_several_objectives_are_those_that_no_other_beats_in_all():
    assert [best.number for best in best_trials(front())] == [2, 1]


@pytest.mark.parametrize("trials", [[], [failed()], [trial(5.0, outcome="pruned", reported={1: 5.0})]])
def test_without_a_completed_trial_there_is_no_best(trials):
    assert best_trials(study(*trials)) == []


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (["model.lr", "data.batch_size"], ["lr", "batch_size"]),
        (
            ["model.scales.ions.latent_dim", "model.scales.solvent.latent_dim"],
            ["ions.latent_dim", "solvent.latent_dim"],
        ),
        (["model.scales.ions.lr", "model.lr"], ["ions.lr", "model.lr"]),
        (["seed", "data.seed"], ["seed", "data.seed"]),
        (["model", "data/split"], ["model", "data/split"]),
    ],
)
def test_names_are_as_short_as_they_can_be(keys, names):
    assert short_names(keys) == dict(zip(keys, names, strict=True))
