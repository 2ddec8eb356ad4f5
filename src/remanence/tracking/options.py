"""Options of ``conf/tracking``; the values and their reasons stand in the YAML."""

from remanence.foundation.constraints import NonNegative, node


@node
class Tracking:
    """Where runs are recorded."""

    uri: str | None
    system_metrics: bool
    tags: dict[str, str]
    parent: str | None
    patience: NonNegative
