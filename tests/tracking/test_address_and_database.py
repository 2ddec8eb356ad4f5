import gc
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient
from sqlalchemy.engine.default import DefaultDialect

from remanence.configuration.compose import compose
from remanence.tracking import database
from remanence.tracking.address import argument_without_secrets, sqlite_path, tracking_uri, without_secrets
from remanence.tracking.database import connect


def test_the_configured_address_wins_over_the_environment_and_that_over_the_default(monkeypatch, tmp_path):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert tracking_uri(None, tmp_path) == f"sqlite:///{tmp_path}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://server")
    assert tracking_uri(None, tmp_path) == "http://server"
    assert tracking_uri("http://other", tmp_path) == "http://other"


@pytest.mark.parametrize("how", ["tracking.uri", "MLFLOW_TRACKING_URI"])
def test_a_run_is_recorded_where_the_user_says(command, all_runs, fresh_database, tmp_path, monkeypatch, how):
    address = f"sqlite:///{tmp_path}/elsewhere.db"
    shutil.copy(fresh_database, sqlite_path(address))
    if how == "MLFLOW_TRACKING_URI":
        monkeypatch.setenv(how, address)

    told = [f"tracking.uri={address}"] if how == "tracking.uri" else []
    result = command(
        "train", "experiment=piezo/single", "data.replicates=4", "model=linear", "~baselines.random_forest", *told
    )

    assert result.code == 0, result.err
    assert all_runs() == []
    elsewhere = MlflowClient(address)
    (run,) = elsewhere.search_runs([elsewhere.get_experiment_by_name("piezo").experiment_id])
    assert run.info.status == "FINISHED"


@pytest.mark.parametrize("how", ["tracking.uri", "MLFLOW_TRACKING_URI"])
def test_a_server_is_asked_for_at_the_address_that_the_user_gives(command, outputs, nobody, monkeypatch, how):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", nobody if how == "MLFLOW_TRACKING_URI" else "http://127.0.0.1:1")
    told = [f"tracking.uri={nobody}"] if how == "tracking.uri" else []

    result = command("train", "experiment=piezo/single", "data.replicates=4", "tracking=server", *told)

    assert result.code == 2
    assert result.err == f"remanence: error: tracking.uri: {nobody} does not answer: [Errno 111] Connection refused\n"
    assert not (outputs / "runs").exists()


def test_a_server_is_on_this_machine_unless_the_user_says_where(outputs):
    assert compose(["tracking=server"]).tracking.uri == "http://127.0.0.1:5000"


def test_the_default_address_and_the_artifacts_do_not_depend_on_the_working_directory(
    command, fresh_database, tmp_path, monkeypatch
):
    places = [tmp_path / "a", tmp_path / "b"]
    for place in places:
        place.mkdir()
    monkeypatch.setenv("REMANENCE_OUTPUTS", "my räume")
    (tmp_path / "a" / "my räume").mkdir()
    shutil.copy(fresh_database, tmp_path / "a" / "my räume" / "mlflow.db")
    monkeypatch.chdir(places[0])

    assert command("train", "experiment=piezo/single", "data.replicates=4", "model=linear").code == 0

    client = MlflowClient(f"sqlite:///{tmp_path}/a/my räume/mlflow.db")
    experiment = client.get_experiment_by_name("piezo")
    (run,) = client.search_runs([experiment.experiment_id])
    monkeypatch.chdir(places[1])
    assert experiment.artifact_location == (tmp_path / "a" / "my räume" / "artifacts" / "piezo").as_uri()
    assert run.info.artifact_uri.startswith(experiment.artifact_location)
    assert (
        tmp_path / "a" / "my räume" / "artifacts" / "piezo" / run.info.run_id / "artifacts" / "config.yaml"
    ).is_file()
    assert list(places[1].iterdir()) == []
    assert not (places[0] / "mlruns").exists()


def test_everything_can_be_moved_by_a_key(command, fresh_database, tmp_path):
    folder = tmp_path / "moved"
    folder.mkdir()
    shutil.copy(fresh_database, folder / "mlflow.db")

    result = command("train", "experiment=piezo/single", "data.replicates=4", "model=linear", f"paths.outputs={folder}")

    assert result.code == 0, result.err
    assert len(list((folder / "runs").iterdir())) == 1


