"""One dataset of spectra of pixels in words: its map, its dimensions, what it looks like, and what trains on it."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.axis_units import is_unit
from remanence.data.spectra.dimension import Dimension
from remanence.data.spectra.dimension_names import standardised
from remanence.data.spectra.loop_selection import AXES, Loops, Selection, fields_of, select_loops
from remanence.data.spectra.main_dataset import MainDataset
from remanence.data.spectra.sho_results import FIELDS
from remanence.errors import DataError

RAW, LOOPS, LINE, OWN = "beps/raw", "beps/loops", "beps/line", "spectra/own"
FEW = 8
"""Different values of a dimension that are all told; of more, the smallest and the largest."""


@dataclass(frozen=True, eq=False)
class DescribedDataset:
    """What is known of a dataset without reading its spectra.

    Args:
        found: the dataset with the names of the file.
    """

    found: MainDataset
    main: MainDataset = field(init=False)
    """With the names that dimensions are read by."""
    said: tuple[str, ...] = field(init=False)
    """What was guessed, a line for each."""

    def __post_init__(self) -> None:
        main, said = standardised(self.found)
        object.__setattr__(self, "main", main)
        object.__setattr__(self, "said", said)

    @property
    def records(self) -> tuple[str, ...]:
        """Names of the fields of records, if the values are records."""
        return self.main.dtype.names or ()

    @cached_property
    def loops(self) -> Loops | None:
        """All loops of a pixel; None if there are none, or their steps do not fit together."""
        if not any(self.main.dimension(name) for name in AXES):
            return None
        both = len(fields_of(self.main)) > 1
        try:
            return select_loops(self.main, Selection("both" if both else fields_of(self.main)[0], "all", "all", "all"))
        except DataError:
            return None

    @cached_property
    def looks_like(self) -> tuple[str, str]:
        """What it looks like in words, and the experiment that trains on it; empty if none does."""
        varying = [known.name for known in self.main.spectroscopic if known.size > 1]
        if self.main.path.endswith("/Guess"):
            return "start values of a fit", ""
        if not varying and not self.records:
            return "an image without a spectral dimension", ""
        if set(FIELDS.values()) <= set(self.records):
            return f"fits of resonances (SHO){self._parts(': one loop')}", LOOPS if varying else LINE
        if self.records:
            return f"records of {', '.join(self.records)}", ""
        if self.main.shape[0] == 1:
            return "the spectrum of a single point", ""
        if self.main.dtype.kind == "c" and "Frequency" in varying:
            return self._band_excitation(varying)
        if self.loops is not None and self.main.dtype.kind != "c" and self._turns():
            return f"loops{self._parts()}", LOOPS
        return f"spectra along {' x '.join(self._name(name) for name in varying)}", OWN

    @property
    def lines(self) -> list[str]:
        """What it is in lines: values, map, dimensions, what it looks like."""
        main, grid = self.main, self.main.grid
        unit = f" ({main.units})" if is_unit(main.units) else ""
        quantity = main.quantity if is_unit(main.quantity) else "values"
        kind = "records" if self.records else str(main.dtype)
        pixels = main.shape[0] - int(grid.holes.sum())
        counted = f"{pixels} pixel{'s' * (pixels != 1)} x {main.shape[1]} point{'s' * (main.shape[1] != 1)}"
        lines = [f"{main.path}: {quantity}{unit}, {kind}, {counted}, {main.format}"]
        side = f", {grid.side:.3g} µm wide" if grid.side else ""
        order = "" if grid.in_order else "; the file has them in another order"
        lines.append(f"  map          {grid.shape[0]} rows x {grid.shape[1]} columns{side}{order}")
        lines += [f"  {'':12} {grid.remark}"] if grid.remark else []
        lines += [f"  {self._name(known.name):12} {self._span(known)}" for known in main.spectroscopic]
        lines.append(f"  looks like   {self.looks_like[0]}")
        guesses = (*self.said, *(self.loops.said if self.loops else ())) if self.looks_like[1] in (RAW, LOOPS) else ()
        return [*lines, *(f"  {'':12} {guess}" for guess in guesses)]

    @property
    def choices(self) -> str:
        """What may be chosen of the loops, as it is typed; empty if there is nothing to choose."""
        if self.looks_like[1] not in (RAW, LOOPS):
            return ""
        told = ["data.field=off, on or both"] if self._number("field") > 1 else []
        for key in ("cycle", "forc") if self._has_channels else ("cycle", "forc", "read"):
            number = self._number(key)
            told += [f"data.{key}=0 to {number - 1}, or all"] if number > 1 else []
        return "; ".join(told)

    def _band_excitation(self, varying: list[str]) -> tuple[str, str]:
        if varying == ["Frequency"]:
            return f"a band-excitation {'line' if 1 in self.main.grid.shape else 'image'}: one spectrum a pixel", LINE
        if self.loops is None:
            return "spectra of band excitation whose steps do not fit together", ""
        scan = "a band-excitation scan (BEPS)"
        if self._number("read") > 1:
            read_at_bias = self.main.dimension("Read_Bias") is not None
            scan = "contact Kelvin probe microscopy (cKPFM)" if read_at_bias else "relaxation after each step of a bias"
        elif self.loops.axis == AXES[1]:
            scan = "a band-excitation sweep of the amplitude"
        return f"{scan}{self._parts(': one loop' if self.loops.axis == AXES[0] else '')}", RAW

    def _parts(self, one: str = "") -> str:
        """Return how many fields, cycles, FORC loops and read steps there are, in words."""
        reads = "channels" if self._has_channels else "read steps"
        words = {"field": "fields", "cycle": "cycles", "forc": "FORC loops", "read": reads}
        told = [f"{self._number(key)} {word}" for key, word in words.items() if self._number(key) > 1]
        return f": {', '.join(told)}" if told else one

    def _number(self, key: str) -> int:
        """Return how many fields, cycles, FORC loops or read steps are told apart by the names of the loops."""
        starts = {"cycle": "cycle ", "forc": "FORC "}
        parts = [part for name in (self.loops.names if self.loops else ()) for part in name.split(", ")]
        told: dict[str, set[str]] = {"field": set(), "cycle": set(), "forc": set(), "read": set()}
        for part in filter(None, parts):
            kind = next((kind for kind, start in starts.items() if part.startswith(start)), "read")
            told["field" if part.endswith(" field") else kind].add(part)
        return len(told[key])

    @property
    def _has_channels(self) -> bool:
        return any(known.kind == "CHANNEL" for known in self.main.spectroscopic)

    def _turns(self) -> bool:
        """Return whether the steps of a loop go up and down, as those of a bias that switches do."""
        assert self.loops is not None
        ways = np.diff(self.main.values(self.loops.axis)[self.loops.points[-1, :, 0]])
        return bool((ways > 0).any() and (ways < 0).any())

    def _name(self, name: str) -> str:
        """Return what the file calls a dimension."""
        return self.found.spectroscopic[[known.name for known in self.main.spectroscopic].index(name)].name

    def _span(self, known: Dimension) -> str:
        """Return the values of a dimension in words: of every point, because each cycle may have its own bias."""
        values = self.main.values(known.name)
        if known.name == "Field":
            return ", ".join("on" if value else "off" for value in np.unique(values))
        unit = known.unit if is_unit(known.unit) else ""
        if unit == "Hz" and np.abs(values).max() >= 1e4:
            values, unit = values / 1e3, "kHz"
        different = np.unique(values)
        shown = ", ".join(f"{value:.4g}" for value in different) if different.size <= FEW else _ends(values)
        counts = known.name in ("Cycle", "FORC", "Direction")
        missing = "" if unit or counts else "; the file says no unit"
        return f"{shown} {unit}".rstrip() + f"  ({known.size} value{'s' * (known.size != 1)}{missing})"


def _ends(values: NDArray[np.float64]) -> str:
    return f"{values.min():.4g} to {values.max():.4g}"
