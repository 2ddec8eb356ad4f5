"""Mean of several fitted models of a table, such as networks and the baselines beside them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from torch import nn

from remanence.foundation.trust import import_target
from remanence.models.network_file import read_weights, write_weights
from remanence.models.spread import predict_with_spread

Values = NDArray[np.float64]


def mixed_spread(weights: Values, predicted: Values, variance: Values) -> Values:
    """Return the standard deviation of a mixture of models: their mean variance, and how far they disagree.

    Args:
        weights: weight of each model, shape (models,); they sum to 1.
        predicted: predictions of each model, shape (models, rows, targets).
        variance: variance of each of these predictions, in the same shape.

    >>> mixed_spread(np.array([0.5, 0.5]), np.array([[[1.0]], [[3.0]]]), np.zeros((2, 1, 1))).tolist()
    [[1.0]]
    """
    apart = predicted - np.tensordot(weights, predicted, axes=1)
    spread: Values = np.sqrt(np.tensordot(weights, variance + apart**2, axes=1))
    return spread


def named_part(model: Any) -> dict[str, Any]:
    """Return the class of a fitted model and the arguments that build it, as a part of a blend is stored."""
    return {"member": f"{type(model).__module__}.{type(model).__qualname__}", "arguments": model.hparams}


class TableBlend:
    """Weighted mean of the predictions of several models with the same inputs and targets.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        parts: class of each model as ``module.name`` (``member``), and the arguments that build it (``arguments``).
        weights: weight of each model; they sum to 1.
    """

    kind = "table"

    def __init__(
        self,
        *,
        n_features: int,
        n_targets: int = 1,
        parts: Sequence[Mapping[str, Any]],
        weights: Sequence[float],
    ) -> None:
        if len(parts) != len(weights):
            raise ValueError(f"Expected argument `weights` to have {len(parts)} values, but got {len(weights)}.")
        self.hparams = {
            "n_features": n_features,
            "n_targets": n_targets,
            "parts": [{"member": part["member"], "arguments": dict(part["arguments"])} for part in parts],
            "weights": [float(weight) for weight in weights],
        }
        self.parts_: list[Any] = [import_target("member", part["member"])(**part["arguments"]) for part in parts]

    @classmethod
    def of(cls, models: Sequence[Any], weights: Sequence[float], *, n_features: int, n_targets: int) -> Self:
        """Return the blend of fitted models."""
        blend = cls(n_features=n_features, n_targets=n_targets, parts=[], weights=[])
        blend.hparams |= {
            "parts": [named_part(model) for model in models],
            "weights": [float(weight) for weight in weights],
        }
        blend.parts_ = list(models)
        return blend

    @property
    def requirements(self) -> list[str]:
        """Distributions that a part needs besides those that every model needs."""
        return sorted({name for part in self.parts_ for name in getattr(part, "requirements", [])})

    def predict(self, x: Values) -> Values:
        """Return the weighted mean (rows, n_targets) of the predictions for inputs (rows, n_features)."""
        mean: Values = np.tensordot(self._weights, np.stack([part.predict(x) for part in self.parts_]), axes=1)
        return mean

    def spread(self, x: Values) -> Values:
        """Return the standard deviation of the prediction of each row, shape (rows, n_targets), in the targets' units.

        It is that of the mixture of the parts: the mean variance of those that know one, and how far they disagree.
        """
        return self.predict_with_spread(x)[1]

    def predict_with_spread(self, x: Values) -> tuple[Values, Values]:
        """Return what ``predict`` and ``spread`` return; each part predicts once."""
        pairs = [predict_with_spread(part, x) for part in self.parts_]
        predicted = np.stack([pair[0] for pair in pairs])  # (parts, rows, targets)
        variance = np.stack(
            [np.zeros_like(each) if spread is None else np.nan_to_num(spread) ** 2 for each, spread in pairs]
        )
        mean: Values = np.tensordot(self._weights, predicted, axes=1)
        return mean, mixed_spread(self._weights, predicted, variance)

    @property
    def _weights(self) -> Values:
        return np.array(self.hparams["weights"], dtype=np.float64)

    def write_fitted(self, folder: Path) -> None:
        """Write what each part has learnt into a folder of its own, ``part_0`` and so on."""
        for number, part in enumerate(self.parts_):
            own = folder / f"part_{number}"
            own.mkdir(parents=True)
            if isinstance(part, nn.Module):
                write_weights(part, own)
            else:
                part.write_fitted(own)

    def read_fitted(self, folder: Path) -> None:
        """Read what ``write_fitted`` wrote."""
        for number, part in enumerate(self.parts_):
            if isinstance(part, nn.Module):
                read_weights(part, folder / f"part_{number}")
            else:
                part.read_fitted(folder / f"part_{number}")
