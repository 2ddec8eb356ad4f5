"""Where the time of a run goes: its tags, and what ``trainer.profile`` adds."""

import re
import signal
import time

import pandas as pd
import pytest

from remanence.foundation.phases import PHASES
from remanence.tracking.client import RunClient
from remanence.training.stacked.stacked_fit import fit_trainings

SECONDS = "remanence.seconds."


def phases(run):
    return {tag.removeprefix(SECONDS): float(text) for tag, text in run.data.tags.items() if tag.startswith(SECONDS)}


def test_the_phases_of_a_run_are_written_at_once_and_sum_to_the_time_of_the_command(train, monkeypatch, artifact):
    calls, untouched = [], RunClient.log_batch

    def spy(self, run_id, metrics=(), params=(), tags=()):
        calls.append([tag.key for tag in tags])
        untouched(self, run_id, metrics=metrics, params=params, tags=tags)

    monkeypatch.setattr(RunClient, "log_batch", spy)
    began = time.perf_counter()
    run = train()
    took = time.perf_counter() - began

    found = phases(run)
    assert set(found) <= set(PHASES)
    assert {"fit", "figures", "tracking", "other"} <= set(found)
    assert sum(found.values()) == pytest.approx(took, rel=0.1, abs=0.1)
    assert len([keys for keys in calls if any(key.startswith(SECONDS) for key in keys)]) == 1
    assert ["remanence.epochs", "remanence.fit_seconds"] in [sorted(keys) for keys in calls]
    assert "profile.html" not in {path.name for path in artifact(run, "").rglob("*")}


def test_a_profile_adds_a_table_and_a_flame_graph_and_prints_the_phases(command, all_runs, artifact):
    result = command(
        *("train", "experiment=piezo/single", "data.replicates=4", "figures=brief", "baselines=none"),
        *("trainer.max_epochs=3", "trainer.profile=true"),
    )
    assert result.code == 0, result.err
    (run,) = all_runs()

    table = pd.read_csv(artifact(run, "tables/phases.csv")).set_index("phase")
    assert table["seconds"].drop("all").to_dict() == pytest.approx(phases(run), abs=0.006)
    assert table["seconds"]["all"] == pytest.approx(table["seconds"].drop("all").sum())
    page = artifact(run, "profile.html").read_text(encoding="utf-8")
    assert "figures" in page
    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)=["\']?(?:https?:)?//', page)
    assert "where the time went" in result.out
    assert re.search(rf"│ fit +│ +{table['seconds']['fit']:.2f} │", result.out)
    assert run.data.params["trainer.profile"] == "True"


def test_a_run_that_was_stopped_has_its_phases_and_the_resumed_one_those_of_both_parts(stop, command, client):
    result, stopped = stop(signal.SIGTERM)
    assert result.code == 143
    before = phases(stopped)
    assert "fit" in before
    client.set_tag(stopped.info.run_id, f"{SECONDS}data", "100.00")

    assert command("train", f"resume={stopped.info.run_id}").code == 0

    after = phases(client.get_run(stopped.info.run_id))
    assert 100 <= after["data"] < 110
    assert after["fit"] > before["fit"]


def test_trials_that_train_together_have_the_seconds_of_their_own(command, children, monkeypatch):
    def slow(parts):
        time.sleep(1.0)
        return fit_trainings(parts)

    monkeypatch.setattr("remanence.training.stacked.loaded_member.fit_trainings", slow)
    began = time.perf_counter()
    result = command(
        *("train", "-m", "experiment=piezo/single", "data.replicates=4", "figures=brief", "baselines=none"),
        *("trainer.max_epochs=2", "model.lr=0.01,0.02,0.03,0.04", "trainer.profile=true"),
    )
    took = time.perf_counter() - began
    assert result.code == 0, result.err

    found = [phases(run) for run in children()]
    assert [run.data.tags["remanence.stack"] for run in children()] == ["4"] * 4
    assert all(0.25 <= each["fit"] < 1.0 for each in found), "a second is shared by four"
    assert sum(sum(each.values()) for each in found) < took
    assert "where the time went" not in result.out
    assert "trials" not in found[0]


def test_a_sweep_says_how_long_its_trials_took(command, parent, unillustrated):
    assert command("train", "-m", "experiment=piezo/single", "model=linear", "baselines=none", "seed=0,1").code == 0

    assert phases(parent())["trials"] > 0
