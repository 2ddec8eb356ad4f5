"""A model of spectra as MLflow loads it: measured spectra in, latents and reconstructions out."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.layout import Layout, lay_out, take_apart
from remanence.data.spectra.scaling import Scaling
from remanence.data.spectra.spectra import Spectra
from remanence.errors import DataError
from remanence.training.unmixing import SpectraModel


@dataclass(frozen=True)
class Instrument:
    """What the numbers of a spectrum mean."""

    axis: list[float]
    """Steps of the waveform."""
    axis_label: str
    channels: list[str]
    """Name and unit of each."""
    layout: Layout
    scaling: dict[str, list[list[float]]]

    @classmethod
    def of(cls, data: Spectra) -> "Instrument":
        """Describe opened spectra."""
        measured = data.measured
        axis = [float(step) for step in measured.axis]
        return cls(axis, measured.axis_label, list(measured.channels), data.layout, data.scaling.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


class SpectralModel:
    """A fitted model with its scaling: spectra (n, steps, channels) in physical units."""

    def __init__(self, model: SpectraModel, instrument: Instrument) -> None:
        self.model, self.instrument = model, instrument
        self.scaling = Scaling.from_dict(instrument.scaling)

    def predict(self, spectra: NDArray[Any], params: dict[str, Any] | None = None) -> dict[str, NDArray[np.float64]]:
        """Return ``embedding`` (n, latents) and ``reconstruction`` (n, steps, channels).

        Raises:
            DataError: if the spectra have another number of steps or channels, or values that are not finite.
        """
        values = np.asarray(spectra, dtype=np.float64)
        expected = (len(self.instrument.axis), len(self.instrument.channels))
        if values.ndim != 3 or values.shape[1:] != expected:
            raise DataError(
                f"spectra: expected (n, {expected[0]} steps, {expected[1]} channels: "
                f"{', '.join(self.instrument.channels)}), got {values.shape}"
            )
        if not np.isfinite(values).all():
            bad = int((~np.isfinite(values).all(axis=(1, 2))).sum())
            raise DataError(f"spectra: {bad} of {len(values)} hold values that are not finite; mask them first")
        layout = self.instrument.layout
        embedding = self.model.embed(np.ascontiguousarray(lay_out(self.scaling.scale(values), layout)))
        decoded = take_apart(self.model.decode(embedding), layout, expected[1])
        return {
            "embedding": np.asarray(embedding, dtype=np.float64),
            "reconstruction": self.scaling.physical(decoded),
        }
