"""One dataset of spectra of pixels in words: its map, its dimensions, what it looks like, and what trains on it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.axis_units import unit_factor
from remanence.data.spectra.dimension import Dimension
from remanence.data.spectra.dimension_role import Role, role_of
from remanence.data.spectra.main_dataset import MainDataset
from remanence.data.spectra.sho_results import FIELDS

RAW, LOOPS, LINE, OWN = "beps/raw", "beps/loops", "beps/line", "spectra/own"
FEW = 8
"""Values of a dimension that are all told; of more, the first, the last and their number."""


@dataclass(frozen=True, eq=False)
class DescribedDataset:
    """What is known of a dataset without reading its spectra."""

    main: MainDataset

    @cached_property
    def roles(self) -> dict[Role, Dimension]:
        """The dimension of each role; where several have one, the first with more than one value."""
        found: dict[Role, Dimension] = {}
        for dimension in sorted(self.main.spectroscopic, key=lambda known: known.size == 1):
            found.setdefault(role_of(dimension), dimension)
        return found

    @cached_property
    def loops_of(self) -> int:
        """Number of separate loops of the bias of a pixel: cycles, fields and FORC cycles together."""
        return int(np.prod([self._size(role) for role in ("field", "cycle", "forc")]))

    @property
    def records(self) -> tuple[str, ...]:
        """Names of the fields of records, if the values are records."""
        return self.main.dtype.names or ()

    @cached_property
    def looks_like(self) -> tuple[str, str]:
        """What it looks like in words, and the experiment that trains on it; empty if none does."""
        if self.main.path.endswith("/Guess"):
            return "start values of a fit", ""
        if self.main.shape[1] == 1 and not self.records:
            return "an image without a spectral dimension", ""
        if set(FIELDS.values()) <= set(self.records):
            return self._loops("fits of resonances (SHO)")
        if self.records:
            return f"records of {', '.join(self.records)}", ""
        if self.main.shape[0] == 1:
            return "the spectrum of a single point", ""
        bias, complex_ = self._size("bias") > 1, self.main.dtype.kind == "c"
        if complex_ and self._size("frequency") > 1:
            return self._band_excitation(bias=bias)
        if complex_:
            return "complex values without a frequency", ""
        if bias and self._is_closed("bias"):
            return self._loops("loops")
        along = " x ".join(known.name for known in self.main.spectroscopic if known.size > 1)
        return f"spectra along {along}", OWN

    @property
    def lines(self) -> list[str]:
        """Return what it is in lines: values, map, dimensions, what it looks like."""
        main, grid = self.main, self.main.grid
        unit = f" ({main.units})" if main.units else ""
        values = f"{main.quantity or 'values'}{unit}, {main.dtype if not self.records else 'records'}"
        pixels = main.shape[0] - int(grid.holes.sum())
        lines = [f"{main.path}: {values}, {pixels} pixels x {main.shape[1]} points, {main.format}"]
        side = f", {grid.side:.3g} µm wide" if grid.side else ""
        order = "" if grid.in_order else "; the file has them in another order"
        lines.append(f"  map          {grid.shape[0]} rows x {grid.shape[1]} columns{side}{order}")
        lines += [f"  {'':11}  {grid.remark}"] if grid.remark else []
        lines += [f"  {known.name:11}  {self._span(known)}" for known in main.spectroscopic]
        lines.append(f"  looks like   {self.looks_like[0]}")
        return lines

    @property
    def choices(self) -> str:
        """Return what may be chosen of the loops, as it is typed; empty if there is nothing to choose."""
        field, cycles, forc = (self._size(role) for role in ("field", "cycle", "forc"))
        told = ["data.field=off or on"] if field > 1 else []
        told += [f"data.cycle=0 to {cycles - 1} (-1: the last)"] if cycles > 1 else []
        told += [f"data.forc=0 to {forc - 1}"] if forc > 1 else []
        return ", ".join(told)

    def overrides(self) -> list[str]:
        """Return what a command needs beside the path: names of dimensions that the experiment does not know."""
        wanted: dict[Role, str] = {"bias": "DC_Offset", "frequency": "Frequency", "cycle": "Cycle", "field": "Field"}
        if self.looks_like[1] not in (RAW, LOOPS, LINE):
            return []
        needed = [role for role in wanted if role in self.roles and self.roles[role].name != wanted[role]]
        if self.looks_like[1] == LOOPS:
            needed = []
        names = ", ".join(f"{wanted[role]}: {self.roles[role].name}" for role in needed)
        return [f"data.names={{{names}}}"] if names else []

    def _band_excitation(self, *, bias: bool) -> tuple[str, str]:
        if self._size("read bias") > 1:
            return "contact Kelvin probe microscopy (cKPFM), spectra of band excitation", RAW
        if self._size("time") > 1 and bias:
            return f"relaxation after each of {self._size('bias')} bias steps, spectra of band excitation", RAW
        if bias:
            loops = f"{self.loops_of} loops" if self.loops_of > 1 else "one loop"
            return f"a band-excitation scan of {loops} at every pixel (BEPS){self._parts()}", RAW
        if self._size("amplitude") > 1:
            return "a sweep of the amplitude, spectra of band excitation", RAW
        image = "line" if 1 in self.main.grid.shape else "image"
        return f"a band-excitation {image}: one spectrum at every pixel", LINE

    def _loops(self, what: str) -> tuple[str, str]:
        if self._size("bias") < 2:
            return what, LINE
        return f"{what} of {self._size('bias')} bias steps{self._parts()}", LOOPS

    def _parts(self) -> str:
        """Return fields, cycles and FORC cycles in words."""
        parts: dict[Role, str] = {"field": "fields", "cycle": "cycles", "forc": "FORC cycles"}
        told = [f"{self._size(role)} {name}" for role, name in parts.items() if self._size(role) > 1]
        return f": {', '.join(told)}" if told else ""

    def _size(self, role: Role) -> int:
        return self.roles[role].size if role in self.roles else 1

    def _is_closed(self, role: Role) -> bool:
        """Return whether the values of a dimension go up and down again, as the bias of a loop does."""
        values = self.main.values(self.roles[role].name)
        steps = np.sign(np.diff(values))
        return bool((steps > 0).any() and (steps < 0).any())

    def _span(self, known: Dimension) -> str:
        """Return the values of a dimension in words; of each point's own, as the bias of a cycle may differ."""
        values = self.main.values(known.name)
        if role_of(known) == "field":
            return ", ".join("on" if value else "off" for value in np.unique(values))
        unit = known.unit
        if unit == "Hz" and np.abs(values).max() >= 1e4:
            values, unit = values / 1e3, "kHz"
        different = np.unique(values)
        shown = ", ".join(f"{value:.4g}" for value in different) if different.size <= FEW else _ends(values)
        factor = unit_factor(unit, "Hz") if role_of(known) == "frequency" else 1
        missing = "" if factor is not None else "; the file says no unit"
        return f"{shown} {unit}".rstrip() + f"  ({known.size} values{missing})"


def _ends(values: NDArray[np.float64]) -> str:
    return f"{values.min():.4g} to {values.max():.4g}"
