"""Scores of fitted models of spectra: the metrics and tables of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pytorch_lightning import LightningModule

from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.data.splits import Rows
from remanence.foundation.names import free_names, metric_names, plain_name
from remanence.science.unmixing.additivity import additivity
from remanence.science.unmixing.disentanglement import MOST_ROWS, Agreement, agreement, rotated_factors
from remanence.science.unmixing.intrinsic_dimension import intrinsic_dimension
from remanence.studies.spectra.fit import Unmixed
from remanence.studies.spectra.moving_latents import movement_metrics
from remanence.studies.spectra.physics import physics


@dataclass(frozen=True)
class SpectraScores:
    """The scores of a model and its baselines; the name of the run's own model is an empty text."""

    metrics: dict[str, float]
    steps: dict[str, pd.DataFrame]
    """Table of bias and skew at each step, by the name of the model."""
    agreed: dict[str, Agreement]
    """Agreement of the latents with the known factors, by the name of the model."""


def score_spectra(fitted: Unmixed, references: Mapping[str, Unmixed], data: OpenedSpectra) -> SpectraScores:
    """Score the model of a run beside its baselines."""
    scores = SpectraScores({**data.measured.notes, **dimension(data), **yardstick(data)}, {}, {})
    for name, unmixed in {"": fitted, **references}.items():
        own = score(unmixed, data)
        if (agreed := known_factors(unmixed, data)) is not None:
            scores.agreed[name] = agreed
            own |= {f"test/{key}": value for key, value in agreed.scores.items()}
        physical, scores.steps[name] = physics(unmixed, data)
        own |= {f"test/physics/{key}": value for key, value in physical.items()}
        prefix = f"baseline/{name}/" if name else ""
        scores.metrics.update({f"{prefix}{key}": value for key, value in own.items() if np.isfinite(value)})
    return scores


def dimension(data: OpenedSpectra) -> dict[str, float]:
    """Return the intrinsic dimension of the training spectra, if there is an estimate, as a metric."""
    found = intrinsic_dimension(data.x[data.fold.train]).value
    return {"data/intrinsic_dimension": found} if np.isfinite(found) else {}


def yardstick(data: OpenedSpectra) -> dict[str, float]:
    """Return the DCI and MIG of the known factors turned at random, and the number of spectra both are measured on."""
    if data.measured.factors is None:
        return {}
    tested = data.measured.factors.values[data.fold.test]
    turned = {f"test/yardstick/{name}": value for name, value in rotated_factors(tested).items()}
    return {**turned, "test/factor_rows": float(min(len(tested), MOST_ROWS))}


def score(unmixed: Unmixed, data: OpenedSpectra) -> dict[str, float]:
    """Return the metrics of one model.

    Errors are those of spectra decoded from the latents that a model reports, in squared z-scores; by the presets of
    ``conf/model`` every model reports those of one projection towards the spectrum. There are these exceptions:
    ``test/mse_amortised`` decodes the latents by which a model itself encodes or codes a spectrum;
    ``test/mse_sampled`` decodes a sample of the posterior; ``test/<channel>/rmse`` is in the unit of the channel.
    ``test/additivity`` says how nearly a network adds what its active latents contribute. ``test/mse_<scene>`` is the
    error of a picture or map that has no pixel in the test part.
    """
    metrics: dict[str, float] = {}
    parts = {"train": data.fold.train, "val": data.fold.validation, "test": data.fold.test}
    for part, rows in parts.items():
        metrics[f"{part}/mse"] = mse(unmixed, data, rows)
    tested = data.fold.test
    metrics["test/mse_amortised"] = decoded_mse(unmixed, data, unmixed.guess[tested], tested)
    metrics["test/r2"] = 1 - metrics["test/mse"] / float(data.x[tested].var(axis=0).mean())
    errors = data.physical(unmixed.reconstruction[tested]) - data.measured.values[tested]
    metrics |= channel_rmse(errors if data.size is None else errors * data.size[tested], data)
    if (scene := data.scene) is not None and not np.isin(scene.rows, tested).any():
        metrics[f"test/mse_{plain_name(scene.name)}"] = mse(unmixed, data, scene.rows)
    if unmixed.log_variance is not None:
        metrics["test/mse_sampled"] = _sampled_mse(unmixed, data, tested)
        metrics["test/active_units"] = float(unmixed.active.sum())
        if unmixed.before_masking is not None:
            metrics["test/kept_latents"] = float(unmixed.kept)
        if unmixed.natural is not None:
            metrics["test/natural_active_units"] = float(unmixed.natural)
        metrics["test/kl"] = float(unmixed.kl.sum())
    metrics |= movement_metrics(unmixed, data)
    if isinstance(unmixed.model, LightningModule):
        active = unmixed.active
        metrics["test/additivity"] = additivity(unmixed.model.decode, unmixed.embedding[tested], active=active)
    metrics["fit_seconds"] = unmixed.fit_seconds
    metrics["inference_seconds"] = unmixed.inference_seconds
    return {key: value for key, value in metrics.items() if np.isfinite(value)}


