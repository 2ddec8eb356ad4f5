"""Runs made by the package of an earlier commit, and what today's package makes of them; once for all tests."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import optuna
import pandas as pd
import pytest
from filelock import FileLock
from mlflow import MlflowClient
from stories import AGAIN, NOW, PAST, Command

ROOT = Path(__file__).parents[2]
COMMIT = "121b3bff279ea28d3020d6e0ce5a0f9a24b73af7"
"""The one before kinds of data got a folder each."""


@dataclass(frozen=True)
class Place:
    """Outputs, and what was answered there."""

    outputs: Path
    out: Path
    """Folder of the files that verbs wrote."""

    @cached_property
    def answers(self) -> dict[str, dict]:
        return json.loads((self.out / "answers.json").read_text(encoding="utf-8"))

    @property
    def client(self) -> MlflowClient:
        return MlflowClient(f"sqlite:///{self.outputs}/mlflow.db")

    @cached_property
    def runs(self) -> list:
        experiments = [experiment.experiment_id for experiment in self.client.search_experiments()]
        return list(self.client.search_runs(experiments, order_by=["start_time"]))

    def run(self, name: str):
        (found,) = [run for run in self.runs if run.info.run_name == name]
        return found

    def folder(self, name: str) -> Path:
        return self.outputs / "runs" / self.run(name).info.run_id

    @cached_property
    def studies(self) -> dict[str, optuna.Study]:
        storage = f"sqlite:///{self.outputs}/sweeps.db"
        names = optuna.get_all_study_names(storage)
        return {name: optuna.load_study(study_name=name, storage=storage) for name in names}


@dataclass(frozen=True)
class Lives:
    """What the old package left, what the new one makes of it, and what the new one makes of the same commands."""

    past: Place
    now: Place
    again: Place


@pytest.fixture(scope="session")
def lives(tmp_path_factory) -> Lives:
    base = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        base = base.parent
    folder = base / "old_runs"
    places = Lives(
        past=Place(folder / "as_it_was", folder / "past"),
        now=Place(folder / "outputs", folder / "now"),
        again=Place(folder / "again", folder / "again_written"),
    )
    with FileLock(base / "old_runs.lock"):
        if not (folder / "finished").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            _live(folder, places)
            (folder / "finished").touch()
    return places


def _live(folder: Path, places: Lives) -> None:
    package = _old_package(folder / "package")
    inputs = folder / "inputs"
    _write_inputs(inputs)
    past = replace(places.past, outputs=places.now.outputs)  # the same folder: addresses in it are absolute
    _finish([_start(PAST, past, package, inputs)], expected=-signal.SIGKILL)
    shutil.copytree(past.outputs, places.past.outputs)
    today = ROOT / "src"
    _finish([_start(NOW, places.now, today, inputs), _start(AGAIN, places.again, today, inputs)], expected=0)


def _old_package(folder: Path) -> Path:
    """Lay out the package of the commit as its wheel does, and return the folder that holds it."""
    archive = folder / "commit.tar"
    folder.mkdir()
    git = ["git", "-C", str(ROOT)]
    has_git = shutil.which("git") is not None
    if not has_git or subprocess.run([*git, "cat-file", "-e", f"{COMMIT}^{{commit}}"], capture_output=True).returncode:
        pytest.skip(f"git knows no commit {COMMIT[:7]} here: a clone without its history, or no clone")
    subprocess.run([*git, "archive", "-o", str(archive), COMMIT, "src", "conf"], check=True)
    with tarfile.open(archive) as files:
        files.extractall(folder, filter="data")
    (folder / "conf").rename(folder / "src" / "remanence" / "conf")
    return folder / "src"


def _start(commands: list[Command], place: Place, package: Path, inputs: Path) -> subprocess.Popen:
    """Start a process that answers commands with a package."""
    place.out.mkdir(exist_ok=True)
    listed = [asdict(command.filled(inputs=str(inputs), out=str(place.out))) for command in commands]
    (place.out / "commands.json").write_text(json.dumps(listed), encoding="utf-8")
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "REMANENCE_"))},
        "PYTHONPATH": str(package),
        "REMANENCE_OUTPUTS": str(place.outputs),
        "OMP_NUM_THREADS": "1",
    }
    script = [sys.executable, str(Path(__file__).with_name("answer.py"))]
    return subprocess.Popen(
        [*script, str(place.out / "commands.json"), str(place.out / "answers.json")],
        env=environment,
        cwd=inputs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _finish(processes: list[subprocess.Popen], *, expected: int) -> None:
    """Wait until processes have answered everything."""
    try:
        for process in processes:
            _, errors = process.communicate(timeout=900)
            assert process.returncode == expected, errors[-2000:]
    finally:
        for process in processes:
            process.kill()


def _write_inputs(folder: Path) -> None:
    """Write the tables of a user: rows to predict, and two scales, gaps of compositions and energies of mixtures."""
    folder.mkdir()
    random = np.random.default_rng(0)
    rows = {"x": [0.02, 0.06, 0.11], "lph_slope": [30.5, 41.5, 38.25], "d33": [120.0, 180.5, 140.0]}
    pd.DataFrame(rows | {"eps_r": [900.0, 1400.0, 1100.0], "note": ["a", "b, c", "ü"]}).to_csv(folder / "rows.csv")
    sizes = {"MA": 2.2, "FA": 2.5, "Cs": 1.7}, {"Pb": 1.2, "Sn": 0.7, "Ge": 1.4}, {"I": 0.3, "Br": 0.9, "Cl": 1.5}
    gap = {
        f"{a}{b}{x}3": A + B + X for a, A in sizes[0].items() for b, B in sizes[1].items() for x, X in sizes[2].items()
    }
    pd.DataFrame({"composition": list(gap), "gap": list(gap.values())}).round(6).to_csv(
        folder / "gaps.csv", index=False
    )
    composition, heat = random.choice(list(gap), 40), random.uniform(20, 120, 40).round(1)
    additive = np.array(["none", "oil", "salt"])[np.arange(40) % 3]
    energy = 3 * np.array([gap[name] for name in composition]) + 0.02 * heat + (additive == "salt")
    mixes = {
        "composition": composition,
        "heat": heat,
        "additive": additive,
        "energy": energy,
        "density": 9 - energy / 3,
    }
    phase = np.where(energy > np.median(energy), "cubic", "tetragonal")
    pd.DataFrame(mixes | {"phase": phase}).round(6).to_csv(folder / "mixes.csv", index=False)
    mixed = ["FA0.8MA0.2PbBr1.5I1.5", "Cs0.3FA0.7SnI3", "MAPb0.9Sn0.1Br3"]
    new = {"composition": mixed, "heat": [30.0, 60.5, 90.0], "additive": ["none", "oil", "salt"]}
    pd.DataFrame(new).to_csv(folder / "mixtures.csv", index=False)
