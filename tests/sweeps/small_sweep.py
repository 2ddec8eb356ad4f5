"""Whole sweeps in this process, without Hydra and without training: studies, runs and files are real."""

import copy
from functools import cache

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf
from shared_study import as_if, gone

from remanence.configuration.build import build
from remanence.configuration.compose import compose
from remanence.configuration.validate import configuration_of, objectives
from remanence.studies.kinds import checked
from remanence.sweeps.conduct import conduct
from remanence.sweeps.identity import Identity
from remanence.sweeps.plan import Plan
from remanence.sweeps.sampling import choose_sampler
from remanence.sweeps.slots import Here, Job
from remanence.sweeps.space import Space
from remanence.sweeps.storage import study_url
from remanence.sweeps.trial import run_trial
from remanence.tracking.experiment_name import known_names
from remanence.tracking.start import start

SMALL = ("experiment=piezo/single", "data.replicates=4", "baselines=none", "figures=brief")


@cache
def _composed(overrides):
    return checked(compose(list(overrides)))


def configuration(outputs, *overrides):
    """Return a checked configuration that writes to ``outputs``."""
    return configuration_of({**_composed((*SMALL, *overrides)).plain, "paths": {"outputs": str(outputs)}})


@cache
def sources():
    """Return the sources of the built-in data."""
    return build("data", _composed(SMALL).data).open().sources


def train(cfg, *, report=None, resume_run=None, resume_from=None, began=None, read=None):
    """Track a run whose metrics follow from its learning rate."""
    with start(cfg, sources(), synthetic=True, resume=resume_run) as tracked:
        lr = cfg.model.get("lr", 0.5)
        tracked.log_metrics({"val/mse": lr, "test/r2": 1 - lr})
        return tuple({"val/mse": lr, "test/r2": 1 - lr}[name] for name in objectives(cfg))


class Composer:
    """Composes trials from one configuration."""

    def __init__(self, cfg):
        self.cfg = cfg

    def job(self, number, values, *, sweep, parent):
        plain = copy.deepcopy(self.cfg.plain)
        for key, value in values.items():
            group, name = key.split(".")
            plain[group][name] = OmegaConf.create(f"value: {value}").value
        plain["sweep"] |= {"name": sweep, "trial": number}
        plain["tracking"]["parent"] = parent
        return Job(number, [], configuration_of(plain))


def planned(cfg, *searches, name="piezo/small", n_trials=None):
    """Return what a command line would ask for: a grid, or a random search of ``n_trials``."""
    space = Space.of(OverridesParser.create().parse_overrides(list(searches)))
    wanted = objectives(cfg)
    sampler = "grid" if n_trials is None else "random"
    return Plan(
        name=name,
        space=space,
        n_trials=n_trials or len(space.combinations()),
        sampler=choose_sampler(sampler, space, seed=0, arguments={}, several_objectives=len(wanted) > 1),
        objectives=wanted,
        composer=Composer(cfg),
        example=cfg,
        digests={repr(cfg.data): [source.digest for source in sources()]},
        identity=Identity(dict(space.texts), {}),
        url=study_url(cfg.sweep.storage, cfg.paths.outputs),
        experiments=known_names(cfg, sources()),
    )


def sweep(plan, work=train, *, on_failure="continue", max_failures=None, slots=None):
    """Run what is left of a sweep, one trial after the other in this process."""
    options = {"on_failure": on_failure, "max_failures": max_failures}
    here = Here(lambda cfg: run_trial(configuration_of(OmegaConf.to_container(cfg)), work))
    conduct(plan, ["model.lr=…"], options, lambda: slots or here)


class PowerCut(BaseException):
    """Nothing is written after it."""


def cut(cfg, *, resume_run, **_):
    """Begin a run that nobody ends."""
    with start(cfg, sources(), synthetic=True, resume=resume_run):
        raise PowerCut


class Mortal(Here):
    """One slot, whose process is killed in a trial for a number of times."""

    def __init__(self, trial, deaths):
        super().__init__(lambda cfg: run_trial(configuration_of(OmegaConf.to_container(cfg)), train))
        self.trial, self.deaths = trial, deaths

    def ended(self):
        (job,) = self.waiting
        if job.number != self.trial or not self.deaths:
            return super().ended()
        self.deaths -= 1
        self.waiting.clear()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("remanence.tracking.lifecycle._stop", lambda run, status: None)
            with as_if(gone()), pytest.raises(PowerCut):
                run_trial(job.cfg, cut)
        return [(job.number, "its process was killed by SIGKILL")]
