import os
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from remanence.verbs import checkup


def test_a_version_outside_the_declared_range_is_told_with_the_range(monkeypatch):
    versions = {"torch": "2.5.0", "mlflow": "3.18.1"}
    monkeypatch.setattr(checkup, "version", lambda name: versions.get(name, "3.0") if name != "optuna" else _missing())
    monkeypatch.setattr(
        checkup, "_declared", lambda: ["torch>=2.6", "mlflow<3.18,>=3.13", "hydra-core>=1.3", "optuna<6,>=5"]
    )

    found = {check.name: check for check in checkup.versions()}

    assert found["torch"].problem == "outside the tested range >=2.6"
    assert found["mlflow"].advice == "pip install 'mlflow<3.18,>=3.13'"
    assert found["hydra-core"].problem == found["pytorch-lightning"].problem == ""
    assert (found["optuna"].found, found["optuna"].advice) == ("not installed", "pip install 'optuna<6,>=5'")


def _missing():
    raise checkup.PackageNotFoundError("optuna")


def test_another_python_is_told(monkeypatch):
    monkeypatch.setattr(checkup.platform, "python_version_tuple", lambda: ("3", "10", "1"))

    assert next(checkup.versions()).problem == "tests run on 3.11 to 3.14"


def test_a_gpu_that_torch_cannot_use_is_a_problem_and_no_gpu_is_none(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(checkup.shutil, "which", lambda name: None)
    assert checkup.devices().problem == ""

    monkeypatch.setattr(checkup.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    assert checkup.devices().problem.startswith("there is an NVIDIA GPU, and torch, ")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(
        torch.cuda, "get_device_properties", lambda number: SimpleNamespace(name="H", total_memory=80e9)
    )
    assert checkup.devices().found == "H (80 GB), H (80 GB) (trainer=gpu)"


def test_more_threads_than_processors_are_a_problem(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1})
    monkeypatch.setattr(torch, "get_num_threads", lambda: 8)

    assert checkup.threads().advice == "set OMP_NUM_THREADS=2"


@pytest.mark.parametrize(
    ("bound", "problem"), [("64", ""), ("0.5", "a training takes"), ("much", "REMANENCE_MEMORY: ")]
)
def test_too_little_memory_and_a_wrong_bound_are_problems(monkeypatch, bound, problem):
    monkeypatch.setenv("REMANENCE_MEMORY", bound)

    found = checkup.memory()

    assert found.problem.startswith(problem)
    assert bool(found.problem) == bool(found.advice) == bool(problem)


def test_outputs_that_cannot_be_written_to_or_are_a_file_or_a_full_disk_are_problems(monkeypatch, tmp_path):
    assert checkup.outputs(tmp_path).problem == ""
    assert "(not there yet; the first run makes it)" in checkup.outputs(tmp_path / "new").found

    (tmp_path / "file").touch()
    assert checkup.outputs(tmp_path / "file" / "outputs").problem == f"{tmp_path / 'file'} is a file"

    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK and may(path, mode))
    closed = checkup.outputs(tmp_path)
    assert closed.problem.startswith(f"paths.outputs: {tmp_path} belongs to ")
    assert closed.advice == "set REMANENCE_OUTPUTS=<a folder of your own>"

    monkeypatch.setattr(os, "access", may)
    monkeypatch.setattr(checkup.shutil, "disk_usage", lambda path: SimpleNamespace(free=5e6))
    assert (checkup.outputs(tmp_path).found, checkup.outputs(tmp_path).problem) == (
        f"{tmp_path}, 5.0 MB free",
        "a full disk ends runs",
    )


def test_the_cache_says_its_size_and_whether_it_can_be_written_to(monkeypatch, tmp_path):
    monkeypatch.setenv("REMANENCE_DATA_DIR", str(tmp_path))
    (tmp_path / "file").write_bytes(bytes(2_000_000))

    assert checkup.cache().found == f"{tmp_path}, 2.0 MB in 1 files"
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    assert checkup.cache().advice == "set REMANENCE_DATA_DIR=<a folder of your own>"
