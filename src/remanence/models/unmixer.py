"""Linear unmixing: every spectrum is an offset plus a weighted sum of a few component spectra."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError

from remanence.errors import ConfigurationError
from remanence.models.fitted_file import read_fitted, write_fitted

Values = NDArray[np.float64]


class Unmixer(ABC):
    """Linear unmixing of scaled spectra (n, steps, channels) into an embedding (n, n_components), and back.

    Subclasses differ in their constraints on the components and on the embedding. All of them decode by
    ``offset + embedding @ components``.

    Args:
        steps: number of steps of the bias waveform.
        channels: number of values at each step, such as piezoresponse and resonance frequency.
        n_components: number of components, and so of weights of a spectrum.
        **arguments: plain values that the subclass needs; they are kept so that a saved model can be rebuilt.
    """

    kind = "spectra"
    hparams: dict[str, Any]
    """Every argument of the constructor: ``cls(**hparams)`` rebuilds the model."""
    fitted_: dict[str, Any]
    """All that is learnt and has to be saved: ``atoms`` (n_components, steps * channels), ``offset``
    (steps * channels,) and what the subclass needs besides."""

    def __init__(self, *, steps: int, channels: int, n_components: int, **arguments: Any) -> None:
        self.hparams = {"steps": steps, "channels": channels, "n_components": n_components, **arguments}
        self.fitted_ = {}

    def fit(self, x: NDArray[Any]) -> Self:
        """Learn the components from spectra (n, steps, channels).

        Raises:
            ConfigurationError: if there are more components than spectra or values in a spectrum.
        """
        flat = self._flat(x)
        if self.hparams["n_components"] > min(flat.shape):
            raise ConfigurationError(
                f"model.n_components: should be at most {min(flat.shape)} for {flat.shape[0]} spectra of "
                f"{flat.shape[1]} values, got {self.hparams['n_components']}"
            )
        self.fitted_ = self._learn(flat)
        return self

    def embed(self, x: NDArray[Any]) -> Values:
        """Return the weights (n, n_components) of the components in spectra (n, steps, channels)."""
        return self._weights(self._flat(x))

    def decode(self, z: NDArray[Any]) -> Values:
        """Return the spectra (n, steps, channels) of an embedding (n, n_components)."""
        flat: Values = self.learnt("offset") + np.asarray(z, dtype=np.float64) @ self.learnt("atoms")
        return flat.reshape(-1, self.hparams["steps"], self.hparams["channels"])

    def reconstruct(self, x: NDArray[Any]) -> Values:
        """Return the reconstruction of spectra (n, steps, channels) from their embedding."""
        return self.decode(self.embed(x))

    @property
    def components(self) -> Values:
        """Component spectra (n_components, steps, channels), without the offset."""
        atoms: Values = self.learnt("atoms")
        return atoms.reshape(-1, self.hparams["steps"], self.hparams["channels"])

    def learnt(self, name: str) -> Any:
        """Return one entry of ``fitted_``.

        Raises:
            NotFittedError: before ``fit``.
        """
        if not self.fitted_:
            raise NotFittedError(f"{type(self).__name__} has no `{name}` yet; call `fit` first.")
        return self.fitted_[name]

    def write_fitted(self, folder: Path) -> None:
        """Write ``fitted_`` into a folder."""
        write_fitted(self.fitted_, folder)

    def read_fitted(self, folder: Path) -> None:
        """Read what ``write_fitted`` wrote."""
        self.fitted_ = read_fitted(folder, ())

    @abstractmethod
    def _learn(self, flat: Values) -> dict[str, Any]:
        """Fit to spectra (n, steps * channels) and return ``fitted_``."""

    @abstractmethod
    def _weights(self, flat: Values) -> Values:
        """Return the embedding of spectra (n, steps * channels)."""

    def _flat(self, x: NDArray[Any]) -> Values:
        spectra = np.asarray(x, dtype=np.float64)
        steps, channels = self.hparams["steps"], self.hparams["channels"]
        if spectra.ndim != 3 or spectra.shape[1:] != (steps, channels):
            raise ValueError(f"Expected `x` of shape (n, {steps}, {channels}), but got {spectra.shape}.")
        return spectra.reshape(len(spectra), steps * channels)
