"""Sweeps that an earlier commit began are continued by today's package: no trial is trained twice, none is lost."""

import pytest
from stories import SWEEPS

pytestmark = pytest.mark.slow
STUDY = {
    "grid": ("grid", 3),
    "searched": ("piezo/single/tpe-", 5),
    "components": ("beps/toy/grid-", 3),
    "latents": ("nested/synthetic/grid-", 2),
}
"""Name of a sweep to how that of its study begins, and how many trials it has in the end."""


@pytest.fixture
def study(lives):
    """Return the study of a sweep in a place: as the old package left it, as it was continued, or made anew."""

    def find(place, name):
        (found,) = [study for key, study in place.studies.items() if key.startswith(STUDY[name][0])]
        return found

    return find


def ended(study):
    return [trial for trial in study.trials if trial.state.name == "COMPLETE"]


def test_every_search_has_the_name_and_the_identity_that_it_had(lives):
    before, now, again = (
        {name: study.user_attrs["identity"] for name, study in place.studies.items()}
        for place in (lives.past, lives.now, lives.again)
    )
    assert len(before) == len(SWEEPS)
    assert again.keys() == before.keys(), "a name made of the identity"
    assert now.keys() == before.keys() | {"reuse"}
    assert again == before
    assert {name: now[name] for name in before} == before


@pytest.mark.parametrize("name", SWEEPS)
def test_a_continued_sweep_trains_what_had_not_ended_and_nothing_else(lives, study, name):
    before, now = study(lives.past, name), study(lives.now, name)
    total = STUDY[name][1]
    assert 0 < len(ended(before)) < total
    assert [trial.state.name for trial in now.trials] == ["COMPLETE"] * total
    assert f"{len(ended(before))} of {total} trials have ended, going on" in lives.now.answers[name]["out"]
    then, since = ({run.info.run_id: run.info for run in place.runs} for place in (lives.past, lives.now))
    for trial in ended(before):
        run_id = trial.user_attrs["run"]
        same = now.trials[trial.number]
        assert (same.user_attrs["run"], same.params, same.values) == (run_id, trial.params, trial.values)
        assert (since[run_id].start_time, since[run_id].end_time) == (then[run_id].start_time, then[run_id].end_time)
    stopped = {run.info.run_id for run in lives.past.runs if "remanence.trial" in run.data.tags} - {
        trial.user_attrs["run"] for other in lives.past.studies.values() for trial in ended(other)
    }
    taken_up = {trial.user_attrs["run"] for trial in now.trials} & stopped
    assert len(taken_up) == (name != "searched"), "an interrupted trial goes on in its own run"


@pytest.mark.parametrize("name", SWEEPS)
def test_it_ends_with_the_trials_of_one_that_was_left_alone(lives, study, name):
    now, again = study(lives.now, name), study(lives.again, name)
    assert lives.again.answers[name]["code"] == 0, lives.again.answers[name]["err"]
    assert [trial.params for trial in now.trials] == [trial.params for trial in again.trials]
    assert [trial.values for trial in now.trials] == [pytest.approx(trial.values, rel=1e-6) for trial in again.trials]


def test_a_grid_takes_over_a_run_of_the_old_package(lives):
    taken, trained = lives.now.studies["reuse"].trials

    assert taken.user_attrs["outcome"] == "skipped"
    assert taken.user_attrs["run"] == lives.past.run("single").info.run_id
    assert trained.user_attrs["outcome"] == "ok"
