import socket
import subprocess
import sys
from pathlib import Path

import pytest

import remanence
from remanence.errors import DataError
from remanence.verbs import cli

HEAVY = """
import sys
from remanence.verbs.cli import main
code = main(sys.argv[1:])
print(code, *[name for name in ("torch", "mlflow", "pytorch_lightning", "sklearn") if name in sys.modules])
"""


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_help_names_every_verb(command, arguments):
    result = command(*arguments)

    assert result.code == 0
    assert result.err == ""
    for verb in cli.VERBS:
        assert f"  {verb} " in result.out


def test_the_version_is_that_of_the_package(command):
    assert command("--version").out.strip() == remanence.__version__


@pytest.mark.parametrize(
    ("verb", "hint"), [("trian", "did you mean 'train'?"), ("evalute", "did you mean 'evaluate'?"), ("xyz", "known: ")]
)
def test_an_unknown_verb_is_one_line(command, verb, hint):
    result = command(verb)

    assert result.code == 2
    assert result.err == f"remanence: error: unknown verb '{verb}'; " + result.err.partition("; ")[2]
    assert hint in result.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["train", "experiment=piezo/nss"], 2),
        (["train", "experiment=piezo/single", "model.lr=-1"], 2),
        (["train", "-m", "experiment=piezo/single", "model.lr=0.1,-1"], 2),
        (["train", "experiment=piezo/table", "data.path=no.csv", "data.target=y", "data.features=[x]"], 2),
        (["train", "resume=abc", "model.lr=1"], 2),
        (["data", "describe", "nothing"], 2),
        (["evaluate", "rum=1"], 2),
        (["design", "rum=1"], 2),
        (["suggest", "rum=1"], 2),
    ],
)
def test_help_and_errors_import_nothing_heavy(arguments, code, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", HEAVY, *arguments], capture_output=True, text=True, timeout=60, cwd=tmp_path
    )

    reads_data = "data" in arguments or any(argument.startswith("data.path=") for argument in arguments)
    splits = " sklearn" if reads_data else ""  # the splits of rows are scikit-learn's
    assert done.stdout.splitlines()[-1] == f"{code}{splits}", done.stderr


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (DataError("mine.csv: wrong"), 2, "remanence: error: mine.csv: wrong"),
        (ValueError("first\nsecond"), 1, "remanence: failed: ValueError: first (--debug shows where)"),
        (RuntimeError(), 1, "remanence: failed: RuntimeError:  (--debug shows where)"),
        (KeyboardInterrupt(), 130, None),
        (SystemExit(143), 143, None),
        (SystemExit("text"), 1, None),
        (SystemExit(None), 0, None),
    ],
)
def test_every_way_to_end_has_its_exit_code(monkeypatch, capsys, error, code, line):
    def end(_):
        raise error

    monkeypatch.setattr(cli, "_dispatch", end)

    assert cli.main(["train"]) == code
    assert capsys.readouterr().err.splitlines() == ([line] if line else [])


@pytest.mark.parametrize(("error", "code"), [(DataError("wrong"), 2), (ValueError("wrong"), 1)])
def test_debug_shows_where_and_keeps_the_exit_code(monkeypatch, capsys, error, code):
    def end(_):
        raise error

    monkeypatch.setattr(cli, "_dispatch", end)

    assert cli.main(["--debug", "train"]) == code
    printed = capsys.readouterr().err
    assert "Traceback (most recent call last)" in printed
    assert printed.splitlines()[-1].startswith("remanence: ")


@pytest.mark.parametrize(
    "start", [[sys.executable, "-m", "remanence"], [str(Path(sys.executable).parent / "remanence")]]
)
def test_the_module_and_the_script_are_the_same_command(start, tmp_path):
    done = subprocess.run(
        [*start, "train", "experiment=piezo/nss"], capture_output=True, text=True, timeout=60, cwd=tmp_path
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "remanence: error: experiment: unknown name 'piezo/nss'; did you mean 'piezo/ns'?\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["evaluate"], "evaluate: run=… must be given"),
        (["evaluate", "run="], "evaluate: run=… must be given"),
        (["evaluate", "somerun"], "expected key=value, got 'somerun'; keys: run, data.path, data.dir, tracking.uri"),
        (["register", "xyz=1"], "unknown key 'xyz'; keys: run, name, alias, tracking.uri"),
        (["evaluate", "run=a", "run=b"], "run is given twice"),
        (["evaluate", "run=a", "data.pth=x"], "unknown key 'data.pth'; did you mean 'data.path'?"),
        (["predict", "run=a", "input=x.csv"], "predict: output=… must be given"),
        (["ui", "port=many"], "port must be a number from 1 to 65535, got 'many'"),
        (["ui", "port=65536"], "port must be a number from 1 to 65535, got '65536'"),
        (["ui", "prot=1"], "unknown key 'prot'; did you mean 'port'?"),
    ],
)
def test_the_grammar_of_the_other_verbs_is_checked(command, arguments, reason):
    result = command(*arguments)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith("remanence: error: ")
    assert reason in line


@pytest.mark.parametrize("verb", sorted(cli.VERBS))
@pytest.mark.parametrize("asked", ["-h", "--help"])
def test_a_verb_says_what_it_does_and_touches_nothing(capsys, monkeypatch, tmp_path, verb, asked):
    monkeypatch.chdir(tmp_path)

    assert cli.main([verb, asked]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"usage: remanence {verb}")
    assert lines[2] == cli.VERBS[verb][1]
    assert not list(tmp_path.iterdir())


def test_the_ui_of_a_server_is_its_own(command):
    result = command("ui", "tracking.uri=http://me:secret@server:5000")

    assert (result.code, result.out) == (0, "MLflow UI: http://server:5000\n")


def test_a_port_that_is_taken_is_one_line(command):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        result = command("ui", f"port={port}")

    assert (result.code, result.err) == (
        2,
        f"remanence: error: ui: port {port} cannot be used: Address already in use; give port=…\n",
    )