@pytest.mark.parametrize(
    ("address", "stored"),
    [
        ("http://me:hush@host:80/path", "http://host:80/path"),
        ("http://me@host", "http://host"),
        ("postgresql://me:hu@sh@host/db", "postgresql://host/db"),
        ("postgresql://host/db?user=me&password=hush&x=1", "postgresql://host/db?user=me&password=…&x=1"),
        ("https://host/api?access_token=hush", "https://host/api?access_token=…"),
        ("sqlite:////data/m@il/mlflow.db", "sqlite:////data/m@il/mlflow.db"),
        ("http://host/path@1", "http://host/path@1"),
        ("postgresql://me:hu/sh@host/db", "postgresql://host/db"),
        ("postgresql+psycopg2://me:hu#s?h:x&y=@/z@host:5432/db", "postgresql+psycopg2://host:5432/db"),
        ("mysql://me:hu'sh\"@host/db", "mysql://host/db"),
        ("http://:hush/@host", "http://host"),
        ("postgresql://host/db?user=me&sslpassword=hu/s#h", "postgresql://host/db?user=me&sslpassword=…"),
        ("mssql+pyodbc:///?odbc_connect=DRIVER%3Dx%3BPWD%3Dhush", "mssql+pyodbc:///?odbc_connect=…"),
        ("sqlite:////data/a:b/m@il.db", "sqlite:////data/a:b/m@il.db"),
    ],
)
def test_an_address_is_stored_without_its_secrets(address, stored):
    assert without_secrets(address) == stored
    assert without_secrets(f"remanence train tracking.uri={address} seed=1").split()[2:] == [
        f"tracking.uri={stored}", "seed=1",
    ]  # fmt: skip


def test_every_address_of_a_text_is_stored_without_its_secrets():
    text = "train tracking.uri=http://me:h/ush@one/x 'sweep.storage=postgresql://me:h@u#sh@two/db' data.path=b.csv"

    assert without_secrets(text) == (
        "train tracking.uri=http://one/x 'sweep.storage=postgresql://two/db' data.path=b.csv"
    )
    assert without_secrets("http://host:80 did not answer me@home") == "http://host:80 did not answer me@home"
    assert without_secrets("http://me:h u@s h@host: refused") == "http://host: refused"
    assert without_secrets("[http://me:h@one,http://me:h/@two]") == "[http://one,http://two]"
    assert argument_without_secrets("tracking.uri=mysql://me:h u's\nh@host/db") == "tracking.uri=mysql://host/db"


@pytest.mark.parametrize("password", ["hu@s/hy", "hu#s?hy: it's"])
@pytest.mark.parametrize("scheme", ["http", "postgresql", "nonsense"])
@pytest.mark.parametrize("verb", ["compare", "train", "sweep"])
def test_no_message_holds_a_password(command, outputs, all_runs, password, scheme, verb):
    address = f"{scheme}://me:{password}@127.0.0.1:9/db"
    key = "sweep.storage" if verb == "sweep" else "tracking.uri"
    quoted = password.replace("'", "\\'")
    typed = f"{key}='{scheme}://me:{quoted}@127.0.0.1:9/db'"
    arguments = {
        "compare": ["compare", "piezo", f"{key}={address}"],
        "train": ["train", "experiment=piezo/single", "trainer.max_epochs=1", typed],
        "sweep": ["train", "-m", "experiment=piezo/single", "trainer.max_epochs=1", "seed=0,1", typed],
    }

    result = command(*arguments[verb])

    assert result.code in (1, 2)
    assert password not in result.out + result.err
    assert all(part not in result.err for part in ("hu@", "hu#", "s/hy", "s?hy", "it's")), result.err
    assert all(password not in str(run.to_dictionary()) for run in all_runs())


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql://me:hush@127.0.0.1:9/db", "does not answer"),
        ("postgresql://me:hush@127.0.0.1:port/db", "cannot open postgresql://127.0.0.1:port/db: invalid literal"),
        ("mssql+nodriver://me:hush@127.0.0.1:9/db", "cannot open mssql+nodriver://127.0.0.1:9/db: Can't load plugin"),
    ],
)
def test_a_database_that_cannot_be_reached_is_told_at_once(command, monkeypatch, address, told):
    monkeypatch.setattr("mlflow.tracking.MlflowClient.__init__", lambda *_: pytest.fail("MLflow waits for 102 s"))

    result = command("compare", "piezo", f"tracking.uri={address}")

    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("remanence: error: tracking.uri: ")
    assert told in result.err
    assert "hush" not in result.err


