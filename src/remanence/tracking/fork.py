"""Finding the run whose weights a new run starts from."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from remanence.data.source import Source
from remanence.errors import ConfigurationError, UserError
from remanence.tracking.artifact import logged_path
from remanence.tracking.limits import DIGEST_LENGTH
from remanence.tracking.open_run import open_run
from remanence.tracking.run import Run


@dataclass(frozen=True)
class Origin:
    """A run that is forked: another run starts from its weights."""

    run: Run

    @property
    def run_id(self) -> str:
        """Id of the forked run."""
        return self.run.id

    @property
    def config(self) -> dict[str, Any]:
        """Configuration that the forked run was trained with, plain values."""
        return self.run.config

    @cached_property
    def checkpoints(self) -> Path:
        """Folder of the run's checkpoints; they are downloaded from the artifacts if the run's folder has none."""
        own = self.run.checkpoints
        if any(own.glob("*.ckpt")) or not self.run.client.list_artifacts(self.run_id, "checkpoints"):
            return own
        return logged_path(self.run.client, self.run_id, "checkpoints")

    def described(self) -> dict[str, Any] | None:
        """Return what the run's logged model says of itself; None if it logged none, or the files are gone."""
        # here, because a mistake in a configuration is reported without importing torch
        from remanence.tracking.logged_model import saved_model_of
        from remanence.tracking.saved_model import read_description

        try:
            return saved_model_of(self.run_id, read_description, self.run.folder)
        except UserError:
            return None

    def has_read(self, sources: Iterable[Source]) -> bool:
        """Return whether the forked run was trained on any of these sources."""
        digests = {entry.dataset.digest for entry in self.run.found.inputs.dataset_inputs}
        return any(source.digest[:DIGEST_LENGTH] in digests for source in sources)


def find_origin(wanted: str, uri: str | None, outputs: Path | None) -> Origin:
    """Return the run with this id or name.

    The run is first looked for in the default database, then in the database that the new run is recorded in.

    Args:
        wanted: id or name of the run, or address of a registered model.
        uri: address of the database that the new run is recorded in; None for the default database.
        outputs: folder for the outputs of the new run; None for the default folder.

    Raises:
        ConfigurationError: if neither database has such a run.
    """
    try:
        return Origin(open_run(wanted))
    except ConfigurationError:
        with suppress(ConfigurationError):
            return Origin(open_run(wanted, uri, outputs))
        raise
