"""Answers commands in one process, with the package that PYTHONPATH names, and writes down what each answered.

A script for subprocesses, ``python answer.py commands.json answers.json``: the package may be that of an earlier
commit, so nothing of it is used here but ``python -m remanence``. A command is an entry of a list: its ``name``, its
``argv``, and maybe a ``stop``, which sends a signal to the process when a method is called for the n-th time.
"""

import contextlib
import importlib
import io
import json
import os
import runpy
import signal
import sys
import time
import traceback
from pathlib import Path


def only(package):
    """Take every other copy of the package out of the path: Hydra would load the plugins of each."""
    sys.path[:] = [
        place for place in sys.path if place == package or not Path(place, "remanence/__init__.py").is_file()
    ]


@contextlib.contextmanager
def stopping(at, call, by):
    """Send the signal ``by`` to this process when the method ``at`` is called for the ``call``-th time."""
    module, _, path = at.partition(":")
    class_name, _, method = path.partition(".")
    owner = getattr(importlib.import_module(module), class_name)
    untouched, calls = getattr(owner, method), 0

    def counted(*arguments, **named):
        nonlocal calls
        calls += 1
        if calls == call:
            os.kill(os.getpid(), signal.Signals[by])
        return untouched(*arguments, **named)

    setattr(owner, method, counted)
    yield
    setattr(owner, method, untouched)


def through_mlflow(model, path_in, path_out):
    """Predict the rows of a table as the README does it, without a verb, and return the exit code."""
    import mlflow
    import pandas as pd

    mlflow.set_tracking_uri(f"sqlite:///{os.environ['REMANENCE_OUTPUTS']}/mlflow.db")
    mlflow.pyfunc.load_model(model).predict(pd.read_csv(path_in)).to_csv(path_out, index=False)
    return 0


def on_command_line(argv):
    """Do what ``python -m remanence`` does, and return the exit code."""
    before, sys.argv = sys.argv, ["remanence", *argv]
    try:
        runpy.run_module("remanence", run_name="__main__", alter_sys=False)
    except SystemExit as end:
        return end.code or 0
    finally:
        sys.argv = before
    return 0


def answer(command):
    """Return exit code, what was printed, and how long it took."""
    out, err, began = io.StringIO(), io.StringIO(), time.perf_counter()
    stop = stopping(**command["stop"]) if command["stop"] else contextlib.nullcontext()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), stop:
        try:
            verb, *arguments = command["argv"]
            code = through_mlflow(*arguments) if verb == "pyfunc" else on_command_line(command["argv"])
        except Exception:  # the commands after it are asked all the same
            code = 1
            traceback.print_exc()
    seconds = time.perf_counter() - began
    return {"code": code, "out": out.getvalue(), "err": err.getvalue(), "seconds": seconds}


if __name__ == "__main__":
    commands, answers = (Path(name) for name in sys.argv[1:])
    package = os.environ["PYTHONPATH"]
    only(package)
    found = {}
    for command in json.loads(commands.read_text(encoding="utf-8")):
        found[command["name"]] = answer(command)
        answers.write_text(json.dumps(found), encoding="utf-8")  # each time, as the next one may end the process
    import remanence

    assert Path(remanence.__file__).is_relative_to(package), remanence.__file__
