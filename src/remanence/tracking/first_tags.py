"""The tags and the name that a run begins with: what it is a run of, who began it, and by which command."""

import getpass
import os
import shlex
import sys
from pathlib import Path

from remanence import __version__
from remanence.data.source import Source
from remanence.tracking.address import argument_without_secrets
from remanence.tracking.campaign import FORKED_TAG
from remanence.tracking.experiment_name import CUSTOM, PAPER_TAG, configuration_name
from remanence.tracking.limits import RUN_NAME_LENGTH
from remanence.tracking.parameters import config_hash
from remanence.tracking.paths_below import FOLDER_TAG
from remanence.tracking.provenance import git_state
from remanence.tracking.tracked_configuration import TrackedConfiguration

OF_ANY_FILE = ("table", "own", CUSTOM)
"""Last parts of the names of experiments that say nothing of the data: their runs are named after the file."""


def provenance_tags() -> dict[str, str]:
    """Return tags with the user, the command and the commit; MLflow records none of them for a console script."""
    tags = {
        "mlflow.user": _user(),
        "mlflow.source.type": "LOCAL",
        "mlflow.source.name": shlex.join(map(argument_without_secrets, _typed())),
        "remanence.version": __version__,
    }
    git = git_state(os.getcwd())
    if git is not None:
        tags |= {"mlflow.source.git.commit": git.commit, "remanence.git.dirty": str(git.dirty).lower()}
    return tags


def first_tags(cfg: TrackedConfiguration, source: Source, *, synthetic: bool, experiment: str) -> dict[str, str]:
    """Return the tags that a run of a configuration begins with.

    Args:
        cfg: checked configuration.
        source: source of the data that the run reads, the main one.
        synthetic: whether the rows were simulated.
        experiment: name of the MLflow experiment.
    """
    tags = {
        "remanence.config": configuration_name(cfg),
        PAPER_TAG: experiment,
        "remanence.config_hash": config_hash(cfg.plain),
        "remanence.data": source.name,
        "remanence.synthetic": str(synthetic).lower(),
        "remanence.model": str(cfg.model["_target_"]).rpartition(".")[2],
        **provenance_tags(),
        **cfg.tracking.tags,
    }
    if cfg.fork:
        tags[FORKED_TAG] = cfg.fork
    if cfg.tracking.parent:
        tags["mlflow.parentRunId"] = tags["remanence.sweep"] = cfg.tracking.parent
    if (trial := cfg.sweep.trial) is not None:
        name = str(cfg.sweep.name)
        tags["remanence.sweep_name"], tags["remanence.trial"] = name, str(trial)
        # named without time or run id, so that a trial that is resumed finds its checkpoints
        tags[FOLDER_TAG] = f"sweeps/{name}/{trial:04d}-{tags['remanence.config_hash']}"
    return tags


def run_name(cfg: TrackedConfiguration, source: Source) -> str:
    """Return a readable name of a run; MLflow's own random name would be the same for every seeded run."""
    model, data = str(cfg.model["_target_"]).rpartition(".")[2].lower(), configuration_name(cfg).rpartition("/")[2]
    if data in OF_ANY_FILE:
        data = Path(source.name).stem
    return str(cfg.name or f"{data}-{model}-{config_hash(cfg.plain)[:6]}")[:RUN_NAME_LENGTH]


def _user() -> str:
    """Return the name of the user, or the number in a container whose user has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _typed() -> list[str]:
    """Return the command as it was typed, split into its arguments.

    ``train`` passes the typed command to Hydra, and to processes that it starts, in the place of the program's name.
    """
    program, *arguments = sys.argv
    return shlex.split(program) if program.startswith("remanence ") else ["remanence", *arguments]
