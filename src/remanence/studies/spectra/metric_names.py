"""The names of the metrics that a run on spectra may have, before anything is trained."""

import numpy as np

from remanence.configuration.configuration import Configuration
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.foundation.names import plain_name
from remanence.studies.spectra.scores import by_channel

PARTS = ("train/mse", "val/mse", "test/mse", "test/mse_amortised", "test/r2", "fit_seconds", "inference_seconds")
POSTERIOR = (
    "test/mse_sampled",
    "test/active_units",
    "test/kept_latents",
    "test/natural_active_units",
    "test/kl",
    "test/additivity",
)
"""Metrics of a model with a posterior."""
MOVEMENTS = ("test/shift_sd", "test/opening_sd")
"""Metrics of a network with latents that move spectra along their axis."""
CURVES = ("beta", "train/loss", "train/kl", "val/kl", "val/active_units")
"""Metrics of each epoch of such a model; those of baselines are not logged."""
FACTORS = (
    "mig",
    "disentanglement",
    "completeness",
    "informativeness",
    "knn_r2/*",
    "linear_r2/*",
    "correlation/*",
    "mig/*",
    "yardstick/*",
    "factor_rows",
)
"""Metrics of spectra with known factors."""


def metric_names(data: OpenedSpectra, cfg: Configuration) -> set[str]:
    """Return the names, and patterns with ``*`` where a name is not known, of all metrics that a run may have."""
    channels = data.as_read.channels
    own = {
        *PARTS,
        *POSTERIOR,
        *MOVEMENTS,
        "data/intrinsic_dimension",
        "test/physics/*",
        *by_channel(np.zeros(len(channels)), channels),
    }
    if data.scene is not None:
        own.add(f"test/mse_{plain_name(data.scene.name)}")
    if data.measured.factors is not None:
        own |= {f"test/{name}" for name in FACTORS}
    return {*data.measured.notes, *own, *CURVES, *(f"baseline/{name}/{key}" for name in cfg.baselines for key in own)}
