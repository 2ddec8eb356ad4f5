"""Simulated band-excitation scans: the physics of ``remanence.science.band_excitation`` in the instrument's format."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import h5py
import numpy as np
import pydantic
import torch
from numpy.typing import NDArray

from remanence.data.spectra.dimension import Dimension
from remanence.data.spectra.ground_truth import write_ground_truth
from remanence.data.spectra.h5usid_writer import H5UsidWriter, write_h5usid
from remanence.data.spectra.loop_selection import FIELD_VALUES
from remanence.foundation.constraints import Count, Positive, Seed, Share
from remanence.science.band_excitation.domain_pattern import domain_pattern
from remanence.science.band_excitation.sho import sho_response
from remanence.science.band_excitation.switching import (
    FACTORS,
    QUALITY_FACTOR,
    Field,
    switching_loops,
    triangular_bias,
)

CHANNEL = "/Measurement_000/Channel_000"
CENTRE = 1325.0  # kHz, the mean contact resonance of the published loops
MAP_SIDE = 2e-6  # m, width of the map as in the paper
FIELDS: tuple[Field, Field] = ("on", "off")  # a pulse is applied, then removed
CHUNK = 32  # pixels simulated at a time; another number would change the noise that each pixel gets
CROSSTALK = 0.2  # share of the median amplitude: it makes the phase turn at the coercive bias, as measured, not jump
GLITCH = 5.0  # noise of an outlier spectrum, as a multiple of the noise of the other spectra


class SimulatedScan:
    """A simulated scan of a c/a - a1/a2 domain pattern, on and off field, with noise, outliers and drift.

    Args:
        rows: pixels along the slow axis.
        cols: pixels along the fast axis.
        steps: bias steps of a cycle.
        cycles: number of cycles of the bias.
        bins: number of frequencies of a spectrum.
        bandwidth: bandwidth of the excitation around 1325 kHz, in kHz.
        snr: signal-to-noise ratio: the resonance peak of a saturated pixel of median amplitude, over the standard
            deviation of the noise. The noise of the real part and that of the imaginary part have this deviation each.
        outliers: share of the spectra in which the tip lost contact; they hold only noise, which is five times as
            strong as elsewhere.
        dead_pixels: share of the pixels that hold only noise.
        resonance_drift: rise of the resonance frequency over the scan, in kHz.
        amplitude_drift: share of the amplitude that is lost over the scan.
        phase: phase offset of the electronics, in rad, which is added to the phase of the response.
        seed: seed of the pattern and the noise.
    """

    simulator = "beps"

    def __init__(
        self,
        *,
        rows: Count = 60,
        cols: Count = 60,
        steps: Annotated[int, pydantic.Field(ge=4)] = 96,
        cycles: Count = 1,
        bins: Annotated[int, pydantic.Field(ge=4)] = 74,
        bandwidth: Annotated[float, pydantic.Field(gt=0, le=1000)] = 80.0,
        snr: Positive = 20.0,
        outliers: Share = 0.002,
        dead_pixels: Share = 0.001,
        resonance_drift: float = 3.0,
        amplitude_drift: Share = 0.05,
        phase: float = 0.6,
        seed: Seed = 0,
    ) -> None:
        self.rows, self.cols, self.steps, self.cycles, self.bins = rows, cols, steps, cycles, bins
        self.snr, self.outliers, self.dead_pixels = snr, outliers, dead_pixels
        self.resonance_drift, self.amplitude_drift, self.phase, self.seed = (
            resonance_drift,
            amplitude_drift,
            phase,
            seed,
        )
        self.voltage = triangular_bias(steps)
        self.frequency = 1e3 * (CENTRE + bandwidth * np.linspace(-0.5, 0.5, bins))
        """Frequency of each bin, in Hz."""
        self.pattern = domain_pattern(rows, cols, seed=seed)
        typical = float(np.median(self.pattern.factors[:, list(FACTORS).index("amplitude")]))
        self.crosstalk = CROSSTALK * typical
        """Amplitude of a response in quadrature that does not switch, arb. units."""
        self.noise = typical * QUALITY_FACTOR / snr
        """Standard deviation of the noise of the real part, and of that of the imaginary part, arb. units."""
        self._dead = np.random.default_rng([seed, 0]).random(rows * cols) < dead_pixels

    @property
    def spectra(self) -> int:
        """Number of spectra in the file."""
        return self.rows * self.cols * self.spectra_per_pixel

    @property
    def spectra_per_pixel(self) -> int:
        """Number of spectra of a pixel, over both fields, all steps and all cycles."""
        return 2 * self.steps * self.cycles

    @property
    def truth(self) -> dict[str, NDArray[np.float64]]:
        """Map of each latent factor, shape (rows, cols)."""
        return self.pattern.maps()

    def write(self, path: str | Path) -> None:
        """Write the scan and its ground truth as an h5USID file; memory holds only a few pixels at a time.

        Raises:
            DataError: if the file cannot be written.
        """
        with write_h5usid(path) as writer:
            raw, truth = self.declare(writer)
            for pixels, spectra, loops in self.measured():
                raw[pixels] = spectra
                for name, values in loops.items():
                    truth[name][pixels] = values

    def declare(
        self, writer: H5UsidWriter, *, chunks: tuple[int, int] | None = None
    ) -> tuple[h5py.Dataset, dict[str, h5py.Dataset]]:
        """Create the datasets of the spectra and of the ground truth, by name, to be filled pixel by pixel.

        Args:
            writer: of the file.
            chunks: pieces in which the spectra are stored; None stores them as a whole.
        """
        bias = [
            Dimension("Field", "", np.array([FIELD_VALUES[field] for field in FIELDS])),
            Dimension("DC_Offset", "V", self.voltage),
        ]
        loop = [*bias, Dimension("Cycle", "", np.arange(float(self.cycles)))]
        positions = [Dimension("X", "m", _axis(self.cols)), Dimension("Y", "m", _axis(self.rows))]
        self._describe(writer)
        raw = writer.main(
            f"{CHANNEL}/Raw_Data",
            positions,
            [Dimension("Frequency", "Hz", self.frequency), *loop],
            dtype=np.complex64,
            quantity="Cantilever Vertical Deflection",
            units="V",
            chunks=chunks,
        )
        return raw, write_ground_truth(writer, CHANNEL, positions, loop, self.pattern.factors)

    def measured(self) -> Iterator[tuple[slice, NDArray[np.complex64], dict[str, NDArray[Any]]]]:
        """Yield a few pixels at a time: their slice, noisy spectra (pixels, points), and the ground truth by name."""
        for pixels in self._chunks():
            loops, outliers, spectra = self._measure(pixels)
            yield pixels, spectra, {**loops, "Outliers": outliers}

    def _describe(self, writer: H5UsidWriter) -> None:
        """Write the attributes that tell readers of the format which experiment it was."""
        writer.attributes("/", {"data_type": "BEPSData", "sample_name": "simulated PbZr0.2Ti0.8O3", "synthetic": True})
        experiment = {
            "VS_mode": "DC modulation mode",
            "VS_measure_in_field_loops": "in and out-of-field",
            "VS_number_of_cycles": self.cycles,
            "VS_steps_per_full_cycle": self.steps,
            "num_udvs_steps": self.spectra_per_pixel,
            "grid_num_rows": self.rows,
            "grid_num_cols": self.cols,
        }
        writer.attributes("/Measurement_000", experiment)
        writer.attributes(CHANNEL, {"channel_type": "BE"})
        writer.array(f"{CHANNEL}/Bin_Frequencies", self.frequency.astype(np.float32))

    def _chunks(self) -> Iterator[slice]:
        pixels = self.rows * self.cols
        return (slice(start, min(start + CHUNK, pixels)) for start in range(0, pixels, CHUNK))

    def _measure(
        self, pixels: slice
    ) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.bool_], NDArray[np.complex64]]:
        """Return the true loops (pixels, spectra), which spectra are outliers, and the noisy spectra, flattened."""
        loops = self._loops(pixels)
        piezoresponse = loops["Piezoresponse"]
        shape = piezoresponse.shape
        rng = np.random.default_rng([self.seed, 1 + pixels.start])
        outliers = (rng.random(shape) < self.outliers) | self._dead[pixels, None]
        parameters = [
            np.where(outliers, 0.0, np.hypot(piezoresponse, self.crosstalk)),
            1e3 * loops["Resonance_Frequency"],
            loops["Quality_Factor"],
            self.phase + np.arctan2(self.crosstalk, piezoresponse),
        ]
        response = sho_response(
            torch.from_numpy(np.stack(parameters, axis=-1).astype(np.float32)),  # (pixels, spectra, 4)
            torch.from_numpy(self.frequency.astype(np.float32)),
        ).numpy()  # (pixels, spectra, bins)
        noise = rng.standard_normal((*response.shape, 2), dtype=np.float32).view(np.complex64)[..., 0]
        glitch = outliers & ~self._dead[pixels, None]
        noise *= np.where(glitch, GLITCH * self.noise, self.noise).astype(np.float32)[..., None]
        return loops, outliers, (response + noise).reshape(shape[0], -1)

    def _loops(self, pixels: slice) -> dict[str, NDArray[np.float64]]:
        """Return loops with drift and without noise, each (pixels, spectra): field varies fastest, then step."""
        factors = self.pattern.factors[pixels]
        elapsed = np.arange(self.rows * self.cols)[pixels, None] / (self.rows * self.cols)  # (pixels, 1)
        on, off = (switching_loops(factors, self.voltage, field=field) for field in FIELDS)

        def in_order(name: str) -> NDArray[np.float64]:
            both = np.stack([getattr(on, name), getattr(off, name)], axis=-1)  # (pixels, steps, fields)
            return np.tile(both.reshape(len(factors), -1), self.cycles)

        return {
            "Piezoresponse": in_order("piezoresponse") * (1 - self.amplitude_drift * elapsed),
            "Resonance_Frequency": in_order("resonance_frequency") + self.resonance_drift * elapsed,
            "Quality_Factor": in_order("quality_factor"),
        }


def _axis(pixels: int) -> NDArray[np.float64]:
    return np.linspace(0, MAP_SIDE, pixels)
