"""Ticks of a logarithmic axis."""

from collections.abc import Sequence

import numpy as np
from matplotlib.ticker import LogLocator


class LogTicks(LogLocator):
    """Matplotlib's logarithmic ticks without those beyond the ends of the axis.

    These are never drawn, but each is five artists, and half of the ticks of a usual figure of losses.
    """

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        """Return the places of the ticks of an axis from ``vmin`` to ``vmax``."""
        low, high = sorted((vmin, vmax))
        places = np.asarray(super().tick_values(vmin, vmax), dtype=np.float64)
        seen = (0.99 * low <= places) & (places <= 1.01 * high)  # matplotlib decides on those at the ends
        return places[seen]  # type: ignore[return-value]  # an array, as of the other locators
