"""Finding the run whose weights another one starts from."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from remanence.data.source import Source
from remanence.errors import ConfigurationError
from remanence.tracking.limits import DIGEST_LENGTH
from remanence.tracking.open_run import open_run
from remanence.tracking.run import Run


@dataclass(frozen=True)
class Origin:
    """A run as others fork it."""

    run: Run

    @property
    def run_id(self) -> str:
        """Its id."""
        return self.run.id

    @property
    def config(self) -> dict[str, Any]:
        """What it was trained with, plain values."""
        return self.run.config

    @cached_property
    def checkpoints(self) -> Path:
        """Folder of its checkpoints, here or copied from its artifacts."""
        own = self.run.checkpoints
        if any(own.glob("*.ckpt")) or not self.run.client.list_artifacts(self.run_id, "checkpoints"):
            return own
        return Path(self.run.client.download_artifacts(self.run_id, "checkpoints"))

    def has_read(self, sources: Iterable[Source]) -> bool:
        """Whether it was trained on any of these."""
        digests = {entry.dataset.digest for entry in self.run.found.inputs.dataset_inputs}
        return any(source.digest[:DIGEST_LENGTH] in digests for source in sources)


def find_origin(wanted: str, uri: str | None, outputs: Path | None) -> Origin:
    """Return the run with this id or name: one where runs are by default or, failing that, where the fork goes.

    Args:
        wanted: id, name, or address of a registered model.
        uri: of the database that the fork is recorded in; None for the default one.
        outputs: folder of its outputs; likewise.

    Raises:
        ConfigurationError: if there is none.
    """
    try:
        return Origin(open_run(wanted))
    except ConfigurationError:
        with suppress(ConfigurationError):
            return Origin(open_run(wanted, uri, outputs))
        raise
