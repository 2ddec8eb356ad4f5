"""Physics of a model of spectra: the spectra that it generates, the loop traits that it keeps, and its errors."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import convolve
from sklearn.decomposition import PCA

from remanence.data.spectra.hdf5_file import shortened
from remanence.data.spectra.measurement import Scene
from remanence.data.spectra.opened_spectra import OpenedSpectra
from remanence.science.band_excitation.hysteresis import LoopParameters, loop_parameters
from remanence.science.unmixing.error_statistics import StepError, explained_by, pixel_mse, step_error
from remanence.science.unmixing.spatial import morans_i, posterior_against_normal
from remanence.science.unmixing.traversal import nearest_distance, neighbour_traversal, spacing
from remanence.studies.spectra.fit import Unmixed

Values = NDArray[np.floating[Any]]

FRAMES = 60
"""Number of spectra of a traversal; with 200, the percentiles of the distances are the same."""
TAIL = 1.0
"""Percent of the pixels beyond either end of a traversal, so that an outlier does not set its ends."""
MOST_REAL = 6000  # largest number of true spectra that the nearest one is searched among
FEWEST_PIXELS = 30  # smallest scene for which the structure of the error is measured
RING = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]])


def physics(unmixed: Unmixed, data: OpenedSpectra) -> tuple[dict[str, float], pd.DataFrame]:
    """Measure the physics of the spectra that a fitted model reconstructs and generates.

    The true spectra are those without noise if they are known, otherwise the measured ones. Distances, biases and
    errors are in scaled units (root mean square over steps and channels); loop parameters are in physical units. Noise
    adds concavities and extremes to measured spectra, and a good model keeps none of these. Ratios to measured spectra
    should therefore be compared between models, not with 1.

    - ``generated/<kind>/…`` describes spectra decoded along every active latent. Kind ``neighbour`` decodes the mean
      latents of the 100 nearest pixels; kind ``single`` moves one latent while all others are at their median.
      ``distance`` is that to the nearest true spectrum, as median and as 95th percentile (``_p95``); ``spacings`` is
      the same in multiples of ``generated/spacing``, the median distance between a true spectrum and the next one. For
      loops, ``concave`` is the share of branches that switch in two steps. ``concavity_range``, ``softening_range``
      and ``hardening_range`` are the change of a trait along the traversal that changes it most, divided by the range
      of the trait in the true spectra (5 to 95 %).
    - ``loops/…`` describes test pixels, if a channel is a piezoresponse over a closed cycle of the bias; softening and
      hardening need its resonance beside it. Of several loops all count. Each branch, or each sign of the bias, counts
      separately: a concavity of the rising branch does not count as kept if the reconstruction has it in the falling
      branch. ``concavity_share`` is the share of true branches with a concavity, ``concavity_recall`` the share of
      these in which the reconstruction has one, and ``concavity_false`` the share of the other branches in which it
      has one. For concavity, softening and hardening there are ``_kept`` (mean divided by the true mean), ``_slope``
      (of the regression on the true values) and ``_correlation``. ``positive_coercive_bias_rmse`` and
      ``negative_coercive_bias_rmse`` are in V.
    - ``steps/…`` describes test pixels: mean absolute ``bias`` and ``skew`` over the steps, ``largest_bias``,
      ``positive_skew`` (share of the steps), and ``bias_of_mse``, the share of the squared error that is bias.
    - ``error/…`` describes the logarithm of the squared error at the valid pixels of the scene; without the logarithm,
      the distribution is so heavy-tailed that a few pixels would decide. ``structure_r2`` is the share of the variance
      that the five pixels with the most similar domain structure predict, see ``_domain_structure``; it is -0.2 if
      there is nothing to predict. ``morans_i`` is Moran's I of the map.
    - ``inactive/…`` describes the inactive latents of models with a posterior: ``channels`` is their number,
      ``morans_i`` the mean Moran's I of the maps of their means, ``shape_distance`` and ``sample_distance`` the mean
      distances to N(0, 1) over test pixels.

    Returns:
        the finite metrics, and a table with one row per step and channel: ``step``, the value of the axis under its
        label, ``channel``, ``bias``, ``bias_physical`` in the unit of the channel, and ``skew``, which has no unit.

    Source: the spectra paper, section 2. It claims, and shows without measuring it, that linear methods give reasonable
    maps but spectra without physical sense.
    """
    clean, test = data.measured.clean, data.fold.test
    truth = np.asarray(data.apart(data.x) if clean is None else data.scaling.scale(clean))
    reconstruction = data.apart(unmixed.reconstruction)
    loops_of = _loop_reader(data)
    errors = step_error(reconstruction[test], truth[test])
    found = _steps(errors, reconstruction[test] - truth[test])
    if loops_of:
        found |= _loops(loops_of(truth[test]), loops_of(reconstruction[test]))
    found |= _generated(unmixed, data, truth, loops_of)
    if data.scene is not None:
        found |= _error(pixel_mse(reconstruction, truth), data, data.scene, truth)
    if unmixed.log_variance is not None:
        found |= _inactive(unmixed.before_masking or unmixed, data)
    return {name: float(value) for name, value in found.items() if np.isfinite(value)}, _table(errors, data)


def _domain_structure(data: OpenedSpectra, scene: Scene, truth: Values) -> NDArray[np.float64]:
    """Return a description of the domains at each pixel of the scene, as z-scores, shape (rows · columns, k).

    If the factors are known, they are the description. Otherwise it is the first three principal components of the true
    spectra, averaged over the eight neighbours of a pixel: the noise of a pixel is part of its error, so it must not be
    part of its description. Principal components are used instead of loop parameters, because all spectra have them and
    because they keep everything that varies over the map. Masked pixels and pixels without neighbours are NaN.
    """
    valid = data.valid[scene.rows]
    if data.measured.factors is not None:
        structure = np.where(valid[:, None], data.measured.factors.values[scene.rows], np.nan)
    else:
        flat = truth[scene.rows].reshape(len(valid), -1)
        components = np.zeros((len(valid), min(3, *flat[valid].shape)))
        components[valid] = PCA(components.shape[1], svd_solver="full").fit_transform(flat[valid])
        neighbours = _around(valid.astype(np.float64), scene)
        sums = np.stack([_around(component, scene) for component in components.T], axis=1)
        known = valid & (neighbours > 0)
        structure = np.where(known[:, None], sums / np.maximum(neighbours, 1)[:, None], np.nan)
    deviation = np.nanstd(structure, axis=0)
    z: NDArray[np.float64] = (structure - np.nanmean(structure, axis=0)) / np.where(deviation > 0, deviation, 1)
    return z


def _around(values: Values, scene: Scene) -> Values:
    """Return the sum of ``values`` over the eight neighbours of each pixel of the scene, both (rows · columns,)."""
    around: Values = convolve(values.reshape(scene.shape), RING, mode="constant").ravel()
    return around


def why_no_loops(data: OpenedSpectra) -> str | None:
    """Return in words why spectra have no loop parameters; None if they are loops."""
    measured = data.measured
    if not _channels(data, "piezoresponse"):
        return f"no channel is a piezoresponse (they are {shortened(measured.channels)})"
    try:
        loop_parameters(measured.axis, np.zeros(len(measured.axis)))
    except ValueError:
        return f"the axis, {measured.axis_label}, is not one closed cycle of a bias of both signs"
    return None


def _channels(data: OpenedSpectra, word: str) -> list[int]:
    """Return the numbers of the channels whose name has a word."""
    return [number for number, name in enumerate(data.measured.channels) if word in name.lower()]


def _loop_reader(data: OpenedSpectra) -> Callable[[Values], LoopParameters] | None:
    """Return the function that maps scaled spectra (n, steps, channels) to loop parameters; None if not loops.

    The parameters have the shape (n, loops), because each cycle, field or read bias may have channels of its own.
    """
    if why_no_loops(data) is not None:
        return None
    axis = data.measured.axis
    piezoresponse, resonance = _channels(data, "piezoresponse"), _channels(data, "resonance")

    def read(scaled: Values) -> LoopParameters:
        values = np.swapaxes(data.scaling.physical(scaled), 1, 2)  # (n, channels, steps)
        softened = len(resonance) == len(piezoresponse)
        return loop_parameters(axis, values[:, piezoresponse], values[:, resonance] if softened else None)

    return read


def _traits(loops: LoopParameters) -> dict[str, Values]:
    """Return the traits that switching in steps gives loops, each (n, loops, 2): by branch, or by sign of the bias."""
    return {
        "concavity": np.stack((loops.rising_concavity, loops.falling_concavity), axis=-1),
        "softening": np.stack((loops.positive_softening, loops.negative_softening), axis=-1),
        "hardening": np.stack((loops.positive_hardening, loops.negative_hardening), axis=-1),
    }


def _loops(true: LoopParameters, made: LoopParameters) -> dict[str, float]:
    found = {}
    for sign in ("positive", "negative"):
        key = f"{sign}_coercive_bias"
        difference = getattr(made, key) - getattr(true, key)
        found[f"loops/{key}_rmse"] = np.sqrt(_mean(difference[np.isfinite(difference)] ** 2))
    traits_made = _traits(made)
    for name, truth in _traits(true).items():
        here, there = truth.ravel(), traits_made[name].ravel()
        x, y = here - here.mean(), there - there.mean()
        found[f"loops/{name}_kept"] = _ratio(there.mean(), here.mean())
        found[f"loops/{name}_slope"] = _ratio(x @ y, x @ x)
        found[f"loops/{name}_correlation"] = _ratio(x @ y, np.sqrt((x @ x) * (y @ y)))
        if name == "concavity":
            found["loops/concavity_share"] = _mean(here > 0)
            found["loops/concavity_recall"] = _mean(there[here > 0] > 0)
            found["loops/concavity_false"] = _mean(there[here == 0] > 0)
    return found


def _generated(
    unmixed: Unmixed, data: OpenedSpectra, truth: Values, loops_of: Callable[[Values], LoopParameters] | None
) -> dict[str, float]:
    pixels = np.concatenate((data.fold.train, data.fold.validation, data.fold.test))
    latents, embedding = np.flatnonzero(unmixed.active).tolist(), unmixed.embedding[pixels]
    if not latents:
        return {}
    real = truth[np.random.default_rng(0).permutation(pixels)[:MOST_REAL]]
    yardstick = spacing(real)
    found = {"generated/spacing": yardstick}
    neighbour: list[Values] = [
        neighbour_traversal(embedding, latent, frames=FRAMES, tail=TAIL)[0] for latent in latents
    ]
    single = [_single_traversal(embedding, latent) for latent in latents]
    for kind, walks in (("neighbour", neighbour), ("single", single)):
        spectra = data.apart(unmixed.model.decode(np.concatenate(walks)))
        for name, distance in zip(("", "_p95"), np.percentile(nearest_distance(spectra, real), [50, 95]), strict=True):
            found[f"generated/{kind}/distance{name}"] = distance
            found[f"generated/{kind}/spacings{name}"] = _ratio(distance, yardstick)
        if loops_of:
            made, true = _traits(loops_of(spectra)), _traits(loops_of(real))
            found[f"generated/{kind}/concave"] = _mean(made["concavity"] > 0)
            for name, trait in made.items():
                moved = np.ptp(trait.reshape(len(latents), FRAMES, -1), axis=1).max()
                found[f"generated/{kind}/{name}_range"] = _ratio(moved, np.ptp(np.percentile(true[name], [5, 95])))
    return found


def _single_traversal(embedding: Values, latent: int) -> Values:
    """Return embeddings (frames, latents) that move one latent through its range; all others are at their median."""
    walk = np.tile(np.median(embedding, axis=0), (FRAMES, 1))
    start, end = np.percentile(embedding[:, latent], [TAIL, 100 - TAIL])
    walk[:, latent] = np.linspace(float(start), float(end), FRAMES)
    return walk


def _steps(errors: StepError, difference: Values) -> dict[str, float]:
    return {
        "steps/bias": np.abs(errors.bias).mean(),
        "steps/largest_bias": np.abs(errors.bias).max(),
        "steps/bias_of_mse": _ratio((errors.bias**2).mean(), np.square(difference, dtype=np.float64).mean()),
        "steps/skew": np.abs(errors.skew).mean(),
        "steps/positive_skew": _mean(errors.skew > 0),
    }


def _error(error: Values, data: OpenedSpectra, scene: Scene, truth: Values) -> dict[str, float]:
    known = data.valid & (error > 0)
    shown = np.log(np.where(known, error, np.nan))[scene.rows]
    found = {"error/morans_i": morans_i(shown.reshape(scene.shape)).i}
    structure = _domain_structure(data, scene, truth)
    if (np.isfinite(shown) & np.isfinite(structure).all(axis=1)).sum() >= FEWEST_PIXELS:
        found["error/structure_r2"] = explained_by(shown, structure)
    return found


def _inactive(unmixed: Unmixed, data: OpenedSpectra) -> dict[str, float]:
    assert unmixed.log_variance is not None
    idle, test = ~unmixed.active, data.fold.test
    found = {"inactive/channels": float(idle.sum())}
    if data.scene is not None:
        rows, shape = data.scene.rows, data.scene.shape
        means = np.where(data.valid[rows, None], unmixed.embedding[rows][:, idle], np.nan)
        found["inactive/morans_i"] = _mean(np.array([morans_i(mean.reshape(shape)).i for mean in means.T]))
    against = posterior_against_normal(unmixed.embedding[test][:, idle], unmixed.log_variance[test][:, idle])
    for name in ("shape_distance", "sample_distance"):
        found[f"inactive/{name}"] = _mean(getattr(against, name))
    return found


def _table(errors: StepError, data: OpenedSpectra) -> pd.DataFrame:
    steps, channels = errors.bias.shape
    sd = np.broadcast_to(data.scaling.sd, errors.bias.shape)
    return pd.DataFrame(
        {
            "step": np.repeat(np.arange(steps), channels),
            data.measured.axis_label: np.repeat(data.measured.axis, channels),
            "channel": np.tile(np.array(data.measured.channels, dtype=object), steps),
            "bias": errors.bias.ravel(),
            "bias_physical": (errors.bias * sd).ravel(),
            "skew": errors.skew.ravel(),
        }
    )


def _mean(values: Values | NDArray[np.bool_]) -> float:
    """Return the mean of the values that are not NaN; if there are none, NaN without a warning."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else np.nan


def _ratio(part: Any, whole: Any) -> float:
    return float(part / whole) if whole > 0 else np.nan
