"""Principal components: the lowest error that a linear unmixing can reach, which every network has to beat."""

from typing import Any

from sklearn import decomposition

from remanence.foundation.constraints import Count
from remanence.models.unmixer import Unmixer, Values


class PCA(Unmixer):
    """Orthonormal components, sorted by the variance that they explain.

    Args:
        steps: number of steps of the bias waveform.
        channels: number of values at each step.
        n_components: number of components, and so of weights of a spectrum.
    """

    def __init__(self, *, steps: int, channels: int, n_components: Count | None = 5) -> None:
        super().__init__(steps=steps, channels=channels, n_components=n_components)

    def _learn(self, flat: Values) -> dict[str, Any]:
        # The automatic choice draws random numbers for large arrays. Where there are fewer spectra than values, the
        # covariance is the larger matrix: for 6000 values it takes a minute.
        solver = "covariance_eigh" if flat.shape[0] >= flat.shape[1] else "full"
        pca = decomposition.PCA(self.hparams["n_components"], svd_solver=solver).fit(flat)
        return {
            "atoms": pca.components_,
            "offset": pca.mean_,
            "explained_variance_ratio": pca.explained_variance_ratio_,
        }

    def _weights(self, flat: Values) -> Values:
        weights: Values = (flat - self.learnt("offset")) @ self.learnt("atoms").T
        return weights
