"""experiments/tables.py: the tables of the READMEs, from descriptions and stored results; nothing is trained here."""

import json
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import yaml

from remanence.configuration.compose import compose
from remanence.errors import ConfigurationError
from remanence.studies.kinds import checked

EXPERIMENTS = Path(__file__).parents[2] / "experiments"
DESCRIBED = {
    f"{path.parent.name}/{name}": table
    for path in sorted(EXPERIMENTS.glob("*/tables.yaml"))
    for name, table in yaml.safe_load(path.read_text(encoding="utf-8")).items()
}


@pytest.fixture
def tables(monkeypatch, outputs):
    monkeypatch.syspath_prepend(str(EXPERIMENTS))
    import tables

    return tables


@pytest.fixture
def text(monkeypatch):
    monkeypatch.syspath_prepend(str(EXPERIMENTS))
    import table_text

    return table_text


@pytest.mark.parametrize(("name", "run"), [(name, run) for name, table in DESCRIBED.items() for run in table["runs"]])
def test_every_run_of_a_table_is_a_configuration_with_small_settings_too(tables, name, run):
    (overrides,) = [each[1] for each in tables.jobs_of(DESCRIBED[name], quick=True) if each[0] == run]

    cfg = checked(compose(overrides))  # the small settings stand behind those of the table

    assert cfg.config.split("/")[0] == name.split("/")[0]


@pytest.mark.parametrize("name", DESCRIBED)
def test_a_readme_says_what_was_measured(tables, name):
    """Either nothing was measured by this description yet, or the README has what was."""
    table, results = DESCRIBED[name], tables.stored(name)
    readme = (EXPERIMENTS / name.split("/")[0] / "README.md").read_text(encoding="utf-8")
    written = tables.render(name, table, results) if not tables.unmeasured(table, results) else None

    assert (
        tables.replaced(readme, name, written or "") != ""
        if written is None
        else tables.replaced(readme, name, written) == readme
    )


@pytest.mark.parametrize("name", DESCRIBED)
def test_a_description_and_its_results_belong_together(tables, name):
    table, results = DESCRIBED[name], tables.stored(name)

    assert set(results) <= set(table["runs"])
    assert [run for run in tables.unmeasured(table, results) if run in results] == []  # of an earlier description


TOY = {
    "title": "model",
    "runs": {
        "network": {"overrides": "experiment=beps/toy", "seeds": "4..6", "quick": ["trainer.max_epochs=9"]},
        "pca": {"overrides": ["experiment=beps/toy", "model=pca"], "seeds": 0},
    },
    "columns": {
        "error": "{model}test/mse",
        "worst": {"metric": "{model}test/mse", "show": "{max}", "digits": 2},
        "best baseline": {"metric": "baseline/*/test/mse", "show": "{name} {mean}", "except": ["ae"]},
        "range of NMF": {"metric": "baseline/nmf/test/mse", "show": "{range} of {n}", "digits": 2},
        "R, G": {"metric": ["test/r2/R", "test/r2/G"], "show": "{mean}"},
    },
    "rows": [
        {"title": "β-VAE", "run": "network", "model": ""},
        {"title": "NMF", "run": "network", "model": "baseline/nmf/", "cells": {"worst": "–"}},
        {"title": "PCA alone", "run": "pca", "model": ""},
        {"title": "paper", "cells": {"error": ".104"}},
    ],
}
RESULTS = {
    "network": {
        "command": "remanence repeat experiment=beps/toy seeds=4..6",
        "seeds": [4, 5, 6],
        "commits": ["abc1234+"],
        "metrics": {
            "test/mse": [0.00041, 0.00043, 0.00051],
            "baseline/nmf/test/mse": [0.12, 0.13, None],
            "baseline/ae/test/mse": [0.1, 0.1, 0.1],
            "test/r2/R": [0.999, 0.998, 0.997],
            "test/r2/G": [0.9, 0.9, 0.9],
        },
    },
    "pca": {
        "command": "remanence train experiment=beps/toy model=pca seed=0",
        "seeds": [0],
        "commits": ["abc1234+"],
        "metrics": {"test/mse": [0.11]},
    },
}
RENDERED = """\
| model | error | worst | best baseline | range of NMF | R, G |
| --- | --- | --- | --- | --- | --- |
| β-VAE | .000450 ± .000053 | .00051 | NMF .125 | .12 to .13 of 2 | .998 .900 |
| NMF | .1250 ± .0071 | – | NMF .125 | .12 to .13 of 2 | .998 .900 |
| PCA alone | .110 | .11 |  |  |  |
| paper | .104 |  |  |  |  |

Seed 0; seeds 4 to 6; ± sd over seeds; `python experiments/tables.py --only beps/toy` at abc1234+.
"""


