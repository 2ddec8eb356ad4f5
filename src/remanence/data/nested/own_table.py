"""Options of one table of the user's own chain, see ``conf/data/chain.yaml``."""

from dataclasses import field

from remanence.foundation.constraints import FileName, node


@node
class OwnTable:
    """Options of one table of the user's own chain."""

    path: FileName
    composition: str | None = None
    categorical: list[str] = field(default_factory=list)
    units: dict[str, str] = field(default_factory=dict)
