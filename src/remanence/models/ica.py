"""Independent components: those directions in the space of principal components whose weights are least Gaussian."""

import warnings
from typing import Any, Literal

from sklearn.decomposition import FastICA
from sklearn.exceptions import ConvergenceWarning

from remanence.foundation.constraints import Count, Positive, Seed
from remanence.foundation.terminal import console
from remanence.models.unmixer import Unmixer, Values


class ICA(Unmixer):
    """Spectra as the mean plus weighted components; the weights are as independent of each other as can be found.

    The components span the same space as as many principal components, so that the error is that of ``PCA``: what
    differs is which way the latents point. Their weights have the variance 1 on the training spectra.

    Args:
        steps: number of steps of a spectrum.
        channels: number of values at each step.
        n_components: number of components, and so of weights of a spectrum. With more than the spectra have causes,
            the iteration separates noise, which does not converge; a line says so.
        fun: measure of how far weights are from Gaussian.
        max_iter: largest number of iterations.
        tol: change of the components below which the iteration ends.
        seed: seed of the components to begin with.

    Source: Hyvärinen, Oja, Independent component analysis: algorithms and applications, 2000, through scikit-learn.
    """

    def __init__(
        self,
        *,
        steps: int,
        channels: int,
        n_components: Count | None = 5,
        fun: Literal["logcosh", "exp", "cube"] = "logcosh",
        max_iter: Count = 1000,
        tol: Positive = 1e-4,
        seed: Seed = 0,
    ) -> None:
        super().__init__(
            steps=steps,
            channels=channels,
            n_components=n_components,
            fun=fun,
            max_iter=max_iter,
            tol=tol,
            seed=seed,
        )

    def _learn(self, flat: Values) -> dict[str, Any]:
        h = self.hparams
        ica = FastICA(
            h["n_components"],
            fun=h["fun"],
            max_iter=h["max_iter"],
            tol=h["tol"],
            whiten="unit-variance",
            whiten_solver="svd",
            random_state=h["seed"],
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # said below, with what helps
            ica.fit(flat)
        if ica.n_iter_ >= h["max_iter"]:
            console.print(
                f"ICA: {h['n_components']} components have not converged after {h['max_iter']} iterations, so they are "
                "not unique; take fewer (n_components), or more iterations (max_iter)"
            )
        return {"atoms": ica.mixing_.T.copy(), "offset": ica.mean_, "unmixing": ica.components_}

    def _weights(self, flat: Values) -> Values:
        weights: Values = (flat - self.learnt("offset")) @ self.learnt("unmixing").T
        return weights
