import fcntl
import os
import pty
import re
import selectors
import shutil
import struct
import subprocess
import sys
import termios
import time

import pytest

from remanence.verbs.completion import SHELLS, answer

LATEST = 60.0
"""Seconds after which a shell counts as stuck."""
START = {
    "bash": (["bash", "--norc", "-i"], ['eval "$(remanence completion bash)"']),
    "zsh": (["zsh", "-f", "-i"], ["autoload -Uz compinit; compinit -u -D", 'eval "$(remanence completion zsh)"']),
}
COMPLETED = [
    ("remanence tra", "remanence train"),
    ("remanence train experiment=piezo/sr", "remanence train experiment=piezo/sr_to_bi"),
    ("remanence train experiment=pie", "remanence train experiment=piezo/"),
    ("remanence train model.activ", "remanence train model.activation="),
    ("remanence train model.activation=ta", "remanence train model.activation=tanh"),
    ("remanence train -m model.activation=tanh,sig", "remanence train -m model.activation=tanh,sigmoid"),
    ("remanence train data/split=gr", "remanence train data/split=grouped"),
    ("remanence explain model.lo", "remanence explain model.loss"),
    ("remanence predict input=mi", "remanence predict input=mine.csv"),
]
"""What is typed before the tab key, to the line after it."""


def needs(shell):
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with the command ``remanence``, a file to be completed, and an index that is made."""
    folder = tmp_path_factory.mktemp("home")
    program = folder / "bin" / "remanence"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m remanence "$@"\n')
    program.chmod(0o755)
    (folder / "mine.csv").touch()
    return folder


@pytest.fixture
def surroundings(home):
    path = os.pathsep.join([str(home / "bin"), os.environ["PATH"]])
    return os.environ | {
        "PATH": path,
        "HOME": str(home),
        "REMANENCE_DATA_DIR": str(home / "cache"),
        "TERM": "dumb",
        "PS1": "> ",
    }


class Terminal:
    """A shell in a pseudo-terminal, wide enough for any line."""

    def __init__(self, shell, home, surroundings):
        program, setup = START[shell]
        self.process, self.place = pty.fork()
        if self.process == 0:
            os.chdir(home)
            os.execvpe(program[0], program, surroundings)
        fcntl.ioctl(self.place, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 400, 0, 0))
        for number, line in enumerate(setup):
            self.type(f"{line}; echo set''up{number}\n", f"setup{number}\r\n")

    def type(self, text, until):
        """Type a text, and return what is printed up to another text."""
        os.write(self.place, text.encode())
        printed, ends = "", time.monotonic() + LATEST
        while until not in printed:
            assert time.monotonic() < ends, printed
            with selectors.DefaultSelector() as selector:  # select() takes no descriptor above 1023
                selector.register(self.place, selectors.EVENT_READ)
                if selector.select(1.0):
                    printed += os.read(self.place, 65536).decode(errors="replace")
        return printed

    def completed(self, line):
        """Return a line after the tab key: it is printed instead of executed."""
        printed = self.type(f"{line}\t\x01echo LINE \x05 EN''D\n", "\nLINE ")
        printed += "" if " END" in printed.rpartition("\nLINE ")[2] else self.type("", " END")
        return re.findall(r"\nLINE (.*?) +END|\nLINE (.*?) END", printed)[-1]

    def end(self):
        os.close(self.place)
        os.waitpid(self.process, 0)


@pytest.mark.parametrize("shell", [pytest.param(shell, marks=needs(shell)) for shell in START])
def test_the_tab_key_completes_in(shell, home, surroundings):
    terminal = Terminal(shell, home, surroundings)
    try:
        found = {typed: "".join(terminal.completed(typed)) for typed, _ in COMPLETED}
    finally:
        terminal.end()

    assert found == dict(COMPLETED)


@needs("fish")
@pytest.mark.parametrize(("typed", "line"), [COMPLETED[1], *COMPLETED[3:]])
def test_the_tab_key_completes_in_fish(home, surroundings, typed, line):
    code = f"remanence completion fish | source; complete --do-complete '{typed}'"

    done = subprocess.run(
        ["fish", "--no-config", "-c", code], cwd=home, env=surroundings, capture_output=True, text=True, timeout=LATEST
    )

    assert [word.split("\t")[0] for word in done.stdout.splitlines()] == [line.rpartition(" ")[2]]


@pytest.mark.parametrize(
    ("words", "candidates"),
    [
        (["li"], ["list"]),
        (["data", ""], ["list", "describe", "convert", "simulate", "fetch", "pace="]),
        (["completion", ""], list(SHELLS)),
        (["list", "mod"], ["models"]),
        (["predict", "run=1", "out"], ["output="]),
        (["evaluate", "run=1", "data.cyc"], ["data.cycle="]),
        (["suggest", "--"], ["--help"]),
        (["nothing", ""], []),
    ],
)
def test_words_and_keys_of_every_verb_are_offered(words, candidates, tmp_path, monkeypatch):
    monkeypatch.setenv("REMANENCE_DATA_DIR", str(tmp_path))

    assert list(answer(words)) == candidates


def test_files_of_ones_own_are_completed(tmp_path, monkeypatch):
    monkeypatch.setenv("REMANENCE_DATA_DIR", str(tmp_path / "cache"))
    (tmp_path / "conf" / "model").mkdir(parents=True)
    (tmp_path / "conf" / "model" / "mine.yaml").write_text("# My network.\n_target_: remanence.models.dnn.DNN\n")
    own = f"hydra.searchpath=[file://{tmp_path}/conf]"

    assert answer(["train", own, "model=mi"]) == {"model=mine": "My network."}
    assert list(answer(["train", own, "model=mine", "model.activ"])) == ["model.activation="]


@pytest.mark.parametrize("arguments", [(), ("csh",), ("bash", "zsh")])
def test_other_shells_are_one_line(command, arguments):
    result = command("completion", *arguments)

    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("remanence: error: completion: expected one of bash, zsh, fish")


@pytest.mark.parametrize(
    "arguments", [("-sc", "query=bash"), ("train", "-sc", "install=bash"), ("train", "--shell-completion", "x")]
)
def test_completion_by_hydra_is_refused_with_the_verb_that_works(command, arguments):
    result = command(*arguments)

    assert (result.code, result.out) == (2, "")
    (advised,) = re.findall(r"`remanence (.*?)`", result.err)
    assert command(*advised.split()).out.startswith("# Completion of `remanence` for bash")
