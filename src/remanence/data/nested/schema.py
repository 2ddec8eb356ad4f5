"""Schemas of ``conf/data`` for chains; the values and their reasons stand in the YAML."""

from dataclasses import field
from typing import Any, Literal

from remanence.data.schema import Split
from remanence.foundation.schema import Count, NonNegative, Seed, configures, node


@node
class OwnTable:
    """One table of a chain of your own."""

    path: str
    composition: str | None = None
    categorical: list[str] = field(default_factory=list)
    units: dict[str, str] = field(default_factory=dict)


@node
class AnyChain:
    """Keys that every chain has; ``scales`` follow the model and are checked with it."""

    scales: dict[str, Any]
    groups: str | None
    bins: dict[str, Count]
    batch_size: Count
    split: Split
    scalers: Literal["fold", "all"]


@configures("remanence.data.nested.chain.Chain", kind="chain")
class Chain(AnyChain):
    """``conf/data/chain.yaml``."""

    tables: dict[str, OwnTable]


@configures("remanence.data.nested.perovskite.Perovskite", kind="chain")
class Perovskite(AnyChain):
    """``conf/data/perovskite.yaml``."""

    dir: str | None


@configures("remanence.data.nested.multiscale.Multiscale", kind="chain")
class Multiscale(AnyChain):
    """``conf/data/multiscale.yaml``."""

    dir: str | None
    rows: Count
    noise: NonNegative
    seed: Seed
    noise_seed: Seed
