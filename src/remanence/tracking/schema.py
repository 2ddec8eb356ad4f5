"""Schema of ``conf/tracking``; the values and their reasons stand in the YAML."""

from remanence.foundation.constraints import NonNegative, node

VERSION = 1
"""Of the database's tags and of ``run.json``; raised when an older one can no longer be read."""


@node
class Tracking:
    """Where runs are recorded."""

    uri: str | None
    system_metrics: bool
    tags: dict[str, str]
    parent: str | None
    patience: NonNegative
