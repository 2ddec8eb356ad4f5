"""Sparse dictionary learning, the unmixing that the paper compares its network with."""

import warnings
from typing import Any, Literal

import numpy as np
from sklearn.decomposition import MiniBatchDictionaryLearning, sparse_encode
from sklearn.exceptions import ConvergenceWarning

from remanence.foundation.constraints import Count, Positive, Positives, Seed
from remanence.models.unmixer import Unmixer, Values

BATCH = 256


class DictionaryLearning(Unmixer):
    """Spectra x as sparse combinations of dictionary spectra: ``min_{D, γ} 1/2 ||x - D γ||² + α ||γ||_1``.

    The penalty shrinks the weights of the embedding, and with them the reconstruction. ``omp`` codes without a penalty,
    by least squares on the ``transform_n_nonzero`` components that matching pursuit picks. With all components, this is
    the orthogonal projection on the dictionary, which is the best reconstruction that the dictionary allows.

    Args:
        steps: number of steps of the bias waveform.
        channels: number of values at each step.
        n_components: number of spectra in the dictionary, which are the columns of D.
        alpha: penalty while the dictionary is learnt.
        transform: method that codes spectra: ``lasso_lars`` and ``lasso_cd`` minimise the objective above, ``omp`` is
            orthogonal matching pursuit.
        transform_alpha: penalty of the two lassos while they code; None takes the penalty of the fit.
        transform_n_nonzero: number of components that ``omp`` may use for a spectrum; None allows all.
        max_iter: number of passes over the spectra.
        seed: seed of the batches, of the initial dictionary and of the fifth of the spectra that is held out.
        alphas: penalties to choose ``alpha`` from. Each learns a dictionary from four fifths of the training spectra.
            The penalty with the lowest reconstruction error on the other fifth, coded by ``transform``, is fitted to
            all spectra. If a lasso codes with the penalty of the fit, the choice favours small penalties.
        projected: whether the reported weights are those of the least squared error instead of the sparse codes.

    Source: the spectra paper, sections 2.1 and 2.2; Mairal, Bach, Ponce, Sapiro, Online dictionary learning for
    sparse coding, 2009, through scikit-learn.
    """

    def __init__(
        self,
        *,
        steps: int,
        channels: int,
        n_components: Count | None = 5,
        alpha: Positive = 1.0,
        transform: Literal["lasso_lars", "lasso_cd", "omp"] = "lasso_lars",
        transform_alpha: Positive | None = None,
        transform_n_nonzero: Count | None = None,
        max_iter: Count = 5,
        seed: Seed = 0,
        alphas: Positives | None = None,
        projected: bool = False,
    ) -> None:
        super().__init__(
            steps=steps,
            channels=channels,
            n_components=n_components,
            alpha=alpha,
            transform=transform,
            transform_alpha=transform_alpha,
            transform_n_nonzero=transform_n_nonzero,
            max_iter=max_iter,
            seed=seed,
            alphas=list(alphas) if alphas else None,
            projected=projected,
        )

    @property
    def alpha_(self) -> float:
        """Penalty with which the dictionary was learnt."""
        return float(self.learnt("alpha"))

    @property
    def grid_(self) -> dict[str, Values]:
        """Results of the search for the penalty, as arrays of shape (alphas,).

        The keys are ``alpha``, ``train_mse``, ``held_out_mse`` and ``objective``. ``objective`` is the mean objective
        of the held-out spectra at the penalty that is tried. It grows with the penalty, so it cannot choose one. The
        dictionary is empty without a search.
        """
        grid: dict[str, Values] = self.learnt("grid")
        return grid

    def _learn(self, flat: Values) -> dict[str, Any]:
        grid = self._search(flat) if self.hparams["alphas"] else {}
        alpha = float(grid["alpha"][grid["held_out_mse"].argmin()]) if grid else self.hparams["alpha"]
        return {
            "atoms": self._dictionary(flat, alpha),
            "offset": np.zeros(flat.shape[1]),
            "alpha": alpha,
            "grid": grid,
        }

    def _weights(self, flat: Values) -> Values:
        return self._code(flat, self.learnt("atoms"), self.alpha_)

    def _dictionary(self, flat: Values, alpha: float) -> Values:
        learning = MiniBatchDictionaryLearning(
            self.hparams["n_components"],
            alpha=alpha,
            max_iter=self.hparams["max_iter"],
            batch_size=BATCH,
            fit_algorithm="cd",
            random_state=self.hparams["seed"],
            tol=0.0,
            max_no_improvement=None,  # an early stop would depend on the noise of a batch
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # from the coding within a batch, as in `encode`
            atoms: Values = learning.fit(flat).components_
        return atoms

    def _code(self, flat: Values, atoms: Values, alpha: float) -> Values:
        transform, penalty = self.hparams["transform"], self.hparams["transform_alpha"]
        if transform == "omp":
            most = min(self.hparams["transform_n_nonzero"] or len(atoms), len(atoms))
            return encode(flat, atoms, algorithm=transform, n_nonzero_coefs=most)
        return encode(flat, atoms, algorithm=transform, alpha=alpha if penalty is None else penalty)

    def _search(self, flat: Values) -> dict[str, Values]:
        order = np.random.default_rng(self.hparams["seed"]).permutation(len(flat))
        held_out, train = np.split(flat[order], [len(flat) // 5])
        rows = []
        for alpha in self.hparams["alphas"]:
            atoms = self._dictionary(train, alpha)
            errors = [np.mean((part - self._code(part, atoms, alpha) @ atoms) ** 2) for part in (train, held_out)]
            weights = encode(held_out, atoms, algorithm="lasso_lars", alpha=alpha)
            squared = ((held_out - weights @ atoms) ** 2).sum(axis=1)
            rows.append([alpha, *errors, np.mean(squared / 2 + alpha * np.abs(weights).sum(axis=1))])
        return dict(zip(("alpha", "train_mse", "held_out_mse", "objective"), np.array(rows).T, strict=True))


def encode(flat: Values, atoms: Values, **options: Any) -> Values:
    """Return the weights (n, n_components) of ``atoms`` in spectra (n, features).

    ``options`` are those of scikit-learn's ``sparse_encode``.
    """
    with warnings.catch_warnings():
        # coordinate descent on nearly parallel spectra leaves duality gaps of 1e-5
        warnings.simplefilter("ignore", ConvergenceWarning)
        weights: Values = sparse_encode(flat, atoms, **options)
    return weights
