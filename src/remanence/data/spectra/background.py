"""Background of spectra: what varies slowly along the axis and is no line, loop or peak."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Background = Literal["none", "linear", "polynomial", "asls"]
Values = NDArray[np.floating[Any]]

ASYMMETRY = 0.01
"""Weight of values above the background in asymmetric least squares; those below it have 0.99."""


def background_of(
    values: Values, axis: NDArray[np.float64], kind: Background, *, degree: int, stiffness: float
) -> NDArray[np.float64]:
    """Return the background of each spectrum, in the shape of ``values``.

    ``linear`` is the straight line of least squares in the value of the axis, such as the electrostatic slope of a
    loop; ``polynomial`` is the same with a higher degree. Both take away the mean of peaks as well, which ``asls`` does
    not: asymmetric least squares with a stiff curve that runs below the peaks, in the order of the steps.

    Args:
        values: spectra (pixels, steps, channels), all finite.
        axis: value of each step, shape (steps,).
        kind: kind of background, not ``none``.
        degree: degree of the polynomial.
        stiffness: weight of the curvature of ``asls``; spectra of more steps need more.

    Source: Eilers, Boelens, Baseline correction with asymmetric least squares smoothing, 2005, through pybaselines.
    """
    flat = np.moveaxis(values, 1, -1).reshape(-1, values.shape[1]).astype(np.float64)  # (pixels · channels, steps)
    if kind == "asls":
        from pybaselines import Baseline  # imported here: most spectra need no background

        fitter = Baseline()  # without the axis, by which it would sort the steps of a loop
        made = np.array([fitter.asls(spectrum, lam=stiffness, p=ASYMMETRY)[0] for spectrum in flat]).reshape(flat.shape)
    else:
        centred = (axis - axis.mean()) / (np.ptp(axis) or 1.0)
        powers = np.vander(centred, (1 if kind == "linear" else degree) + 1)  # (steps, degree + 1)
        orthonormal = np.linalg.qr(powers)[0]
        made = flat @ orthonormal @ orthonormal.T
    back = made.reshape(len(values), values.shape[2], values.shape[1])
    return np.ascontiguousarray(np.moveaxis(back, -1, 1))
