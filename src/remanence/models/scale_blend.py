"""The model of one scale of a chain as the weighted mean of its networks and of baselines beside them."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from remanence.models.constant_width import ConstantWidth
from remanence.models.table_blend import TableBlend, named_part

Values = NDArray[np.float64]


class ScaleBlend(ConstantWidth, TableBlend):
    """Weighted mean of several models of a scale, with a share of each for every target and intervals of one width.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        parts: see ``TableBlend``; the first one is the chain's own model of the scale.
        shares: share of each part in the prediction of each target, shape (parts, targets); a target's sum to 1.
        half_width: half width of the interval of each target, in the target's unit; None where it is unknown.
    """

    kind = "chain"

    def __init__(
        self,
        *,
        n_features: int,
        n_targets: int = 1,
        parts: Sequence[Mapping[str, Any]],
        shares: Sequence[Sequence[float]],
        half_width: Sequence[float | None],
    ) -> None:
        mean = [float(np.mean(share)) for share in shares]
        super().__init__(n_features=n_features, n_targets=n_targets, parts=parts, weights=mean)
        del self.hparams["weights"]
        self.hparams |= {"shares": [list(share) for share in shares], "half_width": list(half_width)}

    @classmethod
    def of_parts(cls, models: Sequence[Any], shares: Values, half_width: Values, *, n_features: int) -> Self:
        """Return the blend of fitted models.

        Args:
            models: the chain's own model of the scale first.
            shares: share of each model for each target, shape (models, targets).
            half_width: half width of the interval of each target, shape (targets,); NaN where it is unknown.
            n_features: number of inputs.
        """
        shape = {"n_features": n_features, "n_targets": shares.shape[1]}
        blend = cls(**shape, parts=[], shares=[], half_width=[])
        blend.hparams |= {
            "parts": [named_part(model) for model in models],
            "shares": shares.tolist(),
            "half_width": [float(width) if np.isfinite(width) else None for width in half_width],
        }
        blend.parts_ = list(models)
        return blend

    @property
    def ensemble(self) -> Any:
        """The networks of the scale."""
        return getattr(self.parts_[0], "ensemble", self.parts_[0])

    def predict(self, x: Values) -> Values:
        """Return the weighted mean (rows, n_targets) of the predictions for inputs (rows, n_features)."""
        predicted = np.stack([part.predict(x) for part in self.parts_])  # (parts, rows, targets)
        return mixed(np.array(self.hparams["shares"]), predicted)

    @property
    def _weights(self) -> Values:
        mean: Values = np.array(self.hparams["shares"], dtype=np.float64).mean(axis=1)
        return mean


def mixed(shares: Values, predicted: Values) -> Values:
    """Return the mean of predictions (parts, rows, targets), weighted by the share of each part (parts, targets)."""
    mean: Values = np.einsum("pt,prt->rt", shares, predicted)
    return mean
