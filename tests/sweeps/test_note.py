"""The description of a sweep on MLflow's page."""

import pandas as pd

from remanence.studies.note import NOTE_TAG
from remanence.sweeps.note import sweep_note


def test_a_sweep_is_described_by_its_best_trials():
    trials = pd.DataFrame(
        {
            "number": range(7),
            "outcome": ["ok"] * 6 + ["failed"],
            "model.lr": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
            "val/mse": [6.0, 5.0, 4.0, 3.0, 2.0, 1.0, float("nan")],
            "run": [f"r{number}" for number in range(6)] + [""],
        }
    )

    told = sweep_note(
        trials, {"val/mse": "minimize"}, run_id="ab", command="remanence train -m", figures=["figures/history.png"]
    )

    assert told.splitlines() == [
        "- 7 trials: 6 ok, 1 failed, the best 5:",
        "",
        "| trial | lr | val/mse |",
        "|---|---|---|",
        "| [5](#/runs/r5) | 0.6 | 1 |",
        "| [4](#/runs/r4) | 0.5 | 2 |",
        "| [3](#/runs/r3) | 0.4 | 3 |",
        "| [2](#/runs/r2) | 0.3 | 4 |",
        "| [1](#/runs/r1) | 0.2 | 5 |",
        "",
        "![figures/history.png](get-artifact?path=figures%2Fhistory.png&run_uuid=ab)",
        "",
        "```",
        "remanence train -m",
        "```",
    ]


def test_the_parent_of_a_sweep_has_the_description(command, parent):
    small = ("experiment=piezo/single", "data.replicates=4", "trainer.max_epochs=2", "figures=brief", "baselines=none")

    assert command("train", "-m", *small, "model.lr=0.01,0.02").code == 0

    told = parent().data.tags[NOTE_TAG]
    assert "| trial | lr | val/mse |" in told
    assert "figures/history.png" in told
