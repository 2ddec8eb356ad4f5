"""The synthetic chain of three scales on which NestedAE was tested; each scale is computed from the finer one."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

COLUMNS = {
    "fine": ("x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "y"),
    "middle": ("x0", "x1", "x2", "x3", "x4", "y"),
    "coarse": ("x0", "x1", "y"),
}
"""Columns of each scale, finest scale first; y is the property of a scale."""

CAUSES = {
    "fine": {"y": ("fine.x0", "fine.x7")},
    "middle": {
        "x0": ("fine.x0", "fine.x1"),
        "x1": ("fine.x0", "fine.x2"),
        "x2": ("fine.x0",),
        "x3": ("fine.x1",),
        "x4": ("fine.x1", "fine.x2"),
        "y": ("fine.y", "middle.x4"),
    },
    "coarse": {
        "x0": ("middle.x0", "middle.x4"),
        "x1": ("middle.x0", "middle.x4"),
        "y": ("middle.y", "coarse.x0"),
    },
}
"""Columns from which each column is computed; without noise, the column is an exact function of them.

x3 to x6 of the fine scale cause nothing.
"""

DECIMALS = 3
"""Number of decimals to which the drawn features and the drawn noise are rounded."""


def simulate_multiscale(
    *, rows: int = 1000, noise: float = 1.0, seed: int = 100, noise_seed: int = 42
) -> dict[str, Values]:
    """Draw a chain of three scales with matching rows.

    u(v) = v + ζ adds noise ζ ~ N(0, noise) to a value. ζ is drawn once per value and shared by all columns that are
    computed from the value. The fine scale (1) has x0 … x7 ~ U(−1, 1) and y = u(x0)² + u(x7)². The middle scale (2) is
    computed from the fine scale: x0 = 2u(x0) + 3u(x1), x1 = u(x0) + u(x2), x2 = u(x0)², x3 = u(x1)², x4 = u(x1)·u(x2)
    and y = u(y)² + u(x4 of the middle scale)⁴. The coarse scale (3) is computed from the middle scale:
    x0 = u(x0) − u(x4), x1 = u(x0)·u(x4) and y = u(y)² + u(x0 of the coarse scale)⁴.

    The defaults, and noise = 0.1, reproduce the published files. All columns are equal to the last bit except y of the
    two coarser scales, whose fourth power may differ in the last two bits between processors.

    Args:
        rows: number of rows of each scale.
        noise: standard deviation of ζ.
        seed: seed of the features of the fine scale.
        noise_seed: seed of ζ.

    Returns:
        name of a scale to an array (rows, columns), columns as in ``COLUMNS``.

    Raises:
        ValueError: if ``rows`` is not positive or ``noise`` is negative.

    Source: the released data of NestedAE (T-NIKHIL/NestedAE, MIT), after 10.1039/D3MH01484C.

    >>> simulate_multiscale(rows=2, noise=0.0)["fine"][:, 0].tolist()
    [0.087, -0.727]
    """
    if rows < 1 or noise < 0:
        raise ValueError(f"Expected `rows` of at least 1 and `noise` of at least 0, but got {rows} and {noise}.")
    # RandomState, because the files were drawn with it and its stream of numbers never changes
    zeta = np.random.RandomState(noise_seed).normal(0.0, noise, (rows, sum(map(len, COLUMNS.values())))).round(DECIMALS)
    zeta_1, zeta_2, zeta_3 = np.split(zeta, np.cumsum([len(columns) for columns in COLUMNS.values()])[:2], axis=1)
    x_1 = np.random.RandomState(seed).uniform(-1.0, 1.0, (rows, 8)).round(DECIMALS)

    u = x_1 + zeta_1[:, :8]
    scale_1 = np.column_stack([x_1, u[:, 0] ** 2 + u[:, 7] ** 2])

    x_2 = [2 * u[:, 0] + 3 * u[:, 1], u[:, 0] + u[:, 2], u[:, 0] ** 2, u[:, 1] ** 2, u[:, 1] * u[:, 2]]
    u_0, u_4 = x_2[0] + zeta_2[:, 0], x_2[4] + zeta_2[:, 4]
    scale_2 = np.column_stack([*x_2, (scale_1[:, -1] + zeta_1[:, -1]) ** 2 + u_4**4])

    x_3 = [u_0 - u_4, u_0 * u_4]
    scale_3 = np.column_stack([*x_3, (scale_2[:, -1] + zeta_2[:, -1]) ** 2 + (x_3[0] + zeta_3[:, 0]) ** 4])
    return {"fine": scale_1, "middle": scale_2, "coarse": scale_3}