def channel_rmse(errors: NDArray[np.float64], data: OpenedSpectra) -> dict[str, float]:
    """Return ``test/<channel>/rmse``, in the unit of each channel, from errors (pixels, steps, channels)."""
    return by_channel(np.sqrt((errors**2).mean(axis=(0, 1))), data.as_read.channels)


def by_channel(rmse: NDArray[np.float64], channels: Sequence[str], part: str = "test") -> dict[str, float]:
    """Return the errors of the channels (channels,) as metrics with names."""
    bare = [channel.partition(" (")[0] for channel in channels]  # with its unit only where another one is called so
    told = bare if len(set(bare)) == len(bare) else channels
    names = metric_names(dict.fromkeys(told))
    free = free_names([names[channel] for channel in told], ())
    return {f"{part}/{name}/rmse": float(value) for name, value in zip(free, rmse, strict=True)}


def mse(unmixed: Unmixed, data: OpenedSpectra, rows: Rows) -> float:
    """Return the mean squared error over the pixels ``rows``."""
    return float(np.mean((unmixed.reconstruction[rows] - data.x[rows]) ** 2))


def known_factors(unmixed: Unmixed, data: OpenedSpectra) -> Agreement | None:
    """Compare the active latents with the known factors of the spectra; None if no factors are known.

    The nearest-neighbour and linear predictions of the factors are fitted to the training pixels, and scored on the
    test pixels.
    """
    factors = data.measured.factors
    if factors is None or not unmixed.active.any():
        return None
    z, train, test = unmixed.embedding[:, unmixed.active], data.fold.train, data.fold.test
    told = metric_names(dict.fromkeys(factors.names))
    names = free_names([told[name] for name in factors.names], ())
    return agreement(z[test], factors.values[test], names=names, learn_from=(z[train], factors.values[train]))


def latent_table(unmixed: Unmixed, data: OpenedSpectra) -> pd.DataFrame:
    """Return one row per pixel: its part, squared error, mean latents and position in the map (-1 if it has none)."""
    table = pd.DataFrame(unmixed.embedding, columns=[f"latent_{i + 1}" for i in range(unmixed.embedding.shape[1])])
    part = np.full(len(table), "", dtype=object)
    for name in ("train", "validation", "test"):
        part[getattr(data.fold, name)] = name
    part[~data.valid] = "masked"
    table.insert(0, "part", part)
    error = np.mean((unmixed.reconstruction - data.x) ** 2, axis=(1, 2))
    table.insert(1, "mse", np.where(data.valid, error, np.nan))
    place = np.full((len(table), 2), -1)
    if (scene := data.scene) is not None:
        place[scene.rows] = np.stack(np.divmod(np.arange(len(scene.rows)), scene.shape[1]), axis=1)
    table.insert(2, "row", place[:, 0])
    table.insert(3, "column", place[:, 1])
    return table


def stage_table(unmixed: Unmixed) -> pd.DataFrame:
    """Return one row per stage of the schedule, with a column that says which stage was chosen."""
    table = pd.DataFrame([vars(stage) for stage in unmixed.stages])
    if len(table):
        table["chosen"] = [stage == unmixed.chosen for stage in unmixed.stages]
    return table


def comparison_table(models: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """Return Table 1 of the paper with measured numbers, one column per model.

    Args:
        models: metrics of each model by its name, as ``score`` and ``physics`` return them.
    """
    shown = {
        "reconstruction": "test/mse",
        "reconstruction as the model itself encodes": "test/mse_amortised",
        "reconstruction of a sample": "test/mse_sampled",
        "active units": "test/active_units",
        "latents kept": "test/kept_latents",
        "active units that β left": "test/natural_active_units",
        "training time (s)": "fit_seconds",
        "inference time (s)": "inference_seconds",
    }
    rows = [
        {"": label, **{name: metrics.get(key, np.nan) for name, metrics in models.items()}}
        for label, key in shown.items()
    ]
    return pd.DataFrame(rows)


def decoded_mse(unmixed: Unmixed, data: OpenedSpectra, z: NDArray[Any], rows: Rows) -> float:
    """Return the mean squared error over the pixels ``rows`` of spectra decoded from ``z`` (pixels, latents)."""
    return float(np.mean((unmixed.model.decode(z.astype(np.float32)) - data.x[rows]) ** 2))


def _sampled_mse(unmixed: Unmixed, data: OpenedSpectra, rows: Rows) -> float:
    assert unmixed.log_variance is not None
    mean = unmixed.guess[rows]
    noise = np.random.default_rng(0).standard_normal(mean.shape)
    return decoded_mse(unmixed, data, mean + noise * np.exp(0.5 * unmixed.log_variance[rows]), rows)
