"""Where a run comes from: commit, uncommitted changes, packages, machine."""

import platform
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib import metadata


@dataclass(frozen=True)
class GitState:
    """State of the repository around the working directory."""

    commit: str
    dirty: bool
    diff: str
    """Uncommitted changes of tracked files, as a patch."""


@cache  # the code in memory does not change between the jobs of a sweep
def git_state(folder: str) -> GitState | None:
    """Return the state of the repository that holds ``folder``; None outside a repository or without git."""
    try:
        commit = _git(folder, "rev-parse", "HEAD").strip()
        status = _git(folder, "status", "--porcelain")
        return GitState(commit, bool(status.strip()), _git(folder, "diff", "HEAD"))
    except (OSError, subprocess.SubprocessError):
        return None


@cache
def environment() -> str:
    """Return the versions of Python, the platform, CUDA and every installed package, one per line."""
    import torch

    packages = sorted({_name_and_version(entry) for entry in metadata.distributions()}, key=str.lower)
    machine = [f"# Python {platform.python_version()}, {platform.platform()}", f"# CUDA {torch.version.cuda or 'none'}"]
    return "\n".join([*machine, *packages]) + "\n"


def _name_and_version(entry: metadata.Distribution) -> str:
    """Return what a package says of itself.

    ``entry.metadata`` reads the same file as an e-mail, with the whole description of the package as its body, which
    takes ten times as long for all packages.
    """
    head = (entry.read_text("METADATA") or entry.read_text("PKG-INFO") or "").partition("\n\n")[0]
    name, version = (re.search(rf"^{field}:[ \t]*(\S.*)$", head, re.MULTILINE) for field in ("Name", "Version"))
    if name is None or version is None:
        described = entry.metadata
        return f"{described['Name']}=={described['Version']}"
    return f"{name[1]}=={version[1]}"


def _git(folder: str, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", folder, *arguments], capture_output=True, text=True, errors="replace", timeout=20, check=True
    )
    return done.stdout
