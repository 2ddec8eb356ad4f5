"""The environment and the uncommitted changes of each part of a run, which may be resumed with others."""

import os
import re
from pathlib import PurePath

from remanence.tracking.patience import tell
from remanence.tracking.provenance import environment, git_state
from remanence.tracking.run import Run

ENVIRONMENT, CHANGES = "environment.txt", "git.diff"
LATER_PART = re.compile(r"\.resumed-(\d+)\.")
NUMBERS_DEPEND_ON = (
    *("Python", "CUDA", "torch", "pytorch-lightning", "lightning", "numpy", "scipy", "scikit-learn", "xgboost"),
    *("pandas", "remanence"),
)
"""Names whose other version is told to whoever resumes a run."""


def log_environment(run: Run, *, resumed: bool) -> None:
    """Log the installed packages and the uncommitted changes of the code.

    A run that is resumed keeps what its first part logged. What differs since then is written beside it, such as
    ``environment.resumed-1.txt``, and other versions of what the numbers depend on are told in one line.
    """
    git = git_state(os.getcwd())
    now = {ENVIRONMENT: environment(), CHANGES: git.diff if git is not None else ""}
    if not resumed or run.stored_file(ENVIRONMENT) is None:
        for name, text in now.items():
            if text:
                run.log_text(text, name)
        return
    for name, text in now.items():
        before, number = _last(run, name)
        if text == before:
            continue
        run.log_text(text, _of_part(name, number))
        if changed := changed_versions(before, text) if name == ENVIRONMENT else []:
            tell(f"run {run.id} goes on with other versions: {', '.join(changed)}")


def _last(run: Run, name: str) -> tuple[str, int]:
    """Return the text that the last part wrote, and the number of the next one; a part without changes wrote none."""
    text, number = "", 0
    while (path := run.stored_file(_of_part(name, number) if number else name)) is not None or not number:
        text, number = path.read_text(encoding="utf-8") if path is not None else text, number + 1
    return text, number


def last_of_part(run: Run, name: str) -> str:
    """Return the text that the last part of a run has logged, such as of ``environment.txt``; empty if none has."""
    return _last(run, name)[0]


def _of_part(name: str, number: int) -> str:
    path = PurePath(name)
    return f"{path.stem}.resumed-{number}{path.suffix}"


def number_of_part(name: str) -> int:
    """Return which part of a run has logged a file; 0 for the first.

    >>> number_of_part("environment.txt"), number_of_part("git.resumed-12.diff")
    (0, 12)
    """
    found = LATER_PART.search(name)
    return int(found[1]) if found else 0


def changed_versions(before: str, now: str) -> list[str]:
    r"""Return what differs between two texts of ``environment``, of the versions that numbers depend on.

    >>> changed_versions("# Python 3.11.7, Linux\ntorch==2.9.1\n", "# Python 3.11.7, Linux\ntorch==2.10.0\n")
    ['torch 2.9.1 → 2.10.0']
    """
    old, new = versions_of(before), versions_of(now)
    return [
        f"{name} {old[name]} → {new.get(name, 'none')}"
        for name in NUMBERS_DEPEND_ON
        if name in old and old[name] != new.get(name)
    ]


def versions_of(text: str) -> dict[str, str]:
    """Return name to version of a text of ``environment``: of packages, and of what the comments above them name."""
    above = re.findall(r"^# (Python|CUDA) ([^\s,]+)", text, re.MULTILINE)
    return dict(above) | dict(re.findall(r"^([^#\s=]+)==(.*)$", text, re.MULTILINE))
