"""Predictions mixed from an ensemble of networks and a Gaussian process on the same inputs."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from remanence.foundation.threads import one_thread
from remanence.foundation.trust import trusting
from remanence.models.constant_width import ConstantWidth
from remanence.models.ensemble import CHUNK, Ensemble, dtype_of
from remanence.models.gaussian_head import GaussianHead


class Blended(ConstantWidth, nn.Module):
    """Prediction ``(1 - weight) * ensemble + weight * process`` for each target.

    Args:
        ensemble: arguments of the ``Ensemble``.
        processes: arguments of the ``GaussianHead`` of each target.
        weights: weight of the process for each target, from 0 to 1.
        half_width: half width of the interval of each target, in the target's unit; None where it is unknown.
    """

    def __init__(
        self,
        *,
        ensemble: Mapping[str, Any],
        processes: Sequence[Mapping[str, int]],
        weights: Sequence[float],
        half_width: Sequence[float | None],
    ) -> None:
        super().__init__()
        self.hparams = {
            "ensemble": dict(ensemble),
            "processes": [dict(process) for process in processes],
            "weights": list(weights),
            "half_width": list(half_width),
        }
        self.ensemble = Ensemble(**ensemble)
        self.processes = nn.ModuleList(GaussianHead(**process) for process in processes)

    @classmethod
    def of(
        cls, ensemble: Ensemble, processes: Sequence[GaussianHead], weights: Sequence[float], half_width: Any
    ) -> Self:
        """Return the blend of fitted parts; ``half_width`` has shape (targets,) and is NaN where it is unknown."""
        with trusting([str(ensemble.hparams["member"])]):  # the ensemble exists already
            blended = cls(
                ensemble=ensemble.hparams,
                processes=[process.hparams for process in processes],
                weights=[float(weight) for weight in weights],
                half_width=[float(width) if np.isfinite(width) else None for width in half_width],
            )
        blended.ensemble, blended.processes = ensemble, nn.ModuleList(processes)
        return blended

    def forward(self, x: Tensor) -> Tensor:
        """Return the prediction (rows, targets) for inputs (rows, n_features)."""
        weights = torch.tensor(self.hparams["weights"], dtype=torch.float64)
        smooth = torch.stack([process(x) for process in self.processes], dim=1)
        mixed: Tensor = (1 - weights) * self.ensemble(x.to(dtype_of(self.ensemble))).double() + weights * smooth
        return mixed

    @torch.no_grad()
    def predict(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the prediction (rows, targets) in physical units."""
        self.eval()
        with one_thread():
            chunks = [self(rows) for rows in torch.split(torch.as_tensor(x, dtype=torch.float64), CHUNK)]
        targets = len(self.hparams["weights"])
        predicted: NDArray[np.float64] = torch.cat(chunks).numpy() if chunks else np.empty((0, targets))
        return predicted