def test_a_table_is_rendered_from_results(text):
    assert text.render("beps/toy", TOY, RESULTS) == RENDERED


def test_deviations_over_folds_are_metrics_of_one_run(text):
    table = {
        "runs": {"a": {}},
        "columns": {
            "chain": {"metric": "test/{scale}/mae", "sd": "test/{scale}/mae_sd"},
            "best": {"metric": "baseline/*/{scale}/mae", "sd": "baseline/*/{scale}/mae_sd", "show": "{name} {value}"},
        },
        "rows": [{"title": "gap", "run": "a", "scale": "ions"}],
    }
    metrics = {
        "test/ions/mae": [0.1081],
        "test/ions/mae_sd": [0.0182],
        "baseline/svr/ions/mae": [0.2],
        "baseline/svr/ions/mae_sd": [0.03],
    }

    shown = text.render("nested/x", table, {"a": {"seeds": [0], "commits": [], "metrics": metrics}})

    assert "| gap | .108 ± .018 | SVR .200 ± .030 |" in shown
    assert "± sd over folds" in shown


def test_a_metric_that_no_run_has_is_an_error_with_the_nearest_name(text):
    wrong = TOY | {"columns": {"error": "test/msee"}, "rows": TOY["rows"][:1]}

    with pytest.raises(
        ConfigurationError, match=r"table beps/toy: columns.error: no run has test/msee; nearest: test/mse"
    ):
        text.render("beps/toy", wrong, RESULTS)


def test_only_what_stands_between_the_markers_is_replaced(text):
    readme = "before\n<!-- table: beps/toy -->\nold\n<!-- end of table: beps/toy -->\nafter\n"

    assert text.replaced(readme, "beps/toy", "new\n") == readme.replace("old", "\nnew\n")
    for broken in ("no markers", readme + readme):
        with pytest.raises(ConfigurationError, match="the README needs the lines"):
            text.replaced(broken, "beps/toy", "new\n")


@pytest.fixture
def toy(tables, tmp_path, monkeypatch):
    """A folder of experiments with one described table; returns its README and the sweeps that were asked for."""
    (tmp_path / "beps").mkdir()
    (tmp_path / "beps" / "tables.yaml").write_text(yaml.safe_dump({"toy": TOY}, allow_unicode=True, sort_keys=False))
    readme = tmp_path / "beps" / "README.md"
    readme.write_text("# β-VAE\n<!-- table: beps/toy -->\nold\n<!-- end of table: beps/toy -->\n")
    monkeypatch.setattr(tables, "HERE", tmp_path)
    asked = []

    def sweep(experiment, search, *overrides, n_jobs):
        asked.append((search["seed"], *overrides))
        run = "pca" if "model=pca" in overrides else "network"
        metrics = RESULTS[run]["metrics"]
        found = {
            str(place): SimpleNamespace(
                metrics={key: values[place] for key, values in metrics.items() if values[place] is not None},
                tables=["models"],
                table=lambda name: pd.DataFrame({"metric": ["test/mae"], "this run": [1.0], "nmf": [2.0]}),
                tags={"mlflow.source.git.commit": "abc1234def", "remanence.git.dirty": "true"},
            )
            for place in range(len(search["seed"]))
        }
        trials = pd.DataFrame({"outcome": "ok", "seed": [str(seed) for seed in search["seed"]], "run": list(found)})
        return SimpleNamespace(name="beps/toy/grid", trials=trials, tracked=found.get)

    monkeypatch.setattr(tables.rm, "sweep", sweep)
    return readme, asked


def test_a_table_is_measured_stored_and_written_into_the_readme(tables, toy, tmp_path):
    readme, asked = toy

    assert tables.main(["--only", "beps/toy"]) == 0

    assert asked == [([4, 5, 6], "experiment=beps/toy"), ([0], "experiment=beps/toy", "model=pca")]
    assert readme.read_text() == f"# β-VAE\n<!-- table: beps/toy -->\n\n{RENDERED}\n<!-- end of table: beps/toy -->\n"
    stored = json.loads((tmp_path / "beps" / "results.json").read_text())["toy"]
    assert stored["network"]["command"] == RESULTS["network"]["command"]
    assert stored["network"]["metrics"] == RESULTS["network"]["metrics"]  # and nothing that the table does not show
    readme.write_text(readme.read_text().replace(".000450", ".000449"))
    assert tables.main(["--render"]) == 0
    assert ".000450" in readme.read_text()
    assert len(asked) == 2


def test_only_what_is_missing_is_trained_if_asked(tables, toy, tmp_path):
    _, asked = toy
    (tmp_path / "beps" / "results.json").write_text(json.dumps({"toy": {"network": RESULTS["network"]}}))

    assert tables.main(["--missing"]) == 0

    assert asked == [([0], "experiment=beps/toy", "model=pca")]


