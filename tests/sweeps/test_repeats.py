import numpy as np
import pandas as pd
import pytest
from optuna.distributions import CategoricalDistribution
from optuna.trial import create_trial
from scipy import stats
from small_study import study

from remanence.figures.repeats import plot_repeats
from remanence.sweeps.repeats import log_repeats, print_repeats, repeats
from remanence.tracking.run import Run
from remanence.tracking.stored_runs import StoredData, StoredInfo, StoredRun


def stored(run_id, metrics, **tags):
    tags = {"remanence.compared": "test/mse", "remanence.model": "BetaVAE", **tags}
    return StoredRun(StoredInfo(run_id, run_id, "FINISHED", "1", 0), StoredData({}, metrics, tags))


def swept(*rows):
    """Return a study and its runs: each row is the values of the searched keys and the metrics of the run."""
    keys = list(rows[0][0])
    listed = {key: tuple(dict.fromkeys(values[key] for values, _ in rows)) for key in keys}
    trials = [
        create_trial(
            values=[0.0],
            params=values,
            distributions={key: CategoricalDistribution(listed[key]) for key in keys},
            user_attrs={"run": f"run{number}"},
        )
        for number, (values, _) in enumerate(rows)
    ]
    space = {key: ",".join(listed[key]) for key in keys}
    return study(*trials, space=space), [stored(f"run{n}", metrics) for n, (_, metrics) in enumerate(rows)]


def of_seeds(*values, key="test/mse"):
    return swept(*[({"seed": str(number)}, {key: value}) for number, value in enumerate(values)])


def test_a_metric_has_mean_deviation_interval_and_range_over_seeds():
    values = np.array([3.0, 5.0, 4.0, 8.0])

    (row,) = repeats(*of_seeds(*values)).to_dict("records")

    low, high = stats.t.interval(0.95, 3, loc=5.0, scale=stats.sem(values))
    expected = {"metric": "test/mse", "n": 4, "mean": 5.0, "sd": np.std(values, ddof=1)}
    assert row == pytest.approx(expected | {"low": low, "high": high, "min": 3.0, "max": 8.0})


def test_each_combination_of_other_keys_has_its_own_mean():
    rows = [({"model.lr": lr, "seed": seed}, {"test/mse": float(lr) + int(seed)}) for lr in "13" for seed in "02"]

    table = repeats(*swept(*rows))

    assert table[["model.lr", "metric", "n", "mean"]].to_numpy().tolist() == [
        ["1", "test/mse", 2, 2.0],
        ["3", "test/mse", 2, 4.0],
    ]


def test_a_value_that_is_no_number_or_missing_is_not_counted():
    rows = [
        ({"seed": "0"}, {"test/mse": 1.0, "p": np.nan}),
        ({"seed": "1"}, {"test/mse": 3.0, "p": np.inf}),
        ({"seed": "2"}, {"test/r2": 0.5, "system/cpu": 9.0}),
    ]

    table = repeats(*swept(*rows)).set_index("metric")

    assert table["n"].to_dict() == {"p": 0, "test/mse": 2, "test/r2": 1}
    assert table.loc["test/mse", "mean"] == 2.0
    assert table.loc["test/r2"].drop("n").isna().tolist() == [False, True, True, True, False, False]


def test_a_trial_without_a_finished_run_is_left_out():
    made, runs = of_seeds(1.0, 2.0, 30.0)

    (row,) = repeats(made, runs[:2]).to_dict("records")

    assert (row["n"], row["mean"]) == (2, 1.5)


@pytest.mark.parametrize(
    "rows",
    [
        [({"model.lr": "1"}, {"test/mse": 1.0}), ({"model.lr": "2"}, {"test/mse": 2.0})],
        [({"seed": "1", "model.lr": "1"}, {"test/mse": 1.0}), ({"seed": "2", "model.lr": "2"}, {"test/mse": 2.0})],
    ],
    ids=["no seeds", "one seed each"],
)
def test_another_search_has_no_repeats(rows, capsys):
    made, runs = swept(*rows)

    assert repeats(made, runs).empty
    print_repeats(made, runs)
    assert capsys.readouterr().out == ""


def test_printed_are_the_compared_metrics_of_model_and_baselines(capsys):
    metrics = {"test/mse": 0.25, "baseline/pca/test/mse": 2.0, "val/other": 3.0, "fit_seconds": 8.0}
    made, runs = swept(*[({"seed": seed}, metrics) for seed in "01"])

    print_repeats(made, runs)

    printed = capsys.readouterr().out
    assert [name in printed for name in ("│ test/mse", "baseline/pca/test/mse", "fit_seconds", "val/other")] == [
        True,
        True,
        True,
        False,
    ]
    assert "all 4 rows: see tables/repeats of the sweep's run" in printed


@pytest.fixture
def parent(client, outputs):
    experiment = client.create_experiment("piezo", artifact_location=(outputs / "artifacts").as_uri())
    return Run(client, client.create_run(experiment).info.run_id, uri="", outputs=outputs)


def test_the_parent_holds_table_and_figure(parent, client):
    log_repeats(parent, *of_seeds(1.0, 3.0))

    table = pd.read_csv(client.download_artifacts(parent.id, "tables/repeats.csv"))
    assert table[["metric", "n", "mean"]].to_numpy().tolist() == [["test/mse", 2, 2.0]]
    assert [entry.path for entry in client.list_artifacts(parent.id, "figures")] == ["figures/repeats.png"]


def test_the_parent_of_another_search_holds_neither(parent, client):
    log_repeats(parent, *swept(({"model.lr": "1"}, {"test/mse": 1.0}), ({"model.lr": "2"}, {"test/mse": 2.0})))

    assert client.list_artifacts(parent.id) == []


def test_the_figure_has_the_baselines_beside_the_model(monkeypatch, parent):
    drawn = {}

    def plot(panels, *, title):
        drawn.update(panels)
        return plot_repeats(panels, title=title)

    monkeypatch.setattr("remanence.sweeps.repeats.plot_repeats", plot)
    metrics = {"baseline/pca/test/mse": 9.0, "val/loss": 0.5}

    log_repeats(parent, *swept(*[({"seed": seed}, {"test/mse": float(seed), **metrics}) for seed in "12"]))

    assert drawn == {"test/mse": {"BetaVAE": [1.0, 2.0], "pca": [9.0, 9.0]}}
