"""The model of spectra that MLflow loads: it maps measured spectra to latents and reconstructions."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.layout import Layout, lay_out, take_apart
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.data.spectra.preparation import Preparation
from remanence.data.spectra.scaling import Scaling
from remanence.errors import DataError
from remanence.foundation.damage import reading
from remanence.foundation.terminal import console
from remanence.science.unmixing.novelty import novelty, spectral_distance
from remanence.studies.spectra.fit import SpectraModel, Unmixed, calibration_of, embed
from remanence.tracking.saved_model import DESCRIPTION, load_model, save_model

AXIS_TOLERANCE = 0.05
"""Share of the span of the axis by which a step may differ: above instrument errors, below another waveform."""


@dataclass(frozen=True)
class Instrument:
    """The meaning of the numbers of a spectrum: axis, channels and units."""

    axis: list[float]
    """Value of each step of the waveform."""
    axis_label: str
    channels: list[str]
    """Name and unit of each channel."""
    layout: Layout
    scaling: dict[str, list[list[float]]]
    units: dict[str, str] = field(default_factory=dict)
    """Units that the files declared, see ``Measurement.units``."""
    preparation: dict[str, Any] = field(default_factory=dict)
    """First steps before the scaling, see ``Preparation.to_dict``; models of earlier releases have none."""
    rotation: float | None = None
    """Angle θ of P = A·cos(φ + θ) of a raw scan, rad; None for other spectra, and models of earlier releases."""
    conjugated: bool = False
    """Whether the raw scan had the opposite sense of phase."""

    @classmethod
    def of(cls, data: OpenedSpectra) -> "Instrument":
        """Return the instrument of opened spectra, whose axis and channels are those that were read."""
        measured = data.as_read
        axis = [float(step) for step in measured.axis]
        channels, scaling = list(measured.channels), data.scaling.to_dict()
        first_steps = {} if data.preparation.neutral else data.preparation.to_dict()
        known: dict[str, Any] = {}
        if (fitted := measured.resonances) is not None:
            known = {"rotation": fitted.rotation, "conjugated": fitted.conjugated}
        units = dict(measured.units)
        return cls(axis, measured.axis_label, channels, data.layout, scaling, units, first_steps, **known)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def check(self, axis: NDArray[np.float64], channels: Sequence[str], units: Mapping[str, str], where: str) -> None:
        """Refuse spectra of another instrument, before they are read.

        Args:
            axis: axis of the spectra, shape (steps,).
            channels: names and units of the channels; there may be more channels than the model uses.
            units: units that the file declares; units that it does not declare are not checked.
            where: name of the file, for error messages.

        Raises:
            DataError: if a channel is missing, or the number of steps, their values or the units differ.
        """
        for channel in self.channels:
            if channel not in channels:
                given = ", ".join(channels)
                raise DataError(f"{where}: has the channels {given}; the run's model needs '{channel}'")
        known = np.asarray(self.axis)
        if len(axis) != len(known):
            raise DataError(f"{where}: has {self._steps(axis)}; the run's model takes {self._steps(known)}")
        for name, unit in units.items():
            if (expected := self.units.get(name, unit)) != unit:
                raise DataError(f"{where}: declares {name} in {unit}; the run's model was trained on {expected}")
        if np.abs(axis - known).max() > AXIS_TOLERANCE * np.ptp(known):
            step = int(np.abs(axis - known).argmax())
            raise DataError(
                f"{where}: has {self._steps(axis)}, the run's model {self._steps(known)}: "
                f"step {step} is at {axis[step]:.4g}, expected {known[step]:.4g}"
            )

    def _steps(self, axis: NDArray[np.float64]) -> str:
        return f"{len(axis)} steps of {self.axis_label} from {axis.min():.4g} to {axis.max():.4g}"


class SpectralModel:
    """A fitted model with its first steps and scaling; it takes spectra (n, steps, channels) in physical units.

    Args:
        model: fitted model.
        instrument: meaning of the numbers of a spectrum.
        calibration: distances of held-out spectra, see ``science.unmixing.novelty``; empty if nothing was held out.
    """

    def __init__(self, model: SpectraModel, instrument: Instrument, calibration: Sequence[float] = ()) -> None:
        self.model, self.instrument = model, instrument
        self.scaling = Scaling.from_dict(instrument.scaling)
        self.preparation = Preparation.from_dict(instrument.preparation)
        self.axis = np.asarray(instrument.axis, dtype=np.float64)
        self.calibration = np.asarray(calibration, dtype=np.float64)

    @classmethod
    def load(cls, folder: Path) -> "SpectralModel":
        """Load a model from a folder that ``save`` wrote."""
        model, description = load_model(folder)
        with reading(folder / DESCRIPTION):
            return cls(model, Instrument(**description["instrument"]), description.get("calibration", ()))

    def save(self, folder: Path) -> None:
        """Write the model, its scaling and its instrument into a folder."""
        calibration = [float(distance) for distance in self.calibration]
        save_model(self.model, folder, instrument=self.instrument.to_dict(), calibration=calibration)

    def usable(self, spectra: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which spectra (n, steps, channels) are finite where the model looks at them, shape (n,)."""
        usable: NDArray[np.bool_] = np.isfinite(spectra[:, self.preparation.kept(self.axis)]).all(axis=(1, 2))
        return usable

    def cleaned(self, spectra: NDArray[Any]) -> NDArray[np.float64]:
        """Return spectra as ``predict`` reconstructs them: without spikes, smoothed, NaN where they are cropped."""
        prepared = self.preparation.apply(np.asarray(spectra, dtype=np.float64), self.axis)
        return self._uncropped(prepared.restore(prepared.values))

    def predict(self, spectra: NDArray[Any], params: dict[str, Any] | None = None) -> dict[str, NDArray[np.float64]]:
        """Return what the model finds in spectra, by name.

        ``embedding`` (n, latents) are the latents, and ``sd`` (n, latents) the standard deviations of their posterior,
        if the model has one. ``reconstruction`` (n, steps, channels) is in the units of the instrument, with NaN where
        the axis is cropped. ``distance`` (n,) is that of the reconstruction from the spectrum, a root mean square in
        z-scores. ``novelty`` (n,) is its rank among held-out spectra, see ``science.unmixing.novelty``: of spectra like
        those, at most the share α has 1 - α or more. A model without held-out spectra, or of a release before 0.2, has
        no ``novelty``.

        Raises:
            DataError: if the number of steps or channels is wrong, or a value or a prediction is not finite.
        """
        values = np.asarray(spectra, dtype=np.float64)
        expected = (len(self.instrument.axis), len(self.instrument.channels))
        if values.ndim != 3 or values.shape[1:] != expected:
            raise DataError(
                f"spectra: expected (n, {expected[0]} steps, {expected[1]} channels: "
                f"{', '.join(self.instrument.channels)}), got {values.shape}"
            )
        if bad := int((~self.usable(values)).sum()):
            raise DataError(f"spectra: {bad} of {len(values)} hold values that are not finite; mask them first")
        layout, prepared = self.instrument.layout, self.preparation.apply(values, self.axis)
        scaled = self.scaling.scale(prepared.values)
        embedding, sd = embed(self.model, np.ascontiguousarray(lay_out(scaled, layout)))
        decoded = take_apart(self.model.decode(embedding), layout, expected[1])
        distance = spectral_distance(decoded, scaled)
        predicted = {
            "embedding": np.asarray(embedding, dtype=np.float64),
            "reconstruction": prepared.restore(self.scaling.physical(decoded)),
            "distance": distance,
        }
        if len(self.calibration):
            predicted["novelty"] = novelty(distance, self.calibration)
        if sd is not None:
            predicted["sd"] = np.asarray(sd, dtype=np.float64)
        for name, result in predicted.items():
            lost = int((~np.isfinite(result)).any(axis=tuple(range(1, result.ndim))).sum())
            if lost:
                raise DataError(
                    f"spectra: the model's {name} of {lost} of {len(values)} is not finite: the model is damaged, or "
                    "the spectra are far from those that it was fitted to"
                )
        predicted["reconstruction"] = self._uncropped(predicted["reconstruction"])
        return predicted

    def _uncropped(self, spectra: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return spectra of the kept steps on the whole axis, NaN elsewhere."""
        kept = self.preparation.kept(self.axis)
        if kept.all():
            return spectra
        whole = np.full((len(spectra), len(kept), spectra.shape[2]), np.nan)
        whole[:, kept] = spectra
        return whole


def spectral_model(unmixed: Unmixed, data: OpenedSpectra) -> SpectralModel:
    """Return a fitted model with its instrument, calibrated on the pixels that were held out.

    Where nothing was held out (``data.split.kind=all``), nothing calibrates the novelty, and a line says so.
    """
    calibration = calibration_of(unmixed, data)
    if not len(calibration):
        console.print(f"{data.source.name}: no pixel is held out, so that the model cannot tell novel ones")
    return SpectralModel(unmixed.model, Instrument.of(data), calibration.tolist())


def _load_pyfunc(path: str) -> SpectralModel:
    """Entry point of ``mlflow.pyfunc.load_model``."""
    return SpectralModel.load(Path(path))
