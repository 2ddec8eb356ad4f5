"""Local switching of PbZr0.2Ti0.8O3 under a tip: simulated loops of piezoresponse and resonance from latent factors."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Field = Literal["off", "on"]


@dataclass(frozen=True)
class Factor:
    """One latent factor of a pixel: its unit, and the range in which simulated loops resemble the measured loops."""

    unit: str
    low: float
    high: float
    about: str


FACTORS = {
    "amplitude": Factor("arb. units", 4e-5, 1.3e-4, "piezoresponse of the saturated state"),
    "tilt": Factor("", 0.0, 1.0, "ferroelastic share: 0 a square c-domain loop, 1 a broad, tilted one"),
    "two_step": Factor("", 0.0, 1.0, "share that switches c+ to a to c- on both signs of the bias"),
    "charged_wall": Factor("", 0.0, 1.0, "share held in the a state by charged walls, on positive bias only"),
    "coercive_bias": Factor("V", 6.5, 9.5, "half the width of the loop"),
    "imprint": Factor("V", -1.0, 1.0, "shift of the loop along the bias"),
    "resonance_frequency": Factor("kHz", 1315.0, 1332.0, "contact resonance of the saturated state without bias"),
}
"""The columns of ``factors``, in order."""

# These sizes are read off the published loops of the paper's sample; they are the same for every pixel.
TRANSITION_WIDTH = 1.3  # V, logistic scale of a square loop, which switches from 10 to 90 % within 6 V
BROADENING = 1.4  # a fully tilted loop is 2.4 times as wide
STEP_SPLITTING = 0.5  # the two steps are at 0.5 and 1.5 times the coercive bias
STEP_WIDTH = 0.6  # width of a step in widths of a single transition; leaves a plateau between the steps
SLOPE = 0.2  # slope of the saturated branches of a fully tilted loop, in amplitudes at the largest bias
SOFTENING = 2.0  # kHz at the coercive bias, where moving walls make the contact compliant
HARDENING = 4.5  # kHz with all material in the a state, which has a higher out-of-plane modulus
STIFFENING = 0.8  # kHz at the largest bias, both signs
QUALITY_FACTOR = 180.0
DISSIPATION = 0.2  # share by which moving walls lower the quality factor
ELECTROSTATIC = 0.015  # force on the cantilever with the field on: piezoresponse per volt, in units of 1e-4


@dataclass(frozen=True)
class SwitchingLoops:
    """Loops that band excitation would measure without noise; every array has the shape (pixels, bias steps)."""

    piezoresponse: NDArray[np.float64]
    """Signed piezoresponse in arb. units."""
    resonance_frequency: NDArray[np.float64]
    """Resonance frequency in kHz."""
    quality_factor: NDArray[np.float64]
    """Quality factor, dimensionless."""

    @property
    def amplitude(self) -> NDArray[np.float64]:
        """Magnitude of the response in arb. units."""
        return np.abs(self.piezoresponse)

    def phase(self, offset: float = 0.0) -> NDArray[np.float64]:
        """Return the phase of the response in rad: ``offset`` for polarization up, ``offset + π`` for down."""
        return np.where(self.piezoresponse < 0, np.pi, 0.0) + offset


def triangular_bias(steps: int = 96, maximum: float = 16.0) -> NDArray[np.float64]:
    """Return one cycle of the bias in V, shape (steps,).

    The bias goes from ``maximum`` down to ``-maximum`` and back up to one step before ``maximum``.

    >>> triangular_bias(96)[[0, 1, 48, 95]].round(2).tolist()
    [16.0, 15.33, -16.0, 15.33]
    """
    return maximum * (4 * np.abs(np.arange(steps) / steps - 0.5) - 1)


def switching_loops(factors: ArrayLike, voltage: ArrayLike, *, field: Field = "off") -> SwitchingLoops:
    """Return the closed loops of pixels that switch in one or two steps.

    A pixel holds material in three states: up (c+), in plane (a) and down (c-). On either branch, the share that has
    left the first state and the share that has reached the last state follow logistic curves of the bias. The
    difference of the two shares is in the a state, which shows as a plateau of the piezoresponse. Moving walls soften
    the contact; the a state hardens it.

    Args:
        factors: latent factors, shape (pixels, 7), columns as in ``FACTORS``.
        voltage: bias waveform in V, shape (steps,); its extremes saturate the loop.
        field: ``on`` measures while the bias is applied, which adds the electrostatic force; ``off`` after it.

    Raises:
        ValueError: if the shapes do not fit or the bias is constant.

    Source: the mechanisms of the β-VAE paper, section "Real data", Fig. 5(d-f); the sizes are ours.

    >>> pixel = [[1e-4, 0, 0, 0, 8, 0, 1325]]
    >>> loops = switching_loops(pixel, triangular_bias(96))
    >>> (1e4 * loops.piezoresponse[0, [0, 24, 48, 72]]).round(2).tolist()
    [1.0, 1.0, -1.0, -1.0]
    """
    latents = np.asarray(factors, dtype=np.float64)
    bias = np.asarray(voltage, dtype=np.float64)
    if latents.ndim != 2 or latents.shape[1] != len(FACTORS):
        raise ValueError(f"Expected `factors` of shape (pixels, {len(FACTORS)}), but got {latents.shape}.")
    if bias.ndim != 1 or bias.size < 2 or np.ptp(bias) == 0:
        raise ValueError("Expected `voltage` to be a waveform of shape (steps,) that changes.")
    amplitude, tilt, two_step, charged_wall, coercive_bias, imprint, resonance = latents.T[..., None]  # (pixels, 1)

    rising = _is_rising(bias)
    towards = np.where(rising, 1.0, -1.0)  # sign of the bias that switches on this branch
    # on positive bias, each of the two mechanisms holds material in the a state
    stepwise = np.where(rising, two_step + charged_wall - two_step * charged_wall, two_step)  # (pixels, steps)
    width = TRANSITION_WIDTH * (1 + BROADENING * tilt)

    def switched(position: float, broadness: float) -> NDArray[np.float64]:
        return _switched_share(towards * bias, towards * imprint + position * coercive_bias, broadness * width)

    at_once = switched(1, 1)
    first, second = switched(1 - STEP_SPLITTING, STEP_WIDTH), switched(1 + STEP_SPLITTING, STEP_WIDTH)
    left = (1 - stepwise) * at_once + stepwise * first
    arrived = (1 - stepwise) * at_once + stepwise * second
    moving = (1 - stepwise) * _moving(at_once) + stepwise * (_moving(first) + _moving(second)) / 2
    relative = bias / np.abs(bias).max()

    piezoresponse = amplitude * (towards * (left + arrived - 1) + SLOPE * tilt * relative) / (1 + SLOPE * tilt)
    if field == "on":
        piezoresponse = piezoresponse + 1e-4 * ELECTROSTATIC * bias
    softening = SOFTENING * (1 - 0.6 * tilt) * moving  # broad transitions soften less, Fig. 5(f)
    return SwitchingLoops(
        piezoresponse=piezoresponse,
        resonance_frequency=resonance + HARDENING * (left - arrived) - softening + STIFFENING * relative**2,
        quality_factor=QUALITY_FACTOR * (1 - DISSIPATION * moving),
    )


def _is_rising(bias: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return whether each step is on the rising branch; where the bias is constant, the branch continues."""
    change = np.diff(bias)
    change = np.concatenate([change[change != 0][:1], change])  # the first step belongs to the branch that follows
    last_change = np.maximum.accumulate(np.where(change != 0, np.arange(change.size), 0))
    rising: NDArray[np.bool_] = change[last_change] > 0
    return rising


def _switched_share(
    towards: NDArray[np.float64], centre: NDArray[np.float64], width: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the logistic share of switched material, rescaled to 0 and 1 at the extremes so that the loop closes."""

    def logistic(bias: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
        share: NDArray[np.float64] = 0.5 + 0.5 * np.tanh((bias - centre) / (2 * width))
        return share

    start, end = logistic(-np.abs(towards).max()), logistic(np.abs(towards).max())
    return (logistic(towards) - start) / (end - start)


def _moving(switched: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the wall motion, which is the rate of a logistic transition: 1 where half of the material has switched."""
    return 4 * switched * (1 - switched)
