"""The code that a run was made with, and the code that makes it again."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from remanence.errors import ConfigurationError
from remanence.reproduction.fresh_environment import is_package
from remanence.reproduction.original import Original
from remanence.tracking.provenance import git_state

CHOICES = ("installed", "commit", "apply")
DIGITS = 10
"""Digits of a commit that are shown."""


@dataclass(frozen=True)
class CodePlan:
    """Which code makes a run again."""

    top: Path | None
    """Repository whose recorded commit is checked out; None if the installed code runs."""
    diff: str
    """Uncommitted changes that are applied; empty if none are."""
    lines: tuple[str, ...]
    """What a user is told."""


def plan_code(original: Original, choice: str | None) -> CodePlan:
    """Return which code makes a run again.

    Code that somebody else names is never run by itself. The recorded commit is checked out if it is in the history of
    what is checked out here, so that this user has had it before; any other commit, and uncommitted changes, only with
    ``code=apply``.

    Args:
        original: the run.
        choice: one of ``CHOICES``; None takes the commit if it is in the history, and the installed code otherwise.

    Raises:
        ConfigurationError: if the choice cannot be met.
    """
    here = git_state(os.getcwd())
    top = _top() if here is not None else None
    commit, diff = original.commit, original.diff
    shown = "" if commit is None else f"commit {commit[:DIGITS]}"
    is_same = here is not None and here.commit == commit and here.diff == diff
    told = [] if commit is not None or is_same else ["code: the run has recorded no commit; the installed code runs"]
    if choice == "installed" or (choice is None and (commit is None or is_same)):
        if commit is not None:
            told.append(f"code: {shown}, as recorded" if is_same else f"code: {_differs(original, here)}")
        return CodePlan(None, "", tuple(told))
    known = top is not None and commit is not None and _git(top, "cat-file", "-e", f"{commit}^{{commit}}")
    own = known and top is not None and _git(top, "merge-base", "--is-ancestor", str(commit), "HEAD")
    if choice is not None and not known:
        where = "this folder is in no repository" if top is None else f"{top} has no {shown or 'recorded commit'}"
        raise ConfigurationError(f"code={choice}: {where}; code=installed runs the installed code")
    if choice == "apply":
        changes = f" with {_count(diff)} applied" if diff else ""
        return CodePlan(top, diff, (f"code: {shown} of {top}{changes}",))
    if choice == "commit" and not own:
        raise ConfigurationError(
            f"code=commit: {shown} is not in the history of {top}; code=apply runs it all the same"
        )
    if own and (choice == "commit" or (top is not None and (is_package(top) or _foreign(original.config)))):
        left = f"; {_count(diff)} are not applied: code=apply applies them" if diff else ""
        return CodePlan(top, "", (f"code: {shown} of {top}{left}",))
    return CodePlan(None, "", (f"code: {_differs(original, here)}",))


def check_out(plan: CodePlan, commit: str, folder: Path) -> Path:
    """Return a copy of a repository at a commit, with the uncommitted changes of the plan, in an empty folder.

    The repository itself is only read.

    Raises:
        ConfigurationError: if the changes do not fit.
    """
    target = folder / "code"
    _must("clone", "git", "clone", "--quiet", "--shared", "--no-checkout", str(plan.top), str(target))
    _must("checkout", "git", "-C", str(target), "checkout", "--quiet", "--detach", commit)
    if plan.diff:
        changes = folder / "recorded.diff"
        changes.write_text(plan.diff, encoding="utf-8")
        _must("apply", "git", "-C", str(target), "apply", str(changes))  # git leaves no file outside of it
    return target


def _differs(original: Original, here: object) -> str:
    commit = "no commit" if original.commit is None else f"commit {original.commit[:DIGITS]}"
    now = f"commit {getattr(here, 'commit', '')[:DIGITS]}" if here is not None else "no repository"
    if original.commit is not None and getattr(here, "commit", None) == original.commit:
        now = "the same commit with other uncommitted changes"
    changes = f" and {_count(original.diff)}" if original.diff else ""
    return f"the installed code runs; the run was made in {commit}{changes}, here is {now}"


def changed_lines(diff: str) -> int:
    """Return how many lines a patch adds and removes."""
    return sum(line[:1] in "+-" and line[:3] not in ("+++", "---") for line in diff.splitlines() if line)


def between(first: str, second: str) -> str | None:
    """Return the patch from one commit to another; None if the repository of this folder does not have both.

    Args:
        first: a commit, as ``original.COMMIT`` matches it.
        second: likewise.
    """
    top = _top()
    if top is None or not all(_git(top, "cat-file", "-e", f"{each}^{{commit}}") for each in (first, second)):
        return None
    plain = ("--no-ext-diff", "--no-textconv", "--no-color")  # the patch is text, and runs nobody's program
    done = subprocess.run(
        ["git", "-C", str(top), "diff", *plain, first, second], capture_output=True, text=True, errors="replace"
    )
    return done.stdout if done.returncode == 0 else None


def _count(diff: str) -> str:
    return f"{changed_lines(diff)} uncommitted lines"


def _foreign(node: object) -> bool:
    """Return whether a configuration names a class outside the package."""
    if isinstance(node, dict):
        own = node.get("_target_")
        return (isinstance(own, str) and not own.startswith("remanence.")) or any(map(_foreign, node.values()))
    return isinstance(node, list) and any(map(_foreign, node))


def _top() -> Path | None:
    done = subprocess.run(["git", "rev-parse", "--show-toplevel"], capture_output=True, text=True, check=False)
    return Path(done.stdout.strip()) if done.returncode == 0 else None


def _git(top: Path, *arguments: str) -> bool:
    return subprocess.run(["git", "-C", str(top), *arguments], capture_output=True, check=False).returncode == 0


def _must(what: str, *command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise ConfigurationError(f"code: git {what}: {lines[0]}")
