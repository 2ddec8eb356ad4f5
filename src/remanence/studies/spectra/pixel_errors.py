"""Errors of a logged model on spectra: on the pixels that it was fitted to, and on all others, apart."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.data.row_digests import row_digests
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.errors import UserError
from remanence.studies.known_rows import KnownRows
from remanence.studies.row_scores import told
from remanence.studies.spectra.logged_model import SpectralModel
from remanence.studies.spectra.scores import by_channel

PARTS = ("test", "train")


def pixels_of_fit(data: OpenedSpectra) -> KnownRows:
    """Return the pixels that a model is fitted to, including those whose error chooses its weights."""
    return KnownRows(np.unique(row_digests(data.as_read.values[data.fold.fitting])))


class PixelErrors:
    """Sums of squared errors over chunks of pixels.

    Args:
        model: logged model.
        known: pixels that it was fitted to, or the reason why they are not known; then every pixel counts as unseen.
    """

    def __init__(self, model: SpectralModel, known: KnownRows | UserError) -> None:
        self.model, self.known = model, known
        shape = (len(model.instrument.axis), len(model.instrument.channels))
        self.pixels = dict.fromkeys(PARTS, 0)
        self._squares = {part: np.zeros(shape) for part in PARTS}
        self._distances = dict.fromkeys(PARTS, 0.0)

    def add(self, measured: NDArray[Any], predicted: Mapping[str, NDArray[np.float64]]) -> None:
        """Count pixels: measured spectra (pixels, steps, channels) in physical units, and what the model predicts."""
        errors = predicted["reconstruction"] - self.model.cleaned(measured)
        fitted = np.zeros(len(measured), dtype=np.bool_)
        if isinstance(self.known, KnownRows):
            fitted = np.isin(row_digests(measured), self.known.fitted)
        for part, rows in (("test", ~fitted), ("train", fitted)):
            self.pixels[part] += int(rows.sum())
            self._squares[part] += (errors[rows] ** 2).sum(axis=0)
            self._distances[part] += float((predicted["distance"][rows] ** 2).sum())

    def told(self) -> str:
        """Return which of the pixels the model has seen, in one line."""
        return told(self.known, total=sum(self.pixels.values()), fitted=self.pixels["train"], what="pixels")

    def metrics(self) -> dict[str, float]:
        """Return ``test/mse``, in squared z-scores, and ``test/<channel>/rmse``; likewise ``train/…``."""
        metrics = {"pixels": float(sum(self.pixels.values()))}
        for part, pixels in self.pixels.items():
            if not pixels:
                continue
            if part == "train":
                metrics["train/pixels"] = float(pixels)
            mean = self._squares[part] / pixels
            metrics[f"{part}/mse"] = self._distances[part] / pixels
            metrics |= by_channel(np.sqrt(np.nanmean(mean, axis=0)), self.model.instrument.channels, part)
        return metrics
