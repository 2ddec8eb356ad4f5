"""Non-negative matrix factorisation: components that only add, so that each reads as a part of a spectrum."""

import warnings
from typing import Any

import numpy as np
from scipy.optimize import nnls
from sklearn import decomposition
from sklearn.exceptions import ConvergenceWarning

from remanence.foundation.constraints import Count, Seed
from remanence.models.unmixer import Unmixer, Values


class NMF(Unmixer):
    """Spectra as the smallest value of each feature plus non-negative weights of non-negative components.

    Scaled spectra have both signs. They are therefore measured from the minimum of the training spectra at each step
    and channel. New values below this minimum count as the minimum.

    Args:
        steps: number of steps of the bias waveform.
        channels: number of values at each step.
        n_components: number of components, and so of weights of a spectrum.
        max_iter: largest number of sweeps of coordinate descent.
        seed: seed of the randomised singular value decomposition that gives the start.
        projected: whether the reported weights are those of the least squared error, which may be negative, instead of
            the best non-negative ones.

    Source: Lee, Seung, Learning the parts of objects by non-negative matrix factorization, 1999, through scikit-learn.
    """

    def __init__(
        self,
        *,
        steps: int,
        channels: int,
        n_components: Count | None = 5,
        max_iter: Count = 1000,
        seed: Seed = 0,
        projected: bool = False,
    ) -> None:
        super().__init__(
            steps=steps,
            channels=channels,
            n_components=n_components,
            max_iter=max_iter,
            seed=seed,
            projected=projected,
        )

    def _learn(self, flat: Values) -> dict[str, Any]:
        offset = flat.min(axis=0)
        nmf = decomposition.NMF(
            self.hparams["n_components"],
            init="nndsvda",
            max_iter=self.hparams["max_iter"],
            random_state=self.hparams["seed"],
        )
        with warnings.catch_warnings():
            # only the last digits of the components still change; the error has converged long before
            warnings.simplefilter("ignore", ConvergenceWarning)
            nmf.fit(flat - offset)
        return {"atoms": nmf.components_, "offset": offset}

    def _weights(self, flat: Values) -> Values:
        # exact, unlike scikit-learn's iteration, whose third digit depends on the other spectra of the call
        above = np.maximum(flat - self.learnt("offset"), 0.0)
        columns = self.learnt("atoms").T
        return np.stack([nnls(columns, spectrum)[0] for spectrum in above])