@pytest.mark.parametrize("mode", [[], ["-m", "seed=0,1"]], ids=["run", "sweep"])
def test_no_secret_of_the_address_is_written_anywhere(command, all_runs, outputs, monkeypatch, mode):
    import remanence.sweeps.parent
    import remanence.sweeps.trial
    import remanence.tracking.start
    from remanence.tracking.database import connect

    for module in (remanence.sweeps.parent, remanence.sweeps.trial, remanence.tracking.start):
        monkeypatch.setattr(module, "connect", lambda uri, **_: connect(f"sqlite:///{outputs}/mlflow.db"))
    for module in (remanence.sweeps.parent, remanence.tracking.start):
        untouched = module.open_experiment
        monkeypatch.setattr(
            module,
            "open_experiment",
            lambda client, uri, name, folder, open_=untouched: open_(
                client, f"sqlite:///{outputs}/mlflow.db", name, folder
            ),
        )
    secret = ["tracking.uri='postgresql://me:h-u/s-h@host/db?password=h-u-s-h,2'"]
    small = ["data.replicates=4", "trainer.max_epochs=2", "baselines.random_forest.n_estimators=5"]

    result = command("train", *mode, "experiment=piezo/single", *small, *secret)

    assert result.code == 0, result.err
    assert "h-u-s-h" not in result.out
    for run in all_runs():
        assert "s-h" not in str(run.to_dictionary())
    files = [path for path in outputs.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert not [path for path in files if b"h-u-s-h" in path.read_bytes()]


def test_the_garbage_collector_rests_while_mlflow_imports_what_it_opens_a_database_with(
    tmp_path, monkeypatch, fresh_database
):
    collecting = []
    monkeypatch.setattr(database, "_open", lambda uri: collecting.append(gc.isenabled()) or MlflowClient(uri))
    shutil.copy(fresh_database, tmp_path / "mlflow.db")

    connect(f"sqlite:///{tmp_path}/mlflow.db")

    assert collecting == [False]
    assert gc.isenabled()


def test_a_new_database_is_made_without_a_word(tmp_path):
    connecting = f"from remanence.tracking.database import connect; connect('sqlite:///{tmp_path}/new/mlflow.db')"

    done = subprocess.run([sys.executable, "-c", connecting], capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("", "")
    assert (tmp_path / "new" / "mlflow.db").is_file()


@pytest.mark.slow
def test_six_processes_that_start_together_on_an_empty_directory_all_finish(tmp_path):
    """Fresh databases crash in their migrations when several processes open them."""
    environment = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    environment["REMANENCE_OUTPUTS"] = str(tmp_path / "outputs")
    small = ("experiment=piezo/single", "data.replicates=4", "model=linear", "~baselines.random_forest")
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "remanence", "train", *small, f"seed={seed}"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in range(6)
    ]

    answers = [process.communicate(timeout=280)[1] for process in processes]

    assert [process.returncode for process in processes] == [0] * 6, answers
    client = MlflowClient(f"sqlite:///{tmp_path}/outputs/mlflow.db")
    assert [experiment.name for experiment in client.search_experiments()].count("piezo") == 1
    runs = client.search_runs([client.get_experiment_by_name("piezo").experiment_id])
    assert [run.info.status for run in runs] == ["FINISHED"] * 6


def test_telemetry_is_off_unless_the_user_asks_for_it():
    script = "import remanence.tracking, os; print(os.environ['MLFLOW_DISABLE_TELEMETRY'])"
    environment = {name: value for name, value in os.environ.items() if name != "MLFLOW_DISABLE_TELEMETRY"}
    for given, expected in (({}, "true"), ({"MLFLOW_DISABLE_TELEMETRY": "false"}, "false")):
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment | given, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == expected


def test_a_relative_path_of_the_outputs_becomes_absolute(monkeypatch, tmp_path):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)

    assert sqlite_path(tracking_uri(None, "outputs")) == tmp_path / "outputs" / "mlflow.db"
    assert sqlite_path(tracking_uri(None, Path("outputs"))).is_absolute()


def test_a_database_whose_making_was_interrupted_is_made_anew(tmp_path, monkeypatch):
    """MLflow would find a column that is there already."""
    path, statements = tmp_path / "mlflow.db", []
    untouched = DefaultDialect.do_execute

    def do_execute(self, cursor, statement, *more, **named):
        statements.append(statement)
        if len(statements) == 300:
            raise KeyboardInterrupt
        untouched(self, cursor, statement, *more, **named)

    with monkeypatch.context() as patched:
        patched.setattr(DefaultDialect, "do_execute", do_execute)
        with pytest.raises(KeyboardInterrupt):
            connect(f"sqlite:///{path}")
    assert not path.exists()

    client = connect(f"sqlite:///{path}")

    assert client.create_run(client.create_experiment("piezo")).info.status == "RUNNING"
    assert [found.name for found in tmp_path.iterdir() if ".new" in found.name] == []
