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

    The weights that a model reports are its own codes. The argument ``projected`` of a subclass whose constraints keep
    its codes from the least squared error makes it report the projection instead, as every model of a table is scored.

    Args:
        steps: number of steps of the bias waveform.
        channels: number of values at each step, such as piezoresponse and resonance frequency.
        n_components: number of components, and so of weights of a spectrum. None is for a baseline, which takes as
            many as the model beside it keeps.
        **arguments: plain values that the subclass needs; they are kept so that a saved model can be rebuilt.
    """

    kind = "spectra"
    hparams: dict[str, Any]
    """Every argument of the constructor: ``cls(**hparams)`` rebuilds the model."""
    fitted_: dict[str, Any]
    """All that is learnt and has to be saved: ``atoms`` (n_components, steps * channels), ``offset``
    (steps * channels,) and what the subclass needs besides."""

    def __init__(self, *, steps: int, channels: int, n_components: int | None, **arguments: Any) -> None:
        self.hparams = {"steps": steps, "channels": channels, "n_components": n_components, **arguments}
        self.fitted_ = {}

    def fit(self, x: NDArray[Any]) -> Self:
        """Learn the components from spectra (n, steps, channels).

        Raises:
            ConfigurationError: if there are no components, or more than spectra or values in a spectrum.
        """
        flat = self._flat(x)
        if self.hparams["n_components"] is None:
            raise ConfigurationError("model.n_components: null is for a baseline; give the number of components")
        if self.hparams["n_components"] > min(flat.shape):
            raise ConfigurationError(
                f"model.n_components: should be at most {min(flat.shape)} for {flat.shape[0]} spectra of "
                f"{flat.shape[1]} values, got {self.hparams['n_components']}"
            )
        self.fitted_ = self._learn(flat)
        return self

    def matched(self, latents: int) -> Self:
        """Return it untrained, with this number of components if it was given none."""
        return self if self.hparams["n_components"] else type(self)(**{**self.hparams, "n_components": latents})

    def embed(self, x: NDArray[Any]) -> Values:
        """Return the weights (n, n_components) that the model reports of spectra (n, steps, channels).

        They are its own, or those of the projection if ``projected`` is set.
        """
        flat = self._flat(x)
        return self._projection(flat) if self.hparams.get("projected") else self._weights(flat)

    def code(self, x: NDArray[Any]) -> Values:
        """Return the weights (n, n_components) by which the method itself codes spectra (n, steps, channels)."""
        return self._weights(self._flat(x))

    def refine(self, z: NDArray[Any], x: NDArray[Any]) -> Values:
        """Return the reported weights (n, n_components) of spectra ``x``, whose own codes are ``z``.

        With ``projected``, they are those of the least squared error: the orthogonal projection on the components. A
        network's Gauss-Newton steps come to the same where the decoder is linear.
        """
        return self._projection(self._flat(x)) if self.hparams.get("projected") else np.asarray(z, dtype=np.float64)

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

    def _projection(self, flat: Values) -> Values:
        weights: Values = (flat - self.learnt("offset")) @ np.linalg.pinv(self.learnt("atoms"))
        return weights

    def _flat(self, x: NDArray[Any]) -> Values:
        spectra = np.asarray(x, dtype=np.float64)
        steps, channels = self.hparams["steps"], self.hparams["channels"]
        if spectra.ndim != 3 or spectra.shape[1:] != (steps, channels):
            raise ValueError(f"Expected `x` of shape (n, {steps}, {channels}), but got {spectra.shape}.")
        return spectra.reshape(len(spectra), steps * channels)
