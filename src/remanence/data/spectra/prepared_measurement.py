"""A measurement after the first steps, with the lines that say what they did."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from remanence.data.spectra.measurement import Measurement
from remanence.data.spectra.preparation import MOST_SPIKES, Preparation
from remanence.data.spectra.scaling import Scaling
from remanence.data.splits import Rows
from remanence.errors import DataError
from remanence.foundation.terminal import console

FLAT = 10.0
"""Ratio of standard deviation and robust spread above which one z-score makes most spectra look flat."""
MOST_PIXELS = 2000
"""Pixels that the spread is taken from, so that a large scan costs no second pass."""


@dataclass(frozen=True)
class PreparedMeasurement:
    """A measurement before and after the first steps."""

    as_read: Measurement
    measured: Measurement
    """The measurement after the first steps; NaN at masked pixels."""
    valid: NDArray[np.bool_]
    """Which pixels are not masked, shape (pixels,)."""
    preparation: Preparation
    """The first steps, with what they learnt from the spectra."""
    size: NDArray[np.float64] | None
    """What each spectrum was divided by, shape (pixels, 1, channels), NaN where masked; None if by nothing."""


def prepare(as_read: Measurement, preparation: Preparation) -> PreparedMeasurement:
    """Mask the pixels without a usable spectrum, prepare the others, and print how many were masked or had spikes.

    Raises:
        DataError: if no pixel can be used, or the first steps do not suit the axis.
    """
    values, axis, name = as_read.values, as_read.axis, as_read.sources[0].name
    kept = preparation.kept(axis)
    valid = np.isfinite(values[:, kept]).all(axis=(1, 2))
    if masked := int((~valid).sum()):
        console.print(f"{name}: {masked} of {len(values)} pixels hold no usable spectrum; masked")
    if not valid.any():
        raise DataError(f"{name}: none of its {len(values)} pixels holds a usable spectrum")
    if preparation.neutral:
        return PreparedMeasurement(as_read, as_read, valid, preparation, None)
    learnt = preparation.learn(values[valid], axis)
    prepared = learnt.apply(values[valid], axis)
    notes = dict(as_read.notes)
    full = np.full((len(values), int(kept.sum()), values.shape[2]), np.nan)
    full[valid] = prepared.values
    size = None
    if prepared.size is not None:
        size = np.full((len(values), 1, values.shape[2]), np.nan)
        size[valid] = prepared.size
    if learnt.spikes is not None:
        spiky = prepared.lost(learnt.spikes)
        found, pixels = int(prepared.spikes[~spiky].sum()), int(prepared.spikes[~spiky].any(axis=(1, 2)).sum())
        console.print(
            f"{name}: {found} of {prepared.spikes.size} values in {pixels} pixels are spikes; interpolated. "
            f"{spiky.sum()} pixels hold more than {MOST_SPIKES:.0%} spikes, or a spectrum more than {learnt.spikes:g} "
            "times as large as the typical one; masked"
        )
        if spiky.all():
            raise DataError(f"{name}: each of its pixels holds more than {MOST_SPIKES:.0%} spikes; raise data.spikes")
        notes |= {"data/spikes": float(found), "data/spiky_pixels": float(spiky.sum())}
        valid = valid.copy()
        valid[valid] = ~spiky
        full[~valid] = np.nan
    clean = None if as_read.clean is None else replace(learnt, limits=None).apply(as_read.clean, axis).values
    measured = replace(
        as_read, values=full, axis=axis[kept], channels=learnt.channels(as_read.channels), clean=clean, notes=notes
    )
    return PreparedMeasurement(as_read, measured, valid, learnt, size)


def say_outliers(measured: Measurement, train: Rows, scaling: Scaling) -> None:
    """Print what helps where outliers set the only z-score of a channel, so that most spectra would be flat."""
    rows = train[:: max(1, len(train) // MOST_PIXELS)]
    robust = Scaling.fit(measured.values[rows], by="robust")
    for channel, ratio in zip(measured.channels, (scaling.sd / robust.sd).max(axis=0), strict=True):
        if ratio > FLAT:
            console.print(
                f"{measured.sources[0].name}: outliers make the standard deviation of '{channel}' {ratio:.0f} times as "
                "large as the spread of most values, so that most spectra are flat to a model; data.scaling=robust and "
                "data.spikes=10 help"
            )
