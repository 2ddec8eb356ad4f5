"""Blocks of Python in README.md and docs/: each is run as it stands, but for how long it trains, or says where."""

import re

import pandas as pd
import pytest
from typed_lines import blocks

import remanence as rm

FASTER = {
    '"trainer.max_epochs=50"': '"trainer.max_epochs=2", "figures=brief", "ensemble.folds=2", "ensemble.repeats=1"',
    '"baselines=none"': '"baselines=none", "data.split.seed=0"',
    "n_jobs=2": '"baselines=none", n_jobs=1',
}
ELSEWHERE = {
    "docs/architecture.md": "docs/test_architecture.py and docs/test_documents.py compare and run the recipes",
    "docs/reproduce.md": "reproduction/test_exported_model.py runs the lines where there is no MLflow",
    "docs/guides/figures.md": "docs/test_figures.py draws with it",
    "docs/compositions.md": "docs/test_compositions.py asserts what stands behind the lines",
}


def code_of(document, beginning):
    (code,) = [code for found, code in blocks("python") if found == document and code.startswith(beginning)]
    return code


def test_every_block_is_run_here_or_elsewhere():
    here = {"docs/tutorials/notebook.md", "docs/guides/portable-outputs.md", "docs/reference/python.md"}

    assert {document for document, _ in blocks("python")} == here | set(ELSEWHERE)


@pytest.fixture
def notebook(outputs, tmp_path, monkeypatch):
    """The names that the lines of the notebook's page leave."""
    monkeypatch.chdir(tmp_path)
    code = code_of("docs/tutorials/notebook.md", "import")
    for slow, fast in FASTER.items():
        assert slow in code
        code = code.replace(slow, fast)
    rm.open_data("piezo/ns").frame.to_csv("other.csv", index=False)
    names: dict = {}
    exec(code, names)
    return names


def test_the_lines_about_python_and_the_logged_model_do_what_they_say(notebook):
    run, search = notebook["run"], notebook["search"]

    assert run.status == search.best.status == "FINISHED"
    assert {"d33", "d33_low", "d33_high"} <= set(run.predict(notebook["data"].frame))
    assert run.table("test_predictions").attrs["units"]["d33"] == "pC/N"
    assert len(rm.runs("piezo")) == 3
    assert "test_predictions" in run.tables
    assert {"trials", "runs"} <= set(search.run.tables)
    assert search.run.table("trials")["outcome"].tolist() == ["ok", "ok"]

    code = code_of("docs/guides/portable-outputs.md", "import mlflow")
    names: dict = {}
    exec(re.sub("<run id>", run.id, code), names)
    predicted = pd.DataFrame(names["model"].predict(pd.DataFrame({"x": [0.06], "lph_slope": [41.5]})))
    assert predicted.shape[0] == 1
    assert predicted["d33"].between(50, 300).all()


def test_the_reference_names_the_package_as_it_is_imported():
    names: dict = {}

    exec(code_of("docs/reference/python.md", "import"), names)

    assert names["rm"] is rm
