from types import SimpleNamespace

import pytest

from remanence.reproduction.run_differences import Code, code_of, run_differences

COMMITS = "a" * 40, "b" * 40
PATCH = "--- a/own.py\n+++ b/own.py\n+c = 3\n-d = 4\n"


class Files:
    """Texts by the id of the run and their name."""

    def __init__(self, folder, texts):
        self.folder, self.texts = folder, texts

    def names(self, run, folder, ending):
        return sorted(name for run_id, name in self.texts if run_id == run.info.run_id and name.endswith(ending))

    def path(self, run, name):
        if (run.info.run_id, name) not in self.texts:
            return None
        path = self.folder / f"{run.info.run_id}-{name}"
        path.write_text(self.texts[run.info.run_id, name])
        return path


def run(run_id, *, digest="d1", tags=None, metrics=None, **params):
    dataset = SimpleNamespace(
        name="mine.csv", digest=digest, source=f"{{sha256: {digest}, location: /x}}", source_type="local"
    )
    found = SimpleNamespace(
        info=SimpleNamespace(run_id=run_id, run_name=run_id, status="FINISHED", start_time=0, artifact_uri=""),
        data=SimpleNamespace(params=params, metrics=metrics or {}, tags=tags or {}),
        inputs=SimpleNamespace(dataset_inputs=[SimpleNamespace(dataset=dataset, tags=[])]),
    )
    return SimpleNamespace(found=found, id=run_id, name=run_id)


def differences(one, other, files, code=None):
    table = run_differences(one, other, files, Code(("", ""), None) if code is None else code)
    return {(row["part"], row["what"]): (row["first"], row["second"]) for row in table.to_dict("records")}


@pytest.fixture
def nothing(tmp_path):
    return Files(tmp_path, {})


def test_only_keys_that_differ_are_told_and_a_younger_key_counts_as_it_was(nothing):
    one = run("one", **{"model.lr": "0.1", "seed": "0"})
    other = run("other", **{"model.lr": "0.2", "seed": "0", "trainer.profile": "False", "trainer.max_epochs": "3"})
    one.found.data.params["trainer.max_epochs"] = "3"

    found = differences(one, other, nothing)

    assert {key: value for key, value in found.items() if key[0] == "configuration"} == {
        ("configuration", "model.lr"): ("0.1", "0.2")
    }


def test_data_that_changed_are_told_by_their_digests_and_rows(nothing):
    measured = "remanence.measured"

    found = differences(
        run("one", tags={measured: '{"rows": 30}'}), run("other", digest="d2", tags={measured: "[no json"}), nothing
    )

    assert found["data", "mine.csv, SHA-256"] == ("d1", "d2")
    assert found["data", "rows"] == ("30", "–")


def test_versions_are_those_of_the_last_part(tmp_path):
    texts = {
        ("one", "environment.txt"): "# Python 3.11.7, Linux\ntorch==2.9.1\nnumpy==2.0.1\n",
        ("other", "environment.txt"): "# Python 3.11.7, Linux\ntorch==1.0\nnumpy==2.0.1\n",
        ("other", "environment.resumed-2.txt"): "# Python 3.12.1, Linux\ntorch==2.9.1\nnumpy==2.0.1\nown==1\n",
        ("other", "environment.resumed-10.txt"): "# Python 3.12.2, Linux\ntorch==2.9.1\nnumpy==2.0.1\nown==2\n",
    }

    found = differences(run("one"), run("other"), Files(tmp_path, texts))

    versions = {what: value for (part, what), value in found.items() if part == "versions"}
    assert versions == {"Python": ("3.11.7", "3.12.2"), "own": ("–", "2")}


def test_code_is_told_by_commit_and_lines(tmp_path):
    commits = [{"mlflow.source.git.commit": commit} for commit in COMMITS]
    one, other = run("one", tags=commits[0]), run("other", tags=commits[1])
    files = Files(tmp_path, {("other", "git.diff"): PATCH})

    code = code_of(one, other, files)
    found = differences(one, other, files, code)

    assert code == Code(("", PATCH), None)  # nobody has these commits
    assert found["code", "commit"] == ("a" * 10, "b" * 10)
    assert found["code", "uncommitted lines"] == ("0", "2")


def test_what_was_not_recorded_is_not_said_to_be_the_same(nothing):
    found = differences(run("one", tags={"mlflow.source.git.commit": "--help"}), run("other"), nothing)

    assert found["code", "commit"] == ("not recorded", "not recorded")
    assert found["versions", "environment.txt"] == ("not recorded", "not recorded")


def test_metrics_stand_beside_each_other_without_times_and_baselines(nothing):
    first = {"test/mae": 2.0, "fit_seconds": 3.0, "baseline/pca/test/mae": 1.0}

    one, other = run("one", metrics=first), run("other", metrics={"test/r2": 0.5})
    table = run_differences(one, other, nothing, Code(("", ""), None))

    metrics = table[table["part"] == "metrics"]
    assert sorted(metrics["what"]) == ["test/mae", "test/r2"]
    assert metrics["difference"].isna().all()
