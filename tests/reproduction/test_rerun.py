"""The configuration with which a run is made again, and the process that does it elsewhere."""

import os
import signal
import sys
import threading
import time

import pytest
from omegaconf import OmegaConf

from remanence.errors import ConfigurationError
from remanence.reproduction import rerun as module
from remanence.reproduction.original import Original
from remanence.reproduction.rerun import NAMED, REPRODUCES_TAG, VERDICT_TAG, Rerun, run_elsewhere
from remanence.tracking.interruption import Interrupted

STORED = {
    "data": {"_target_": "remanence.data.table.Table", "path": "/gone/mine.csv", "target": "${oc.env:HOME}"},
    "model": {"_target_": "remanence.models.linear.Linear"},
    "allowed_targets": ["remanence.", "stranger."],
    "paths": {"outputs": "/somewhere/else"},
    "tracking": {
        "uri": "sqlite:///theirs.db",
        "parent": "1",
        "tags": {"remanence.folder": "../x", "mlflow.user": "a", "own": "b"},
    },
    "sweep": {"name": "theirs", "storage": "sqlite:///s.db", "trial": 3},
    "fork": None,
}


@pytest.fixture
def again(outputs):
    original = Original("0" * 32, "mine", STORED, {}, "", "", None, ())
    return Rerun(original, ["data.path=/here/mine.csv", "trainer.devices=1"], None)


def test_a_stored_configuration_says_what_is_computed_and_nothing_else(again, outputs, tmp_path, monkeypatch):
    monkeypatch.delenv("REMANENCE_ALLOWED_TARGETS", raising=False)
    path = again.file(tmp_path / "new") / f"{NAMED}.yaml"
    written = OmegaConf.to_container(OmegaConf.load(path), resolve=True)

    assert written["data"] == {**STORED["data"], "path": "/here/mine.csv"}  # and what looks like a reference stays text
    assert written["trainer"] == {"devices": 1}
    assert written["paths"] == {"outputs": str(outputs)}
    assert written["allowed_targets"] == ["remanence."]
    assert written["sweep"] == dict.fromkeys(STORED["sweep"])
    assert (written["tracking"]["uri"], written["tracking"]["parent"]) == (None, None)
    assert written["tracking"]["tags"] == {"own": "b", REPRODUCES_TAG: "0" * 32, VERDICT_TAG: again.mark}
    assert oct(path.stat().st_mode)[-3:] == "600"


def test_a_process_that_fails_is_one_line(again, tmp_path):
    with pytest.raises(ConfigurationError, match=r"reproduce: the run ended with exit code 3; above it says why"):
        run_elsewhere(again, _script(tmp_path, "sys.exit(3)"), None, tmp_path / "new")


def test_who_stops_this_process_stops_the_other(again, tmp_path):
    python = _script(tmp_path, "open('began', 'w').close(); time.sleep(60)")

    def stop():
        while not (tmp_path / "began").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=stop, daemon=True).start()
    with pytest.raises(Interrupted):
        run_elsewhere(again, python, tmp_path, tmp_path / "new")


def test_a_run_that_began_with_other_weights_is_not_made_again_elsewhere(again, tmp_path):
    forked = Rerun(Original("0" * 32, "mine", {**STORED, "fork": "1" * 32}, {}, "", "", None, ()), [], None)

    with pytest.raises(ConfigurationError, match=r"began with the weights of another run; environment=current"):
        module.run_elsewhere(forked, sys.executable, None, tmp_path)


def _script(folder, code) -> str:
    """Return an interpreter that runs some code, whatever it is asked to run."""
    path = folder / "python"
    path.write_text(f"#!{sys.executable}\nimport sys, time\n{code}\n")
    path.chmod(0o755)
    return str(path)
