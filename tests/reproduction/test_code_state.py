"""Which code makes a run again, in a small repository."""

import subprocess
from dataclasses import replace

import pytest

from remanence.errors import ConfigurationError
from remanence.reproduction.code_state import CodePlan, between, changed_lines, check_out, plan_code
from remanence.reproduction.original import Original
from remanence.tracking.provenance import git_state


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with two commits, which is the working directory; return a function that runs git in it."""
    folder = tmp_path / "lab"
    folder.mkdir()

    def git(*arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
        git_state.cache_clear()
        return done.stdout.strip()

    git("init", "--quiet", "--initial-branch=main")
    for number in (1, 2):
        (folder / "net.py").write_text(f"number = {number}\n")
        git("add", "net.py")
        git("commit", "--quiet", "-m", f"{number}")
    monkeypatch.chdir(folder)
    git_state.cache_clear()
    yield git
    git_state.cache_clear()


@pytest.fixture
def first(repository):
    """A run of the first commit, with a class of its own."""
    config = {"model": {"_target_": "net.Net"}, "baselines": {}}
    return Original("0" * 32, "mine", config, {}, "", "", repository("rev-parse", "HEAD~1"), ())


DIFF = "diff --git a/net.py b/net.py\n--- a/net.py\n+++ b/net.py\n@@ -1 +1 @@\n-number = 1\n+number = 7\n"


def test_a_commit_of_the_history_is_checked_out_beside_the_repository(first, repository, tmp_path):
    plan = plan_code(first, None)
    code = check_out(plan, first.commit, tmp_path / "place")

    assert plan.lines == (f"code: commit {first.commit[:10]} of {tmp_path}/lab",)
    assert (code / "net.py").read_text() == "number = 1\n"
    assert (tmp_path / "lab" / "net.py").read_text() == "number = 2\n"
    assert repository("worktree", "list").count("\n") == 0


def test_uncommitted_changes_are_applied_only_if_the_user_says_so(first, tmp_path):
    changed = replace(first, diff=DIFF)

    plan, applied = plan_code(changed, None), plan_code(changed, "apply")
    code = check_out(applied, first.commit, tmp_path / "place")

    assert plan.diff == ""
    assert plan.lines[0].endswith("; 2 uncommitted lines are not applied: code=apply applies them")
    assert applied.lines[0].endswith(" with 2 uncommitted lines applied")
    assert (code / "net.py").read_text() == "number = 7\n"


@pytest.mark.parametrize("path", ["../../out.py", ".git/hooks/post-checkout"])
def test_changes_that_lead_out_of_the_checkout_are_refused(first, tmp_path, path):
    foreign = f"diff --git a/{path} b/{path}\nnew file mode 100755\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n"

    with pytest.raises(ConfigurationError, match=r"code: git apply: error: invalid path"):
        check_out(CodePlan(tmp_path / "lab", foreign, ()), first.commit, tmp_path / "place")


def test_a_commit_that_is_not_in_the_history_needs_the_users_word(first, repository):
    repository("checkout", "--quiet", "--orphan", "other")
    repository("commit", "--quiet", "-m", "other")
    foreign = replace(first, commit=repository("rev-parse", "HEAD"))
    repository("checkout", "--quiet", "main")

    assert plan_code(foreign, None).top is None
    assert "the installed code runs; the run was made in commit" in plan_code(foreign, None).lines[0]
    with pytest.raises(ConfigurationError, match=r"is not in the history of .*; code=apply runs it all the same"):
        plan_code(foreign, "commit")
    assert plan_code(foreign, "apply").top is not None


def test_what_is_as_recorded_runs_as_it_is(first, repository):
    same = replace(first, commit=repository("rev-parse", "HEAD"))

    assert plan_code(same, None) == CodePlan(None, "", (f"code: commit {same.commit[:10]}, as recorded",))


def test_the_commit_of_a_repository_that_holds_no_code_of_the_run_is_only_told(first):
    plan = plan_code(replace(first, config={"model": {"_target_": "remanence.models.dnn.DNN"}}), None)

    assert plan.top is None
    assert plan.lines[0].startswith("code: the installed code runs; the run was made in commit")


def test_outside_a_repository_the_installed_code_runs(first, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert plan_code(replace(first, commit=None), None).lines == (
        "code: the run has recorded no commit; the installed code runs",
    )
    assert plan_code(first, None).lines[0].endswith(", here is no repository")
    with pytest.raises(ConfigurationError, match=r"code=apply: this folder is in no repository; code=installed runs"):
        plan_code(first, "apply")


def test_the_patch_between_two_commits_is_that_of_this_repository(repository):
    first, second = repository("rev-parse", "HEAD~1"), repository("rev-parse", "HEAD")

    patch = between(first, second)

    assert patch.startswith("diff --git")
    assert changed_lines(patch) > 0
    assert between(first, "f" * 40) is None
