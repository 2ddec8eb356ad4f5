"""One table of a chain of one's own, see ``conf/data/chain.yaml``."""

from dataclasses import field

from remanence.foundation.constraints import FileName, node


@node
class OwnTable:
    """One table of a chain of your own."""

    path: FileName
    composition: str | None = None
    categorical: list[str] = field(default_factory=list)
    units: dict[str, str] = field(default_factory=dict)
