import pytest
from compared_runs import compared_run

from remanence.tracking.logged_files import LoggedFiles
from remanence.tracking.stored_runs import stored_runs


@pytest.fixture
def artifacts(outputs):
    folder = outputs / "artifacts" / "piezo" / "run" / "artifacts"
    (folder / "figures").mkdir(parents=True)
    for name in ("b.png", "a.png", "page.html"):
        (folder / "figures" / name).write_text("x")
    return folder


@pytest.fixture
def files(outputs):
    return LoggedFiles(f"sqlite:///{outputs}/mlflow.db")


def test_files_are_found_where_they_lie(artifacts, files):
    run = compared_run(artifact_uri=artifacts.as_uri())

    assert files.names(run, "figures", ".png") == ["a.png", "b.png"]
    assert files.path(run, "figures/a.png") == artifacts / "figures" / "a.png"
    assert files.path(run, "figures/c.png") is None
    assert files.names(run, "tables", ".csv") == []


def test_a_link_that_leads_out_is_not_followed(artifacts, files, tmp_path):
    (tmp_path / "secret.png").write_text("x")
    (artifacts / "figures" / "c.png").symlink_to(tmp_path / "secret.png")
    run = compared_run(artifact_uri=artifacts.as_uri())

    assert files.names(run, "figures", ".png") == ["a.png", "b.png"]
    assert files.path(run, "figures/c.png") is None
    assert files.path(run, "../../secret.png") is None


def test_a_run_that_says_its_files_lie_elsewhere_has_none(files, tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "a.png").write_text("x")

    for address in (tmp_path.as_uri(), "file:///", "", "https://elsewhere/artifacts"):
        run = compared_run(artifact_uri=address)
        assert files.names(run, "figures", ".png") == []
        assert files.path(run, "figures/a.png") is None


def test_the_history_of_a_metric_is_read_from_the_database(client, files, outputs):
    experiment = client.create_experiment("piezo")
    run = client.create_run(experiment, tags={"remanence.config": "piezo/ns", "remanence.paper": "piezo"})
    for step, value in enumerate([3.0, 2.0, 1.0]):
        client.log_metric(run.info.run_id, "val/loss", value, step=step)
    (stored,) = stored_runs(files.uri, "piezo")

    assert files.history([stored], "val/loss") == {run.info.run_id: [(0, 3.0), (1, 2.0), (2, 1.0)]}
    assert files.history([stored], "train/loss") == {}
