"""Non-negative matrix factorisation: components that only add up, so that they read as partial spectra."""

import warnings
from typing import Any

import numpy as np
from scipy.optimize import nnls
from sklearn import decomposition
from sklearn.exceptions import ConvergenceWarning

from remanence.foundation.constraints import Count, Seed
from remanence.models.unmixer import Unmixer, Values


class NMF(Unmixer):
    """Non-negative weights of non-negative components above the smallest value of each feature.

    Scaled spectra have both signs, so they are measured from the minimum that the training spectra have at each step
    and channel; new values below it count as the minimum.

    Args:
        steps: of the bias waveform.
        channels: values at each step.
        n_components: numbers that stand for a spectrum.
        max_iter: sweeps of coordinate descent.
        seed: of the randomised singular value decomposition that it starts from.

    Source: Lee, Seung, Learning the parts of objects by non-negative matrix factorization, 1999, through scikit-learn.
    """

    def __init__(
        self, *, steps: int, channels: int, n_components: Count = 5, max_iter: Count = 1000, seed: Seed = 0
    ) -> None:
        super().__init__(steps=steps, channels=channels, n_components=n_components, max_iter=max_iter, seed=seed)

    def _learn(self, flat: Values) -> dict[str, Any]:
        offset = flat.min(axis=0)
        nmf = decomposition.NMF(
            self.hparams["n_components"],
            init="nndsvda",
            max_iter=self.hparams["max_iter"],
            random_state=self.hparams["seed"],
        )
        with warnings.catch_warnings():
            # the last digits of the components; the error has settled long before
            warnings.simplefilter("ignore", ConvergenceWarning)
            nmf.fit(flat - offset)
        return {"atoms": nmf.components_, "offset": offset}

    def _weights(self, flat: Values) -> Values:
        # exact; the weights that scikit-learn iterates to depend, in the third digit, on the other spectra of a call
        above = np.maximum(flat - self.learnt("offset"), 0.0)
        columns = self.learnt("atoms").T
        return np.stack([nnls(columns, spectrum)[0] for spectrum in above])
