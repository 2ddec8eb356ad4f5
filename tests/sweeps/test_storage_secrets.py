"""A password of the study or of the tracking server is written nowhere."""

import time

import optuna
import pytest
import small_sweep
from sqlalchemy import create_engine

from remanence.sweeps import storage
from remanence.tracking.database import connect

STUDIES = "postgresql://me:hunter2@studies/db?sslpassword=hunter3"
TRACKING = "postgresql://me:hunter4@tracking/db?token=hunter5"


@pytest.fixture
def servers(outputs, monkeypatch):
    """Answer for both databases with files."""

    def open_file(uri, **_):
        asked.append(uri)
        return connect(f"sqlite:///{outputs}/mlflow.db")

    def rdb(url, **_):
        asked.append(url)
        return untouched(f"sqlite:///{outputs}/studies.db")

    asked, untouched = [], storage.RDBStorage
    monkeypatch.setattr(storage, "RDBStorage", rdb)
    monkeypatch.setattr(storage, "engine", lambda url: create_engine(f"sqlite:///{outputs}/studies.db"))
    monkeypatch.setattr("remanence.sweeps.study.now_at", lambda url: time.time())
    for module in ("sweeps.trial", "sweeps.parent", "tracking.start"):
        monkeypatch.setattr(f"remanence.{module}.connect", open_file)
    return asked


@pytest.mark.parametrize("way", ["command line", "environment"])
def test_secrets_are_in_no_file_no_tag_and_no_line(command, outputs, servers, client, monkeypatch, way):
    def train(cfg, **given):
        if cfg.model["lr"] == 0.2:
            raise ArithmeticError("of the test")
        return small_sweep.train(cfg, **given)

    monkeypatch.setattr("remanence.verbs.train.train", train)
    places = [f"'sweep.storage=\"{STUDIES}\"'".strip("'"), f"'tracking.uri=\"{TRACKING}\"'".strip("'")]
    if way == "environment":
        places = []
        monkeypatch.setenv("REMANENCE_STORAGE", STUDIES)
        monkeypatch.setenv("MLFLOW_TRACKING_URI", TRACKING)

    result = command("train", "-m", *small_sweep.SMALL, *places, "model.lr=0.1,0.2", "sweep.name=s", "--debug")
    again = command("train", "-m", *small_sweep.SMALL, *places, "model.lr=0.1,0.2", "seed=1", "sweep.name=s")

    assert (result.code, again.code) == (0, 2), result.err
    assert set(servers) == {STUDIES, TRACKING}, "both were asked"
    written = {path: path.read_bytes() for path in outputs.rglob("*") if path.is_file()}
    assert len(written) > 5
    assert [path for path, content in written.items() if b"hunter" in content] == []
    assert "hunter" not in "".join((result.out, result.err, again.out, again.err))
    (study,) = optuna.get_all_study_summaries(f"sqlite:///{outputs}/studies.db")
    assert study.n_trials == 2
