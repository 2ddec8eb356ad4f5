"""The description of a run on MLflow's page."""

import pytest

from remanence.studies.card import Section, table
from remanence.studies.note import MOST_LETTERS, NOTE_TAG, note
from remanence.tracking.campaign import FORKED_TAG

ERRORS = Section("How well it predicts", ["d33, 24 rows:", table(["model", "MAE"], [["**this run**", 2.5]])])
TRUST = Section("How far to trust it", ["Little."])
TAGS = {"mlflow.source.name": "remanence train experiment=piezo/ns", "remanence.data": "mine.csv"}


def test_a_description_has_the_command_the_table_and_the_figures():
    told = note("ab12", TAGS, [TRUST, ERRORS], ["figures/parity_d33.png"])

    assert told.splitlines() == [
        "- d33, 24 rows:",
        "",
        "| model | MAE |",
        "|---|---|",
        "| **this run** | 2.5 |",
        "",
        "![figures/parity_d33.png](get-artifact?path=figures%2Fparity_d33.png&run_uuid=ab12)",
        "",
        "```",
        "remanence train experiment=piezo/ns",
        "```",
    ]


def test_a_fork_links_to_the_run_that_it_began_with():
    told = note("ab12", TAGS | {FORKED_TAG: "cd34" * 8}, [], [])

    assert f"[cd34cd34](#/runs/{'cd34' * 8})" in told


def test_a_long_description_loses_its_last_tables_first():
    tables = [Section(f"target {number}", [table(["model"], [["x" * 900]])]) for number in range(9)]

    told = note("ab12", TAGS, tables, ["figures/parity.png"])

    assert len(told) <= MOST_LETTERS
    assert "**target 1**" in told
    assert "**target 8**" not in told
    assert "run_uuid=ab12)" in told
    assert "experiment=piezo/ns" in told


@pytest.mark.parametrize("command", ["", "x" * 9000, "a ``` b"])
def test_a_command_that_cannot_be_shown_is_left_out(command):
    assert note("ab12", TAGS | {"mlflow.source.name": command}, [], ["figures/a.png"]).count("```") == 0


def test_a_run_is_described_unless_it_describes_itself(command, all_runs):
    small = ("experiment=piezo/single", "data.replicates=4", "trainer.max_epochs=2", "figures=brief", "baselines=none")

    assert command("train", *small).code == 0
    assert command("train", *small, "seed=1", f"+tracking.tags={{{NOTE_TAG}: mine}}").code == 0

    told, own = sorted((run.data.tags[NOTE_TAG] for run in all_runs()), key=len, reverse=True)
    assert "| **this run** |" in told
    assert "parity_d33.png" in told
    assert own == "mine"
