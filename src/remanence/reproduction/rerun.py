"""Making a run again as a new run, in this process or in one of another environment or with other code."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from omegaconf import OmegaConf

from remanence.configuration.arguments import quote_verbatim
from remanence.configuration.compose import literal
from remanence.configuration.configuration import Configuration
from remanence.errors import ConfigurationError
from remanence.foundation.trust import allowed_targets
from remanence.reproduction.fresh_environment import source_of_package
from remanence.reproduction.original import Original
from remanence.studies.kinds import amended
from remanence.tracking.address import default_outputs
from remanence.tracking.interruption import interruptible
from remanence.tracking.later_keys import put
from remanence.tracking.stored_configuration import as_reader

if TYPE_CHECKING:
    from mlflow import MlflowClient

REPRODUCES_TAG = "remanence.reproduces"
"""Tag with the id of the run that was made again."""
VERDICT_TAG = "remanence.reproduction"
"""Tag with the verdict on the metrics; until it is known, a mark by which the new run is found."""
NAMED = "stored_run"
"""Name of the configuration in its own folder, for Hydra."""
HYDRA = {
    "defaults": [{"override hydra/hydra_logging": "none"}, {"override hydra/job_logging": "none"}, "_self_"],
    "hydra": {"output_subdir": None, "run": {"dir": "."}, "job": {"chdir": False}},
}
"""What ``conf/train.yaml`` says to Hydra."""


@dataclass(frozen=True)
class Rerun:
    """What is run: a configuration with new places, and a mark by which the new run is found."""

    original: Original
    overrides: Sequence[str]
    """``data.path=…`` and so on, where the data are elsewhere now, and keys of the trainer."""
    uri: str | None
    mark: str = field(default_factory=lambda: f"pending {uuid4().hex}")

    def configuration(self) -> Configuration:
        """Return the checked configuration of the new run, of this release.

        Raises:
            ConfigurationError: if it names a class that this user does not allow, or a key that is unknown.
        """
        return amended(self._moved(as_reader(self.original.config)), quote_verbatim(list(self.overrides)))

    def file(self, folder: Path) -> Path:
        """Write the configuration as it was stored, for a release that knows no later keys, and return its folder.

        The checks of ``configuration`` are assumed to have passed.
        """
        stored = {**self._moved(self.original.config), "allowed_targets": allowed_targets()}
        for override in self.overrides:
            key, _, value = override.partition("=")
            stored = put(stored, tuple(key.split(".")), int(value) if value.isdigit() else value)
        written = OmegaConf.to_container(literal(stored), resolve=False)
        assert isinstance(written, dict)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{NAMED}.yaml"
        path.write_text(OmegaConf.to_yaml({**HYDRA, **written}), encoding="utf-8")
        path.chmod(0o600)  # an address may hold a password
        return folder

    def _moved(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return a stored configuration as that of a new run here; it does not say where the new one is written."""
        known = {str(key): value for key, value in dict(stored["tracking"].get("tags") or {}).items()}
        tags = {key: value for key, value in known.items() if not key.startswith(("remanence.", "mlflow."))}
        places = {key: value for key, value in stored["tracking"].items() if key != "experiment"}
        tags |= {REPRODUCES_TAG: self.original.run_id, VERDICT_TAG: self.mark}
        return {
            **stored,
            "name": f"{self.original.name}-again",
            **({"figure_style": None} if "figure_style" in stored else {}),  # a path of whoever made the first run
            "paths": {"outputs": str(default_outputs().absolute())},
            "tracking": {**places, "uri": self.uri, "parent": None, "tags": tags},
            "sweep": dict.fromkeys(stored["sweep"]),  # the first run may be a trial, but the new one is none
        }


def run_elsewhere(rerun: Rerun, python: str, code: Path | None, folder: Path) -> None:
    """Make a run again in another process, by the command ``remanence train`` of the code that is there.

    Args:
        rerun: what is run.
        python: interpreter of the environment.
        code: checkout whose code runs, and in which it runs; None takes the package as it is here.
        folder: folder for the configuration.

    Raises:
        ConfigurationError: if the process fails, or the run is forked, whose first weights only this process finds.
    """
    if rerun.original.config.get("fork"):
        raise ConfigurationError(
            f"reproduce: run {rerun.original.run_id} began with the weights of another run; environment=current "
            "code=installed makes it again"
        )
    place = code or source_of_package()
    source = place / "src" if place is not None and (place / "src" / "remanence").is_dir() else None
    environment = dict(os.environ)
    paths = [*([str(source)] if source is not None else []), *([str(code)] if code is not None else [])]
    environment["PYTHONPATH"] = os.pathsep.join([*paths, *filter(None, [os.environ.get("PYTHONPATH")])])
    environment["REMANENCE_OUTPUTS"] = str(default_outputs().absolute())
    command = [python, "-m", "remanence", "train", "--config-dir", str(rerun.file(folder)), "--config-name", NAMED]
    sys.stdout.flush()
    process = subprocess.Popen(command, env=environment, cwd=code)
    try:
        with interruptible():
            code_of_exit = process.wait()
    except BaseException:  # the other process writes down that it was stopped
        process.terminate()
        process.wait()
        raise
    if code_of_exit:
        raise ConfigurationError(f"reproduce: the run ended with exit code {code_of_exit}; above it says why")


def new_run_id(client: "MlflowClient", rerun: Rerun) -> str:
    """Return the id of the run that ``run_elsewhere`` has made.

    Raises:
        ConfigurationError: if there is none.
    """
    from remanence.tracking.search import search

    found = search(client, f"tags.`{VERDICT_TAG}` = '{rerun.mark}'")
    if not found:
        raise ConfigurationError("reproduce: the new run is not in the database")
    return str(found[-1].info.run_id)
