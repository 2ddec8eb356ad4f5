"""Rows with equal inputs: one sample that was measured again, or samples that the inputs do not tell apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from remanence.data.row_digests import rounded_bits

GOLDEN = 0x9E3779B97F4A7C15
"""Step between the columns of a digest, as that of SplitMix64."""


@dataclass(frozen=True)
class EqualInputs:
    """The sets of rows with equal inputs."""

    sets: NDArray[np.intp]
    """Set of each row, shape (rows,), numbered in the order in which the sets begin; most hold a single row."""

    @classmethod
    def of(cls, x: NDArray[np.float64], *further: Sequence[Any] | NDArray[Any]) -> Self:
        """Find the sets; numbers are equal if they are equal as float32, so that rounding in a file does not count.

        Args:
            x: encoded inputs, shape (rows, inputs).
            *further: further values of each row, shape (rows,), that have to be equal as well.

        >>> EqualInputs.of(np.array([[0.1, 3], [0.2, 3], [0.1, 3]])).sets.tolist()
        [0, 1, 0]
        """
        digests = np.zeros(len(x), dtype=np.uint64)
        columns = (rounded_bits(np.ascontiguousarray(column, dtype="<f8") + 0.0) for column in x.T)  # -0.0 becomes 0.0
        named = (pd.factorize(np.asarray(values))[0].astype(np.uint64) for values in further)
        for number, bits in enumerate(chain(columns, named)):
            digests += _mixed(bits + np.uint64(number * GOLDEN % 2**64))
        return cls(pd.factorize(digests)[0].astype(np.intp))

    @property
    def count(self) -> int:
        """Number of sets, which is that of different inputs."""
        return int(self.sets.max()) + 1 if len(self.sets) else 0

    @property
    def repeated(self) -> NDArray[np.bool_]:
        """Whether another row has the inputs of a row, shape (rows,)."""
        return (np.bincount(self.sets) > 1)[self.sets]

    def shared(self, rows: NDArray[np.intp], others: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return which of some rows have the inputs of one of some other rows, shape of ``rows``."""
        return np.isin(self.sets[rows], self.sets[others])

    def torn(self, parts: NDArray[Any]) -> NDArray[np.bool_]:
        """Return whether the set of each row, shape (rows,), stands in several of ``parts`` (rows,)."""
        pairs = np.unique(np.stack([self.sets, pd.factorize(parts)[0]]), axis=1)
        return (np.bincount(pairs[0]) > 1)[self.sets]

    def joined(self, families: NDArray[Any]) -> NDArray[Any]:
        """Return families (rows,) of which those that share equal inputs have become one, named after all of them."""
        if not self.torn(families).any():
            return families
        codes, names = pd.factorize(families)
        size = (self.count, len(names))
        links = coo_array((np.ones(len(codes)), (self.sets, codes + size[0])), shape=(sum(size), sum(size)))
        _, component = connected_components(links, directed=False)
        of_family = component[size[0] :]
        together: dict[int, list[str]] = {}
        for name, joined in zip(names, of_family, strict=True):
            together.setdefault(int(joined), []).append(str(name))
        named = np.array([" + ".join(sorted(together[int(joined)])) for joined in of_family])
        return named[codes]

    def means(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean of values (rows,) in each set, shape (sets,)."""
        mean: NDArray[np.float64] = np.bincount(self.sets, weights=values) / np.bincount(self.sets)
        return mean

    def noise_floor(self, targets: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the pooled standard deviation of targets (rows, targets) within the sets, shape (targets,).

        No prediction from these inputs can have a smaller RMSE on many such rows. NaN if no inputs are repeated.
        """
        free = len(self.sets) - self.count
        within = [((column - self.means(column)[self.sets]) ** 2).sum() for column in targets.T]
        return np.sqrt(np.array(within) / free) if free else np.full(targets.shape[1], np.nan)


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return numbers (rows,) that differ in half of their bits if ``bits`` (rows,) differ in one.

    Source: SplitMix64 in Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
    """
    mixed = bits ^ (bits >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed
