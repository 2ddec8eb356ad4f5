"""Every verb around a run whose folder is gone: an MLflow server is all that is left of it."""

import shutil
import signal

import pytest

from remanence.verbs.evaluate import evaluate

TRAIN = (
    *("experiment=piezo/single", "data.replicates=4", "data.batch_size=4", "callbacks.checkpoint_seconds=0"),
    *("trainer.max_epochs=6", "baselines=none", "figures=brief"),
)


@pytest.mark.slow
def test_a_run_is_resumed_forked_registered_and_applied_from_the_server_alone(
    server, command, outputs, monkeypatch, tmp_path
):
    from remanence.models.dnn import DNN

    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.uri)
    untouched = DNN.validation_step

    def stop(self, *arguments):
        if self.current_epoch == 3:
            signal.raise_signal(signal.SIGTERM)
        untouched(self, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(DNN, "validation_step", stop)
        stopped = command("train", *TRAIN)
    assert stopped.code == 143
    run_id = stopped.err.splitlines()[-1].rpartition("resume=")[2]
    shutil.rmtree(outputs / "runs")
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(tmp_path / "another machine"))

    resumed = command("train", f"resume={run_id}")
    assert resumed.code == 0, resumed.err
    run = server.client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert [p.step for p in server.client.get_metric_history(run_id, "train/loss")] == list(range(6))

    shutil.rmtree(tmp_path / "another machine")
    forked = command("train", f"fork={run_id}", "model.lr=1e-12", "trainer.max_epochs=1", "name=forked")
    assert forked.code == 0, forked.err
    registered = command("register", "run=forked", "name=toy", "alias=champion")
    assert "models:/toy@champion" in registered.out, registered.err
    shutil.rmtree(tmp_path / "another machine")

    assert evaluate("models:/toy@champion")["test/mae"] == pytest.approx(run.data.metrics["test/mae"], rel=1e-3)
    compared = command("compare", "piezo", "--html", str(tmp_path / "report.html"))
    assert compared.code == 0, compared.err
    assert f"{server.uri}/#/experiments/" in (tmp_path / "report.html").read_text()
