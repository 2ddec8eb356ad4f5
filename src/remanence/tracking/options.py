"""Options of ``conf/tracking``; the YAML files there hold the values and their reasons."""

from remanence.foundation.constraints import NonNegative, node


@node
class Tracking:
    """Where and how runs are recorded."""

    uri: str | None
    system_metrics: bool
    tags: dict[str, str]
    parent: str | None
    patience: NonNegative
    experiment: str | None = None