def test_a_quick_table_has_small_settings_and_is_no_result(tables, toy, tmp_path, outputs):
    readme, asked = toy

    assert tables.main(["--quick"]) == 0

    places = f"paths.outputs={outputs}/tables-quick/outputs"
    assert asked == [
        ([4, 5], "experiment=beps/toy", "trainer.max_epochs=9", places),
        ([0], "experiment=beps/toy", "model=pca", places),
    ]
    assert "old" in readme.read_text()
    assert not (tmp_path / "beps" / "results.json").exists()
    assert (outputs / "tables-quick" / "beps" / "toy.md").read_text().startswith("| model | error |")


def test_real_data_are_taken_from_a_folder_and_are_not_part_of_the_command(tables, toy, tmp_path):
    described = {
        "toy": TOY | {"runs": {name: run | {"data": {"data.dir": "beps"}} for name, run in TOY["runs"].items()}}
    }
    (tmp_path / "beps" / "tables.yaml").write_text(yaml.safe_dump(described, allow_unicode=True, sort_keys=False))

    assert tables.main(["--data", str(tmp_path)]) == 0

    assert toy[1][0] == ([4, 5, 6], "experiment=beps/toy", f"data.dir={tmp_path}/beps")
    assert tables.stored("beps/toy")["network"]["command"] == RESULTS["network"]["command"]


def test_another_description_leaves_the_readme_as_it_is_until_it_is_measured(tables, toy, tmp_path, capsys):
    tables.main(["--only", "beps"])
    before = toy[0].read_text()
    other = TOY | {"runs": TOY["runs"] | {"pca": {"overrides": "experiment=beps/toy", "seeds": 1}}}
    (tmp_path / "beps" / "tables.yaml").write_text(yaml.safe_dump({"toy": other}, allow_unicode=True, sort_keys=False))

    assert tables.main(["--render"]) == 0

    assert "not written: pca not measured by this description" in capsys.readouterr().out
    assert toy[0].read_text() == before


def test_an_interruption_says_how_to_go_on(tables, toy, monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(tables.rm, "sweep", interrupted)

    assert tables.main([]) == 130
    assert capsys.readouterr().err == "beps/toy: interrupted; the same command goes on\n"


def test_a_table_that_cannot_be_made_is_one_line_and_the_others_are_made(tables, toy, tmp_path, monkeypatch, capsys):
    other = TOY | {"columns": {"error": "test/msee"}}
    described = yaml.safe_dump({"broken": other, "toy": TOY}, allow_unicode=True, sort_keys=False)
    (tmp_path / "beps" / "tables.yaml").write_text(described)

    assert tables.main([]) == 1

    captured = capsys.readouterr()
    assert captured.err.startswith("beps/broken: error: table beps/broken: columns.error: no run has test/msee")
    assert "beps/toy: written to" in captured.out


def test_of_several_starts_the_one_with_the_least_validation_error_counts(tables, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "HERE", tmp_path)
    errors = {(4, 0): 0.3, (4, 1): 0.1, (4, 2): 0.2, (5, 0): 0.1, (5, 1): 0.2, (5, 2): 0.3}
    runs = {f"{data}-{start}": {"val/mse": error, "test/mse": data + start} for (data, start), error in errors.items()}

    def sweep(experiment, search, *overrides, n_jobs):
        assert search == {"data.seed": [4, 5], "seed": [0, 1, 2]}
        trials = pd.DataFrame({"outcome": "ok", "data.seed": [str(data) for data, _ in errors], "run": list(runs)})
        tracked = {name: SimpleNamespace(metrics=metrics, tables=[], tags={}) for name, metrics in runs.items()}
        return SimpleNamespace(name="grid", trials=trials, tracked=tracked.get)

    monkeypatch.setattr(tables.rm, "sweep", sweep)
    table = {
        "runs": {"additive": {"overrides": "experiment=beps/toy_additive", "seeds": "4..5", "starts": 3}},
        "columns": {"error": "test/mse"},
        "rows": [{"title": "ours", "run": "additive"}],
    }

    tables.measure("beps/toy", table, data=None, jobs=1, quick=False)

    stored = json.loads((tmp_path / "beps" / "results.json").read_text())["toy"]["additive"]
    assert stored["metrics"] == {"test/mse": [5.0, 5.0]}
    assert stored["command"] == "remanence train -m experiment=beps/toy_additive data.seed=4,5 seed=0,1,2"
    assert tables.unmeasured(table, {"additive": stored}) == []


def test_an_unknown_table_is_one_line(tables, toy, capsys):
    assert tables.main(["--only", "beps/toys"]) == 2
    assert capsys.readouterr().err == "tables.py: error: --only beps/toys: no such table; there are: beps/toy\n"
