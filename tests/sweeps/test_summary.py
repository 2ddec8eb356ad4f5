import pandas as pd
import pytest
import yaml
from optuna.distributions import CategoricalDistribution
from optuna.trial import create_trial
from small_study import SPACE, failed, front, mixed, study, trial

from remanence.sweeps.summary import summarise
from remanence.tracking.run import Run


@pytest.fixture
def parent(client, outputs):
    """The run of a sweep."""
    experiment = client.create_experiment("piezo", artifact_location=(outputs / "artifacts").as_uri())
    created = client.create_run(experiment, tags={"remanence.kind": "sweep"})
    return Run(client, created.info.run_id, uri="", outputs=outputs)


@pytest.fixture
def artifacts(client, parent):
    """Return the paths of what is logged in a folder of the parent."""
    return lambda folder: [entry.path for entry in client.list_artifacts(parent.id, folder)]


def data(client, parent):
    return client.get_run(parent.id).data


def test_the_parent_shows_counts_and_the_best_trial(parent, client):
    summarise(parent, mixed())

    logged = data(client, parent)
    assert logged.metrics == {
        "trials/ok": 3,
        "trials/pruned": 1,
        "trials/failed": 1,
        "trials/skipped": 1,
        "best/val/mse": 1,
    }
    assert {key: value for key, value in logged.tags.items() if key.startswith("remanence.best.")} == {
        "remanence.best.run": "b" * 32,
        "remanence.best.model.lr": "0.001",
        "remanence.best.model.hidden": "[128,128]",
    }


def test_the_parent_holds_table_space_picture_and_page(parent, client, artifacts):
    summarise(parent, mixed())

    assert artifacts("figures") == ["figures/history.png", "figures/sweep.html"]
    assert artifacts("tables") == ["tables/trials.csv", "tables/trials.md"]
    assert yaml.safe_load((parent.folder / "search_space.yaml").read_text()) == SPACE
    table = pd.read_csv(client.download_artifacts(parent.id, "tables/trials.csv"))
    assert list(table["outcome"]) == ["ok", "skipped", "ok", "pruned", "failed", "ok"]
    assert "nan" not in (parent.folder / "tables/trials.md").read_text().lower()


def test_a_sweep_that_goes_on_shows_its_new_best(parent, client):
    summarise(parent, study(trial(4.0, lr=0.1)))
    summarise(parent, study(trial(4.0, lr=0.1), trial(2.0, lr=0.2)))

    logged = data(client, parent)
    assert (logged.metrics["best/val/mse"], logged.metrics["trials/ok"]) == (2.0, 2.0)
    assert logged.tags["remanence.best.model.lr"] == "0.2"


def test_several_objectives_have_a_best_each_and_a_table_of_the_front(parent, client, artifacts):
    summarise(parent, front())

    logged = data(client, parent)
    assert (logged.metrics["best/val/mse"], logged.metrics["best/test/r2"]) == (1.0, 5.0)
    assert not any(key.startswith("remanence.best.") for key in logged.tags)
    table = pd.read_csv(client.download_artifacts(parent.id, "tables/pareto_front.csv"))
    assert list(table["number"]) == [1, 2]


@pytest.mark.parametrize("made", [study(), study(failed())], ids=["no trial", "failures only"])
def test_without_a_result_there_is_a_page_and_no_best(parent, client, artifacts, made):
    summarise(parent, made)

    assert artifacts("figures") == ["figures/sweep.html"]
    assert not any(key.startswith("best/") for key in data(client, parent).metrics)


def test_a_key_that_mlflow_refuses_is_written_differently(parent, client):
    key = "model@baselines.pca"
    distribution = CategoricalDistribution(("pca", "nmf"))
    searched = create_trial(values=[1.0], params={key: "pca"}, distributions={key: distribution})

    summarise(parent, study(searched, space={key: "pca,nmf"}))

    assert data(client, parent).tags["remanence.best.model_baselines.pca"] == "pca"
