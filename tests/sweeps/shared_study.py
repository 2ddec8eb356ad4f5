"""Studies on disk that a test takes trials of, without Hydra, MLflow or training."""

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from remanence.configuration.sweep_options import NoPruner
from remanence.sweeps import storage
from remanence.sweeps.identity import Identity
from remanence.sweeps.outcome import Outcome
from remanence.sweeps.pruners import choose_pruner
from remanence.sweeps.sampling import choose_sampler
from remanence.sweeps.slots import Job
from remanence.sweeps.space import Space
from remanence.sweeps.study import SharedStudy
from remanence.tracking.process import Owner

SPACE = Space.of(OverridesParser.create().parse_overrides(["x=range(100)"]))


def enter(url, *, name="s", space=SPACE, fixed=None, sampler="grid"):
    """Create a study, or enter it as another process would, with connections of its own."""
    storage._OPENED.clear()
    chosen = choose_sampler(sampler, space, seed=0, arguments={}, several_objectives=False)
    return SharedStudy.create_or_enter(
        name,
        url,
        identity=Identity(dict(space.texts), fixed or {}),
        objectives={"loss": "minimize"},
        space=space,
        sampler=chosen,
        pruner=choose_pruner(NoPruner(kind="none")),
    )


def worker(url, name="s"):
    """Enter a study as the process of a trial does, with connections of its own."""
    storage._OPENED.clear()
    return SharedStudy(name, url)


def job(trial, url="", **more):
    """Return a trial that is ready to be run."""
    plain = {"number": trial.number, "x": trial.params["x"], "url": url, **more}
    return Job(trial.number, [], SimpleNamespace(plain=plain))


def ok(number):
    """Return the outcome of a trial that went well."""
    return Outcome("ok", (float(number),))


@contextmanager
def as_if(owner):
    """Take trials over in the name of another process."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Owner, "this_process", classmethod(lambda cls: owner))
        yield


def gone():
    """Return a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return replace(Owner.this_process(), pid=process.pid)
