"""A fresh environment, with an installer that only writes down what it is asked."""

import sys
from pathlib import Path

import pytest

from remanence.errors import ConfigurationError
from remanence.reproduction import fresh_environment as module
from remanence.reproduction.fresh_environment import fresh_environment

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
RECORDED = f"""# Python {VERSION}.1, Linux
# CUDA none
numpy==2.1.0
pip==24.0
pytest==8.0
PyYAML==6.0
remanence==0.1.0
scikit_learn==1.6.0
torch==2.9.1+cpu
"""


@pytest.fixture
def asked(tmp_path):
    """The commands that were run, and a function that runs them: it fails for words of the set ``failing``."""
    commands, failing = [], set()

    def run(command, log):
        commands.append(command)
        if command[1:3] == ["-m", "venv"]:
            Path(command[3]).mkdir(parents=True)
        if failing.intersection(command):
            raise ConfigurationError("environment=fresh: no such version")

    run.commands, run.failing = commands, failing
    return run


def installed(command):
    """Return what pip is asked to install, without options."""
    return [word for word in command[command.index("--no-input") + 1 :] if word != "-c" and not word.endswith(".txt")]


def test_torch_is_first_then_what_is_needed_in_the_recorded_versions_then_the_package(asked, tmp_path):
    python = fresh_environment(RECORDED, tmp_path, run=asked)

    make, torch, needed, package = asked.commands
    assert make[:3] == [sys.executable, "-m", "venv"]
    assert python == Path(make[3]) / "bin" / "python"
    assert python.is_relative_to(tmp_path / "environments")
    assert installed(torch) == ["torch==2.9.1+cpu"]
    assert installed(needed) == ["numpy==2.1.0", "scikit_learn==1.6.0"]
    assert installed(package)[:1] == ["--no-deps"]
    pins = Path(needed[-1]).read_text().splitlines()
    assert pins == ["numpy==2.1.0", "pytest==8.0", "PyYAML==6.0", "scikit_learn==1.6.0"]
    assert not any("index" in word or "://" in word for command in asked.commands for word in command)


def test_an_environment_of_the_same_versions_is_taken_again_and_one_that_was_interrupted_is_not(asked, tmp_path):
    first = fresh_environment(RECORDED, tmp_path, run=asked)
    assert fresh_environment(RECORDED, tmp_path, run=asked) == first
    assert len(asked.commands) == 4

    (first.parents[1] / module.COMPLETE).unlink()
    fresh_environment(RECORDED, tmp_path, run=asked)

    assert len(asked.commands) == 8


def test_a_build_of_torch_that_no_index_has_gives_way_to_the_public_one(asked, tmp_path, capsys):
    asked.failing.add("torch==2.9.1+cpu")

    fresh_environment(RECORDED, tmp_path, run=asked)

    assert installed(asked.commands[2]) == ["torch==2.9.1"]
    assert "torch 2.9.1+cpu is on no index of this machine; torch 2.9.1 is installed" in capsys.readouterr().err


def test_nothing_but_names_and_versions_reaches_pip(asked, tmp_path):
    foreign = RECORDED + "--index-url==https://example.org\nnumpy @ https://example.org/x==1\nevil==1 --pre\n"

    fresh_environment(foreign, tmp_path, run=asked)

    pins = Path(asked.commands[2][-1]).read_text()
    assert "example.org" not in pins
    assert "--pre" not in pins


@pytest.mark.parametrize(
    ("recorded", "why"),
    [
        ("", "the run has recorded no versions"),
        (RECORDED.replace(VERSION, "3.2"), "the run was made with Python 3.2.1, and there is no python3.2 here"),
    ],
)
def test_what_cannot_be_made_says_how_to_go_on(asked, tmp_path, recorded, why):
    with pytest.raises(ConfigurationError) as refusal:
        fresh_environment(recorded, tmp_path, run=asked)

    assert str(refusal.value) == (
        f"environment=fresh: {why}; environment=current says what differs and goes on with what is installed"
    )
    assert asked.commands == []


def test_the_answer_of_pip_is_kept_and_its_error_is_told(tmp_path):
    failing = [sys.executable, "-c", "import sys; print('ERROR: no numpy 9', file=sys.stderr); sys.exit(1)"]

    with pytest.raises(ConfigurationError, match=r"environment=fresh: ERROR: no numpy 9 \(.*pip.txt has the whole"):
        module._run(failing, tmp_path / "pip.txt")

    assert "ERROR: no numpy 9" in (tmp_path / "pip.txt").read_text()
