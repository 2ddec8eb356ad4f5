"""The synthetic three-scale set: properties of one scale are hidden causes of the properties of the next scale."""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from remanence.data.nested.chain import Chain
from remanence.data.nested.multiscale_tables import read_multiscale, simulated_tables
from remanence.data.nested.opened_chain import OpenedChain
from remanence.data.nested.source_table import SourceTable
from remanence.data.source import Source
from remanence.foundation.constraints import Count, FileName, NonNegative, Seed
from remanence.science.nested.multiscale import COLUMNS


class Multiscale(Chain):
    """The tables ``fine``, ``middle`` and ``coarse`` of the same samples, joined by the column ``sample``.

    Args:
        dir: folder with the published arrays; None simulates the samples. The default seeds give the published samples.
        rows: number of samples.
        noise: standard deviation of the noise that is added to the hidden variables.
        seed: seed of the hidden variables.
        noise_seed: seed of the noise.
        draw: number that is added to both seeds; means nothing to files.
        **chain: further arguments of ``Chain``.

    Source: NestedAE, datasets/synthetic_dataset_2.
    """

    synthetic = True
    without = ("tables",)

    def __init__(
        self,
        *,
        dir: FileName | None = None,
        rows: Count = 1000,
        noise: NonNegative = 1.0,
        seed: Seed = 100,
        noise_seed: Seed = 42,
        draw: Seed = 0,
        **chain: Any,
    ) -> None:
        super().__init__(**chain)
        self.dir, self.rows, self.noise, self.seeds = dir, rows, noise, (seed + draw, noise_seed + draw)

    @property
    def known_tables(self) -> Sequence[str]:
        """Names of the tables, one for each scale."""
        return list(COLUMNS)

    def open(self) -> OpenedChain:
        """Simulate or read the samples."""
        self.frames = (
            read_multiscale(self.dir, self.noise)
            if self.dir is not None
            else simulated_tables(rows=self.rows, noise=self.noise, seed=self.seeds[0], noise_seed=self.seeds[1])
        )
        return super().open()

    def read(self, name: str) -> SourceTable:
        """Return one of the tables."""
        frame = self.frames[name]
        content = hashlib.sha256(np.ascontiguousarray(frame.to_numpy(dtype=np.float64)).tobytes()).hexdigest()
        return SourceTable(frame, Source(f"{name} (synthetic)", "remanence", content, "simulated"))
