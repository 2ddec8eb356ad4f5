"""docs/notebooks: each runs as a script, with small settings, and leaves what its text is about."""

import ast

import pytest
from typed_lines import ROOT

import remanence as rm

FOLDS = ("ensemble.folds=2", "ensemble.repeats=1")
SMALL = ("trainer.max_epochs=2", "baselines=none", "figures=brief")
TOY = ("data.colours=60", "data.validation=10", "data.gamut=20", "data.image_size=12", "model=beta_vae_mlp")
SETTINGS = {
    "own_data": (*SMALL, *FOLDS, "data.split.repeats=1", "data.split.folds=3", "blend=none"),
    "piezo": (*SMALL, *FOLDS),
    "beps": (*SMALL[1:], *TOY, "trainer.max_epochs=6", "model.units=4", "beta_schedule=small",
             "beta_schedule.refine_epochs=2", "beta_schedule.wanted=2"),
    "nested": (*SMALL, *FOLDS, "data.rows=60", "data.split.folds=3"),
}  # fmt: skip
RUNS = {"own_data": 1, "piezo": 2, "beps": 1, "nested": 1}
"""Runs that are there in the end; the sweep of piezo takes over the one that was trained before it."""

pytestmark = pytest.mark.slow


def test_there_is_one_for_each_paper_and_one_for_ones_own_data():
    assert {path.stem for path in (ROOT / "docs/notebooks").glob("*.py")} == set(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_notebook_runs_as_it_is_written(name, outputs, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code = (ROOT / "docs" / "notebooks" / f"{name}.py").read_text(encoding="utf-8")
    (line,) = [line for line in code.splitlines() if line.startswith("SETTINGS: ")]
    assert code.startswith("# %% [markdown]\n# # ")

    names: dict = {"__name__": "__main__"}
    exec(code.replace(line, f"SETTINGS = {list(SETTINGS[name])}"), names)

    assert names["run"].status == "FINISHED"
    assert len(rm.runs()) == RUNS[name]
    shown = [node for node in ast.parse(code).body if isinstance(node, ast.Expr)]  # what Jupyter shows below a cell
    assert len(capsys.readouterr().out.splitlines()) + len(shown) >= 3
    if name == "own_data":
        assert len(names["following"]) == 5
        assert names["predicted"]["extrapolated"].tolist() == ["no", "yes"]
