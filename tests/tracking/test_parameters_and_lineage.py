import hashlib
import subprocess
from types import SimpleNamespace

import pytest
import torch
import yaml
from mlflow.exceptions import MlflowException

from remanence.tracking.delivery import deliver
from remanence.tracking.limits import PARAMETER_LENGTH
from remanence.tracking.parameters import config_hash, parameters


def test_parameters_are_flat_and_leave_out_where_the_run_is_recorded():
    cfg = {"model": {"lr": 0.1, "hidden": [8, 8]}, "data": {"units": {}}, "paths": {"outputs": "x"}, "name": "n"}

    assert parameters(cfg) == {"model.lr": "0.1", "model.hidden": "[8, 8]", "data.units": "{}"}


def test_the_same_computation_has_the_same_hash_wherever_it_is_recorded():
    cfg = {"seed": 0, "model": {"lr": 0.1}, "tracking": {"uri": None}}

    assert config_hash(cfg) == config_hash({**cfg, "tracking": {"uri": "http://x"}, "paths": {"outputs": "y"}})
    assert config_hash(cfg) == config_hash({**cfg, "figure_format": ["pdf"], "figure_style": "my.mplstyle"})
    assert config_hash(cfg) != config_hash({**cfg, "seed": 1})


@pytest.mark.parametrize(("length", "kept"), [(251, 251), (5000, 5000), (6000, 6000), (7000, 6000)])
def test_long_parameters_are_kept_up_to_the_limit_of_mlflow(train, table, length, kept):
    columns = {f"c{index}": [float(row * (index + 1) % 31) for row in range(30)] for index in range(3)}
    columns["c" * (length - len("['']"))] = [row % 11 for row in range(30)]
    named = ",".join(list(columns)[3:])

    run = train(
        f"data.path={table(**columns)}", "data.target=d33", f"data.features=[{named}]", "model=linear",
        "~baselines.random_forest", experiment="piezo/table",
    )  # fmt: skip

    value = run.data.params["data.features"]
    assert len(value) == kept <= PARAMETER_LENGTH
    assert value.endswith("…" if length > kept else "']")


def test_more_parameters_than_one_call_takes_are_all_logged(train):
    units = ",".join(f"u{index}: m" for index in range(150))

    run = train(f"+data.units={{{units}}}", "model=linear", "~baselines.random_forest")

    assert len([key for key in run.data.params if key.startswith("data.units.u")]) == 150


def test_a_unit_of_a_column_with_an_odd_name_becomes_a_valid_parameter(train, table):
    path = table(**{"d33 (pC/N)": range(30)})

    run = train(
        f"data.path={path}", "data.target=d33 (pC/N)", "data.features=[x]", r"+data.units={d33 \(pC/N\): pC/N}",
        "model=linear", "~baselines.random_forest", experiment="piezo/table",
    )  # fmt: skip

    assert run.data.params["data.units.d33 _pC/N_"] == "pC/N"


def test_the_stored_configuration_is_what_was_run(train, artifact):
    run = train("seed=3", "model=random_forest", "model.n_estimators=7")

    stored = yaml.safe_load(artifact(run, "config.yaml").read_text(encoding="utf-8"))
    assert stored["seed"] == 3
    assert stored["model"] == {
        "_target_": "remanence.models.random_forest.RandomForest",
        "n_estimators": 7,
        "max_depth": None,
        "min_samples_leaf": 1,
        "depths": None,
        "shares": None,
        "seed": 3,
    }
    assert "paths" not in stored
    assert {key: value for key, value in parameters(stored).items() if key in run.data.params} == run.data.params


def test_the_file_is_a_dataset_input_under_its_content_hash(train, table):
    path = table("räume.csv")

    run = train(f"data.path={path}", "data.target=d33", "data.features=[x]", "model=linear", experiment="piezo/table")

    (entry,) = run.inputs.dataset_inputs
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (entry.dataset.name, entry.dataset.source_type) == ("räume.csv", "local")
    assert entry.dataset.digest == digest[:32]
    assert yaml.safe_load(entry.dataset.source) == {"location": str(path), "sha256": digest}
    assert run.data.tags["remanence.synthetic"] == "false"


