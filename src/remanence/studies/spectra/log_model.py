"""Logging of a fitted model of spectra as one model, with its scaling, signature, input example and requirements."""

import numpy as np
from mlflow.models import ModelSignature
from mlflow.types import Schema, TensorSpec
from numpy.typing import NDArray

from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.studies.spectra.fit import Unmixed
from remanence.studies.spectra.logged_model import SpectralModel, spectral_model
from remanence.tracking.logged_model import log_saved
from remanence.tracking.run import Run


def log_spectral_model(run: Run, unmixed: Unmixed, data: OpenedSpectra) -> None:
    """Log a fitted model once, with its scaling, signature, input example and requirements.

    Args:
        run: run that the model belongs to.
        unmixed: fitted model, and what it makes of the spectra.
        data: spectra that the model was fitted to.
    """
    saved = spectral_model(unmixed, data)
    example = data.as_read.values[data.fold.test[:3]].astype(np.float64)
    log_saved(run, saved.save, signature(saved, example), example, loader=SpectralModel.__module__, step=unmixed.epochs)


def signature(saved: SpectralModel, example: NDArray[np.float64]) -> ModelSignature:
    """Return the signature of a model: spectra like those of the example, and what it finds in them."""
    shape = (-1, *example.shape[1:])
    double = np.dtype(np.float64)
    predicted = saved.predict(example)
    outputs = [TensorSpec(double, (-1, *values.shape[1:]), name) for name, values in predicted.items()]
    return ModelSignature(Schema([TensorSpec(double, shape)]), Schema(outputs))
