"""Loops that somebody has fitted already: of piezoresponse, of fitted resonances, or projected ones."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from remanence.data.array_file import array_names
from remanence.data.declared_size import bytes_of, check_fits
from remanence.data.spectra.axis_units import is_unit, unit_factor
from remanence.data.spectra.dimension_names import standardised
from remanence.data.spectra.fitted_loops import CHANNELS, channel_names, loops_of_fits, masked_pixels
from remanence.data.spectra.hdf5_spectra import check_spectral, has_spectra
from remanence.data.spectra.loop_selection import STEP, Selection, common_steps, select_loops
from remanence.data.spectra.main_dataset import MainDataset
from remanence.data.spectra.own import OwnSpectra
from remanence.data.spectra.pixel_spectra import PixelSpectra, labelled
from remanence.data.spectra.plausibility import bias_in_volts
from remanence.data.spectra.sho_results import CONTACT_KELVIN_PROBE, ShoResults, is_sho_fit, read_contact_kelvin_probe
from remanence.data.spectra.spectral_file import SpectralFile
from remanence.errors import DataError
from remanence.foundation.constraints import Fraction
from remanence.science.band_excitation.phase import RotationSums

Values = NDArray[np.float64]
NAMED = re.compile(r"response|freq|reson|\(", re.IGNORECASE)
"""What the name of a channel has that says what it is, or its unit; other names are those of files and columns."""
FIT_BYTES = 150
"""Bytes that one fit takes while loops are made of it."""
PROJECTED = "/Projected_Loops"
"""End of the path of loops that BGlib made of fits of resonances."""
FLATTENED = (
    "projected loops are taken as they are: BGlib 0.0.6 turns a response by the tangent of an angle, "
    "so that the height of a loop depends on its phase; without data.dataset loops are made of the fits"
)


class Loops(OwnSpectra):
    """Loops of a bias from a file in which somebody has fitted or measured them; nothing is fitted again.

    Read are fits of resonances (SHO) in h5USID files, projected loops beside them, loops in NSID files, fits of a
    contact Kelvin probe scan (.npz), and loops in arrays and tables.

    Args:
        field: whether to read the ``off`` or the ``on`` field, or ``both``, each with channels of its own.
        cycle: cycle of the bias, counted from 0; negative numbers count from the end; ``all`` keeps all as channels.
        forc: number of the FORC loop, likewise.
        minimum_r2: smallest R² of a good fit of a resonance; a fit with less is bad.
        max_bad: largest share of bad fits in the loops of a pixel; with more, the pixel is masked.
        **own: further arguments of ``OwnSpectra``.
    """

    experiment: ClassVar[str] = "beps/loops"

    def __init__(
        self,
        *,
        field: Literal["off", "on", "both"] = "off",
        cycle: int | Literal["all"] = -1,
        forc: int | Literal["all"] = -1,
        minimum_r2: Fraction = 0.5,
        max_bad: Fraction = 0.2,
        **own: Any,
    ) -> None:
        super().__init__(**own)
        self.selection = Selection(field, cycle, forc)
        self.minimum_r2, self.max_bad = minimum_r2, max_bad

    def from_arrays(self) -> PixelSpectra:
        """Read loops from arrays; an .npz file may hold the fits of a contact Kelvin probe scan."""
        if self.file.suffix.lower() == ".npz" and array_names(self.file) >= CONTACT_KELVIN_PROBE:
            return self._of_contact_kelvin_probe(self.file)
        return _of_bias(super().from_arrays())

    def from_table(self) -> PixelSpectra:
        """Read loops from a table."""
        return _of_bias(super().from_table())

    def from_hdf5(self) -> PixelSpectra:
        """Read loops from an HDF5 file: those of the latest fit of resonances, else the first along a bias."""
        file = SpectralFile(self.file)
        main, said = standardised(self.main(file, _preferred(file)), self.units)
        if main.dtype.names:
            return self._of_fits(main, said)
        if main.dtype.kind == "c" and main.dimension("Frequency") is not None:
            raise DataError(
                f"{main.where} holds spectra of band excitation whose resonances nobody has fitted; "
                f"experiment=beps/raw data.path={self.file} fits them"
            )
        check_spectral(main)
        if main.dimension("DC_Offset") is None:
            known = ", ".join(each.name for each in main.spectroscopic) or "none"
            raise DataError(
                f"{main.where} has no bias (its spectral dimensions: {known}); data.names={{DC_Offset: <dimension>}} "
                "names one, and experiment=spectra/own reads spectra along any axis"
            )
        return self._of_values(file, main, said)

    def _of_fits(self, main: MainDataset, said: tuple[str, ...]) -> PixelSpectra:
        check_fits(f"{main.where}: fits of shape {main.shape}", bytes_of(main.shape, FIT_BYTES))
        loops = select_loops(main, self.selection)
        points = loops.points[..., 0]
        fits = ShoResults.from_records(main.read()[:, points.reshape(-1)], main.where)
        bias = bias_in_volts(main, main.values(loops.axis)[points.reshape(-1)])
        values, told = self._loops(fits, bias.values, len(points), main.grid.holes)
        axis, is_bias = common_steps(bias.values.reshape(points.shape))
        name, unit = ("DC bias", "V") if is_bias else (STEP, "")
        also = [path for path in main.file.datasets if path.endswith(PROJECTED)]
        choice = (f"{main.path} is read; data.dataset={also[0]} reads the projected loops instead",) if also else ()
        lines = (*said, *choice, *main.grid.said, *loops.said, *bias.said, told)
        names, grid = channel_names(loops.names), main.grid
        return PixelSpectra(values, axis, name, unit, names, grid.shape, grid.side, lines, grid.axes)

    def _loops(self, fits: ShoResults, bias: Values, number: int, holes: NDArray[np.bool_]) -> tuple[Values, str]:
        """Return the loops (pixels, steps, channels) of fits (pixels, loops · steps), and what became of bad ones."""
        measured = np.isfinite([fits.amplitude, fits.phase, fits.resonance_frequency]).all(axis=0)
        bad = ~(measured & (fits.r2 >= self.minimum_r2) & (fits.resonance_frequency > 0))
        if bad.all():
            raise DataError(f"{self.file}: none of its {bad.size} fits has an R² of {self.minimum_r2:g} or more")
        usable = np.where(bad, np.nan, fits.amplitude)
        rotation = float(RotationSums.of(usable, fits.phase, bias).over_pixels().rotation)
        values = loops_of_fits(
            fits.amplitude,
            fits.phase,
            fits.resonance_frequency / 1e3,
            bad,
            rotation=rotation,
            max_bad=self.max_bad,
            number=number,
        )
        masked = masked_pixels(bad, self.max_bad)
        there = bad[~holes]
        told = (
            f"{there.size} stored fits are taken as they are, {there.sum()} bad ({there.mean():.2%}); "
            f"{int(bad[~masked].sum())} of them interpolated, the rest in {int((masked & ~holes).sum())} masked pixels"
        )
        return values, told

    def _of_values(self, file: SpectralFile, main: MainDataset, said: tuple[str, ...]) -> PixelSpectra:
        """Return loops that are values, with those of datasets beside them along the same bias."""
        loops = select_loops(main, self.selection)
        points = loops.points[..., 0]
        bias = bias_in_volts(main, main.values(loops.axis)[points.reshape(-1)])
        mains = [main, *self._beside(file, main)]
        check_fits(f"{main.where}: loops of shape {main.shape}", len(mains) * bytes_of(main.shape, 32))
        parts, channels = [], []
        for each in mains:
            each.file.check_written(each.file.dataset(each.path))
            label, factor = _channel(each)
            parts.append(each.read()[:, points].astype(np.float64) * factor)  # (pixels, loops, steps)
            channels += [", ".join(part for part in (label, name) if part) for name in loops.names]
        values = np.concatenate(parts, axis=1).transpose(0, 2, 1)
        axis, is_bias = common_steps(bias.values.reshape(points.shape))
        name, unit = ("DC bias", "V") if is_bias else (STEP, "")
        also = (f"{len(mains)} datasets along one bias are channels of one loop",) if len(mains) > 1 else ()
        turned = (FLATTENED,) if main.path.endswith(PROJECTED) else ()
        lines = (*said, *also, *turned, *main.grid.said, *loops.said, *bias.said)
        grid = main.grid
        return PixelSpectra(values, axis, name, unit, tuple(channels), grid.shape, grid.side, lines, grid.axes)

    def _beside(self, file: SpectralFile, main: MainDataset) -> list[MainDataset]:
        """Return the other datasets of the file with the same pixels and the same bias, if the user named none."""
        if self.dataset or self.measurement or self.channel or main.format != "NSID":
            return []
        found = []
        for path in file.main_datasets:
            if path == main.path:
                continue
            try:
                other = standardised(file.main(path, names=self.names), self.units)[0]
            except DataError:  # has no dimension of a name that the user gave
                continue
            if _alike(main, other):
                found.append(other)
        return found

    def _of_contact_kelvin_probe(self, path: Path) -> PixelSpectra:
        scan = read_contact_kelvin_probe(path)
        fields = scan.results.amplitude.shape[2]
        number = {"off": 0, "on": 1}.get(self.selection.field, 0)
        if number >= fields or self.selection.field == "both":
            raise DataError(f"{path}: data.field: it has {fields} fields; expected off or on")
        rows, cols, _, write, read = scan.results.amplitude.shape

        def in_order(values: Values) -> Values:  # one loop for each read bias, (pixels, loops · steps)
            return values[:, :, number].transpose(0, 1, 3, 2).reshape(rows * cols, read * write)

        fits = ShoResults(*(in_order(getattr(scan.results, name)) for name in vars(scan.results)))
        bias = np.tile(scan.write_bias, read)
        values, told = self._loops(fits, bias, read, np.zeros(rows * cols, dtype=bool))
        names = channel_names(tuple(f"read {volt:g} V" for volt in scan.read_bias))
        said = (
            f"contact Kelvin probe scan: {read} read biases, each a loop along {write} write biases",
            f"field {number} of {fields} is taken as '{self.selection.field}'; the file does not name them",
            told,
        )
        return PixelSpectra(values, scan.write_bias, "DC bias", "V", names, (rows, cols), None, said)


def _preferred(file: SpectralFile) -> Callable[[MainDataset], bool]:
    """Return which dataset to take: the latest SHO fit, whose name has the highest number, before all others."""
    fits = [path for path in file.main_datasets if path.endswith("/Fit") and is_sho_fit(file.describe(path))]
    latest = max(fits, default=None)
    return is_fitted_loop if latest is None else lambda main: main.path == latest


def is_fitted_loop(main: MainDataset) -> bool:
    """Return whether a dataset holds loops of a bias: fits of resonances, or real values."""
    fitted = is_sho_fit(main) or (has_spectra(main) and main.dtype.kind != "c")
    return fitted and standardised(main)[0].dimension("DC_Offset") is not None


def _of_bias(found: PixelSpectra) -> PixelSpectra:
    """Return loops of an array or a table along what is taken as the bias in V."""
    unit, factor = found.axis_unit, 1.0
    said = found.said
    if is_unit(unit):
        known = unit_factor(unit, "V")
        if known is None:
            raise DataError(f"the axis is in {unit}; loops need a bias in V: experiment=spectra/own reads any axis")
        factor = known
    else:
        said = (*said, f"the axis {found.axis_name} is taken as the bias in V")
    channels = found.channels
    if len(channels) == 1 and not NAMED.search(channels[0]):
        said = (*said, f"the channel '{channels[0]}' is taken as the piezoresponse; data.channels names it otherwise")
        channels = CHANNELS[:1]
    return replace(
        found, axis=found.axis * factor, axis_name="DC bias", axis_unit="V", channels=channels, said=tuple(said)
    )


def _channel(main: MainDataset) -> tuple[str, float]:
    """Return name and unit of the channel that a dataset is, and the factor to its unit; frequencies are in kHz."""
    quantity, units = main.quantity, main.units
    if main.path.endswith(PROJECTED):  # BGlib copies the attributes of the fits, which are records
        return "projected piezoresponse (arb. units)", 1.0
    factor = unit_factor(units, "Hz")
    if factor is not None:
        return labelled(quantity.lower() or "resonance frequency", "kHz"), factor / 1e3
    if not quantity or not is_unit(quantity):
        quantity = main.path.rpartition("/")[2]
    name = quantity.lower() if "response" in quantity.lower() else quantity
    return labelled(name, units if is_unit(units) else "arb. units"), 1.0


def _alike(main: MainDataset, other: MainDataset) -> bool:
    """Return whether another dataset has real values at the same pixels along the same dimensions."""
    if other.dtype.kind not in "iuf" or other.shape != main.shape or other.grid.shape != main.grid.shape:
        return False
    names: Mapping[str, Any] = {known.name: known for known in other.spectroscopic}
    return set(names) == {known.name for known in main.spectroscopic} and all(
        np.array_equal(main.values(name), other.values(name)) for name in names
    )
