"""What ``remanence doctor`` looks at: each check says what is there, what is wrong with it, and what to do."""

import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from remanence.errors import UserError
from remanence.foundation.cache_folder import VARIABLE, cache_folder
from remanence.foundation.cores import allowed_cores

PACKAGES = ("torch", "pytorch-lightning", "mlflow", "hydra-core", "optuna")
TESTED_PYTHON = ((3, 11), (3, 14))
"""First and last version of Python that the tests run on."""
LEAST_FREE = 1e9
"""Bytes of free disk, and of free memory, below which runs fail sooner or later."""

NOT_YET = " (not there yet; the first run makes it)"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    found: str
    problem: str = ""
    """What is wrong; empty if nothing is."""
    advice: str = ""
    """What to do about it."""


def versions() -> Iterator[Check]:
    """Yield Python and the packages that a run stands on, compared with the ranges that remanence declares."""
    from packaging.requirements import Requirement

    first, last = TESTED_PYTHON
    found = tuple(map(int, platform.python_version_tuple()[:2]))
    tested = f"{first[0]}.{first[1]} to {last[0]}.{last[1]}"
    is_tested = first <= found <= last
    yield Check(
        "python",
        platform.python_version(),
        "" if is_tested else f"tests run on {tested}",
        "" if is_tested else f"use a Python of {tested}",
    )
    declared = {need.name: need for need in map(Requirement, _declared()) if need.marker is None}
    for name in PACKAGES:
        need = declared.get(name)
        wanted = f"{name}{need.specifier}" if need is not None else name
        try:
            there = version(name)
        except PackageNotFoundError:
            yield Check(name, "not installed", "nothing works without it", f"pip install '{wanted}'")
            continue
        fits = need is None or need.specifier.contains(there, prereleases=True)
        problem = "" if fits else f"outside the tested range {need.specifier if need else ''}"
        yield Check(name, there, problem, "" if fits else f"pip install '{wanted}'")


def _declared() -> list[str]:
    try:
        return requires("remanence") or []
    except PackageNotFoundError:  # the sources are used without being installed
        return []


def devices() -> Check:
    """Return the GPUs, and whether torch can use them."""
    import torch

    if torch.cuda.is_available():
        named = [torch.cuda.get_device_properties(number) for number in range(torch.cuda.device_count())]
        gpus = ", ".join(f"{gpu.name} ({gpu.total_memory / 1e9:.0f} GB)" for gpu in named)
        return Check("devices", f"{gpus} (trainer=gpu)")
    if torch.backends.mps.is_available():
        return Check("devices", "GPU of this Mac (trainer=gpu)")
    if Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi"):
        build = f"built for CUDA {torch.version.cuda}" if torch.version.cuda else "a build for CPUs"
        advice = "install the torch that pytorch.org names for the CUDA version that nvidia-smi prints"
        return Check("devices", "CPU", f"there is an NVIDIA GPU, and torch, {build}, cannot use it", advice)
    return Check("devices", "CPU, no GPU: networks train on the processors (trainer=default)")


def threads() -> Check:
    """Return the threads of torch, and the processors that this process may use."""
    import torch

    processors = allowed_cores()
    number = torch.get_num_threads()
    found = f"{number} of torch, on {processors} of {os.cpu_count()} processors"
    if number > processors:
        return Check(
            "threads", found, "more threads than processors wait for each other", f"set OMP_NUM_THREADS={processors}"
        )
    return Check("threads", found)


def memory() -> Check:
    """Return the free memory, or the bound that ``REMANENCE_MEMORY`` sets."""
    import psutil

    from remanence.data.declared_size import free_memory

    try:
        free = free_memory()
    except UserError as error:
        return Check("memory", os.environ.get("REMANENCE_MEMORY", ""), str(error), "leave REMANENCE_MEMORY out")
    found = f"{free / 1e9:.1f} GB free of {psutil.virtual_memory().total / 1e9:.1f}"
    problem = "a training takes about half a gigabyte for each process" if free < LEAST_FREE else ""
    return Check("memory", found, problem, "end other programs, or train fewer at a time (n_jobs)" if problem else "")


def outputs(folder: Path) -> Check:
    """Return where runs are written, whether this user may write there, and the free disk."""
    from remanence.tracking.writable import check_outputs

    there = next(each for each in [folder.absolute(), *folder.absolute().parents] if each.exists())
    free = float(shutil.disk_usage(there).free)
    found = f"{folder.absolute()}{'' if folder.exists() else NOT_YET}, {_size(free)} free"
    if not there.is_dir():
        return Check("outputs", found, f"{there} is a file", "set REMANENCE_OUTPUTS=<a folder of your own>")
    try:
        check_outputs(folder)
    except UserError as error:
        what, _, advice = str(error).partition("; to write, ")
        return Check("outputs", found, what, advice)
    if free < LEAST_FREE:
        return Check("outputs", found, "a full disk ends runs", "remanence clean lists what no run needs any more")
    return Check("outputs", found)


def cache() -> Check:
    """Return where fetched files are kept, and how much they take."""
    from remanence.tracking.writable import is_writable

    folder = cache_folder()
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
    found = f"{folder}, {_size(sum(path.stat().st_size for path in files))} in {len(files)} files"
    if is_writable(folder):
        return Check("cache", found)
    return Check(
        "cache", found, "cannot be written to: nothing can be fetched", f"set {VARIABLE}=<a folder of your own>"
    )


def _size(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
