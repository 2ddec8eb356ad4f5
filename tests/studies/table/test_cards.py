import pytest

SMALL = ("figures=brief", "ensemble=single", "trainer.max_epochs=2", "baselines=quick")
SMALL += ("baselines.random_forest.n_estimators=5",)


@pytest.fixture
def cards(finished, client):
    """Train and return the texts of both cards."""

    def train(*overrides):
        run = finished(*SMALL, *overrides)
        return [
            open(client.download_artifacts(run.info.run_id, f"{name}_card.md")).read() for name in ("model", "data")
        ]

    return train


@pytest.mark.usefixtures("unillustrated")
def test_each_run_logs_both_cards_with_its_own_numbers(cards, all_runs):
    model, data = cards("experiment=piezo/single", "data.replicates=4")

    (run,) = all_runs()
    error = run.data.metrics["test/mae"]
    assert f"| **this run** | {error:.4g} |" in model
    assert "**The data are simulated" in model
    assert "**The data are simulated" in data
    assert "| random_forest |" in model
    assert "## Known faults" in data
    assert 20 < model.count("\n") + data.count("\n") < 100, "short enough to be read"


@pytest.mark.usefixtures("unillustrated")
def test_several_targets_have_a_section_each(cards, table):
    model, _ = cards(
        *("experiment=piezo/table", "model=linear", f"data.path={table()}", "data.target=[d33,eps_r]"),
        "data.features=[x,amount]",
    )

    headings = [line for line in model.splitlines() if line.startswith("## ")]
    assert headings == [
        "## What it is",
        *(
            f"## {what} `{target}`"
            for target in ("d33", "eps_r")
            for what in ("How well it predicts", "Intervals of", "How far to trust it on")
        ),
    ]