def test_simulated_rows_are_marked_and_hashed_by_content(train):
    runs = [train("model=linear", "data.noise=2"), train("model=linear", "data.noise=2"), train("model=linear")]

    digests = [run.inputs.dataset_inputs[0].dataset.digest for run in runs]
    assert digests[0] == digests[1] != digests[2]
    assert {run.data.tags["remanence.synthetic"] for run in runs} == {"true"}
    assert {run.inputs.dataset_inputs[0].dataset.source_type for run in runs} == {"simulated"}


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """The working directory: a repository with one commit."""
    folder = tmp_path / "repository"
    folder.mkdir()

    def git(*arguments):
        identity = ("-c", "user.name=A", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
        done = subprocess.run(["git", *identity, "-C", folder, *arguments], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    git("init", "-q")
    (folder / "notes.txt").write_text("first\n")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    monkeypatch.chdir(folder)
    return folder, git


@pytest.mark.parametrize(("content", "dirty"), [("first\n", "false"), ("second\n", "true")])
def test_commit_and_uncommitted_changes_are_recorded(train, client, artifact, repository, content, dirty):
    folder, git = repository
    (folder / "notes.txt").write_text(content)

    run = train("model=linear")

    assert run.data.tags["mlflow.source.git.commit"] == git("rev-parse", "HEAD")
    assert run.data.tags["remanence.git.dirty"] == dirty
    assert ("git.diff" in [entry.path for entry in client.list_artifacts(run.info.run_id)]) == (dirty == "true")
    if dirty == "true":
        assert "+second" in artifact(run, "git.diff").read_text()


def test_outside_a_repository_nothing_is_claimed(train, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    tags = train("model=linear").data.tags

    assert "mlflow.source.git.commit" not in tags
    assert "remanence.git.dirty" not in tags


def test_the_command_and_the_packages_are_recorded(train, artifact):
    run = train("model=linear", "+tracking.tags={batch: third}")

    assert run.data.tags["mlflow.source.name"].startswith("remanence train experiment=piezo/single ")
    assert run.data.tags["batch"] == "third"
    packages = artifact(run, "environment.txt").read_text().splitlines()
    assert f"torch=={torch.__version__.split('+')[0]}" in [line.split("+")[0] for line in packages]


def test_system_metrics_are_sampled_only_on_request(train, monkeypatch):
    monkeypatch.setenv("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL", "0.05")

    def sampled(run):
        return [key for key in run.data.metrics if key.startswith("system/")]

    assert not sampled(train("model=linear"))
    assert sampled(train("model=linear", "tracking.system_metrics=true"))


@pytest.mark.parametrize(("refusals", "logged"), [(0, True), (2, True), (3, False)])
def test_a_dataset_that_another_run_inserts_meanwhile_is_tried_again(refusals, logged, tmp_path):
    answers = [MlflowException("UNIQUE constraint failed: datasets.name")] * refusals + [None] * 3

    class Client:
        def log_inputs(self, *_):
            answer = answers.pop(0)
            if answer is not None:
                raise answer

    if logged:
        deliver(Client(), tmp_path, {"call": "log_inputs", "run_id": "run", "datasets": []})
        assert len(answers) == 2
    else:
        with pytest.raises(MlflowException, match="UNIQUE"):
            deliver(Client(), tmp_path, {"call": "log_inputs", "run_id": "run", "datasets": []})


def test_files_are_stored_by_absolute_paths_but_change_neither_parameters_nor_hash(monkeypatch, tmp_path):
    from remanence.tracking.stored_configuration import stored_configuration

    monkeypatch.chdir(tmp_path)
    data = {"path": "a.csv", "dir": None, "units": {"path": "nm"}, "tables": {"atoms": {"path": "b.csv"}}}
    plain = {"data": data, "tracking": {"uri": "x"}, "sweep": {}}
    cfg = SimpleNamespace(plain=plain, file_keys={"data.path", "data.dir", "data.tables.atoms.path"})

    stored = yaml.safe_load(stored_configuration(cfg))["data"]

    assert stored["path"] == str(tmp_path / "a.csv")
    assert (stored["dir"], stored["units"]) == (None, {"path": "nm"})
    assert stored["tables"] == {"atoms": {"path": str(tmp_path / "b.csv")}}
    assert parameters(plain)["data.path"] == "a.csv"


@pytest.mark.parametrize(
    "argv",
    [
        ["/usr/bin/remanence", "train", "resume=abc"],
        ["remanence train resume=abc", "internal='quoted'"],
    ],
)
def test_the_command_is_tagged_as_it_was_typed(monkeypatch, argv):
    from remanence.tracking.first_tags import provenance_tags

    monkeypatch.setattr("sys.argv", argv)

    assert provenance_tags()["mlflow.source.name"] == "remanence train resume=abc"


def test_paths_are_tagged_without_the_quotes_that_hydra_needs(train, table):
    path = table("a=b.csv")

    run = train(f"data.path={path}", "data.target=d33", "data.features=[x]", "model=linear", experiment="piezo/table")

    assert f" data.path={path} " in run.data.tags["mlflow.source.name"]


def test_a_user_without_a_name_is_known_by_number(monkeypatch):
    import os

    from remanence.tracking import first_tags

    def nobody():
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(first_tags.getpass, "getuser", nobody)

    assert first_tags.provenance_tags()["mlflow.user"] == str(os.getuid())


def test_tables_of_one_name_in_several_folders_are_told_apart():
    from types import SimpleNamespace

    from remanence.data.source import Source
    from remanence.errors import DataError
    from remanence.tracking.reentry import check_unchanged

    sources = [Source("t.csv", f"/{folder}/t.csv", digit * 64, "local") for folder, digit in (("a", "1"), ("b", "2"))]
    read = [SimpleNamespace(dataset=SimpleNamespace(name="t.csv", digest=digit * 32)) for digit in "12"]
    found = SimpleNamespace(info=SimpleNamespace(run_id="r"), inputs=SimpleNamespace(dataset_inputs=read))

    check_unchanged(found, sources)
    with pytest.raises(DataError, match=r"/b/t\.csv: has changed since run r read it .*; bring the file back$"):
        check_unchanged(found, [Source("t.csv", "/b/t.csv", "3" * 64, "local")])
