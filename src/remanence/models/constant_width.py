"""Intervals of one width for all rows, which a model knows itself."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


class ConstantWidth:
    """A model whose ``hparams`` hold a ``half_width`` for each target, None where it is unknown."""

    hparams: dict[str, Any]

    def half_width(self, x: NDArray[np.float64], predicted: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the half width of the interval of each prediction, shape (rows, targets); NaN where it is unknown.

        Args:
            x: inputs of the rows, shape (rows, inputs).
            predicted: predictions for them, shape (rows, targets).
        """
        return np.tile(np.array(self.hparams["half_width"], dtype=np.float64), (len(predicted), 1))
