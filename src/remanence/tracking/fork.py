"""Finding the run whose weights another one starts from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remanence.data.table import Source
from remanence.tracking.address import tracking_uri, without_secrets
from remanence.tracking.database import connect
from remanence.tracking.limits import DIGEST_LENGTH
from remanence.tracking.run import Run
from remanence.tracking.search import find_run, stored_config


@dataclass(frozen=True)
class Origin:
    """A run as others fork it."""

    run_id: str
    config: dict[str, Any]
    """That it was trained with, plain values."""
    checkpoints: Path
    """Folder of its checkpoints, here or copied from its artifacts."""
    digests: frozenset[str]
    """Of everything that it read."""

    def has_read(self, sources: Iterable[Source]) -> bool:
        """Whether it was trained on any of these."""
        return any(source.digest[:DIGEST_LENGTH] in self.digests for source in sources)


def find_origin(wanted: str, place: Mapping[str, Any]) -> Origin:
    """Return the run with this id or name.

    Args:
        wanted: id, name, or address of a registered model.
        place: with ``uri`` and ``outputs``, where runs are recorded.

    Raises:
        ConfigurationError: if there is none, or it has no configuration because it is a sweep.
    """
    outputs = Path(place["outputs"])
    uri = tracking_uri(place["uri"], outputs)
    client = connect(uri)
    found = find_run(client, wanted, uri)
    run_id = found.info.run_id
    config = stored_config(client, run_id)
    checkpoints = Run.of(found, client, uri=without_secrets(uri), outputs=outputs).checkpoints
    if not any(checkpoints.glob("*.ckpt")) and client.list_artifacts(run_id, "checkpoints"):
        checkpoints = Path(client.download_artifacts(run_id, "checkpoints"))
    digests = frozenset(entry.dataset.digest for entry in found.inputs.dataset_inputs)
    return Origin(run_id, config, checkpoints, digests)
