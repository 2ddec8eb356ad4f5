"""Support vector regression that chooses its kernel and hyperparameters by a search."""

import warnings
from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from pydantic import Field
from sklearn import svm
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import KFold, ParameterGrid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from remanence.foundation.constraints import Count, Folds, Fractions, Positives, Seed
from remanence.models.estimator import Estimator, Values
from remanence.models.inner_folds import inner_folds

Kernels = Annotated[Sequence[Literal["rbf", "poly", "sigmoid", "linear"]], Field(min_length=1)]
ITERATIONS = 100_000
# a large C with a wide kernel needs more iterations, follows the noise and is not chosen; without this limit it takes
# most of the time of the search
SEARCH_ITERATIONS = 10_000


class NuSVR(Estimator):
    """Regression between z-scores that leaves at most a share ``nu`` of the rows outside its tube.

    Hyperparameters are chosen by the mean absolute error of a cross-validation inside the training rows: first kernel,
    ``C`` and width together at the middle of ``nus``, then ``nu``.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        kernels: kernels to choose from: ``rbf``, ``poly`` (cubic), ``sigmoid`` or ``linear``. The last two are tried
            with the first of ``cs`` and ``gammas`` only, ``poly`` with one width.
        cs: weights of the errors against the smoothness, to choose from.
        gammas: inverse squared widths of ``rbf`` to choose from, in units of one over the number of inputs.
        nus: shares ``nu`` to choose from.
        folds: number of folds of the cross-validation.
        search_rows: largest number of rows, drawn at random, that the search uses; the fit takes all rows.
        seed: seed of the folds and of the drawn rows.

    Source: Schölkopf et al., New support vector algorithms, 2000, 10.1162/089976600300015565, through scikit-learn.
    """

    trusted = ("sklearn.model_selection._split.KFold",)

    def __init__(
        self,
        *,
        n_features: int,
        n_targets: int = 1,
        kernels: Kernels = (
            "rbf",
            "poly",
            "sigmoid",
            "linear",
        ),
        cs: Positives = (1.0, 10.0, 100.0),
        gammas: Positives = (0.15, 0.5, 1.5),
        nus: Fractions = (0.25, 0.5, 0.75),
        folds: Folds = 5,
        search_rows: Count = 400,
        seed: Seed = 0,
    ) -> None:
        super().__init__(
            n_features=n_features,
            n_targets=n_targets,
            kernels=list(kernels),
            cs=list(cs),
            gammas=list(gammas),
            nus=list(nus),
            folds=folds,
            search_rows=search_rows,
            seed=seed,
        )

    def build(self) -> TransformedTargetRegressor:
        """Return the unfitted regression before any hyperparameter is chosen."""
        return _between_z_scores(self._machine())

    def fit_scaled(self, x: Values, y: Values) -> None:
        """Choose the hyperparameters and fit, separately for each target.

        Raises:
            ConfigurationError: if there are fewer rows than folds.
        """
        rows = np.random.default_rng(self.hparams["seed"]).permutation(len(x))[: self.hparams["search_rows"]]
        folds = inner_folds(len(rows), folds=self.hparams["folds"], seed=self.hparams["seed"])
        self.regressors_ = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            for column, target in enumerate(y.T):
                parts = _parts(x[rows], target[rows], folds)
                machine, choices = self._machine(), list(ParameterGrid(self._kernels()))
                errors = [_error(machine, choice, parts) for choice in choices]
                best = int(np.argmin(errors))
                machine.set_params(**choices[best])
                known = {machine.nu: errors[best]}
                found = [known[nu] if nu in known else _error(machine, {"nu": nu}, parts) for nu in self.hparams["nus"]]
                machine.set_params(nu=self.hparams["nus"][int(np.argmin(found))], max_iter=ITERATIONS)
                self.regressors_.append(self.fit_target(_between_z_scores(machine), x, y, column))

    def _machine(self) -> svm.NuSVR:
        nus = self.hparams["nus"]
        return svm.NuSVR(nu=nus[len(nus) // 2], max_iter=SEARCH_ITERATIONS)

    def _kernels(self) -> list[dict[str, list[Any]]]:
        width, cs = 1 / self.hparams["n_features"], self.hparams["cs"]
        widths = [share * width for share in self.hparams["gammas"]]
        grids: dict[str, dict[str, list[Any]]] = {
            "rbf": {"C": cs, "gamma": widths},
            # the constant coef0 adds the lower powers
            "poly": {"C": cs, "gamma": [width], "coef0": [1.0]},
            "sigmoid": {"C": cs[:1], "gamma": widths[:1]},
            "linear": {"C": cs[:1]},
        }
        return [{"kernel": [kernel], **grids[kernel]} for kernel in self.hparams["kernels"]]


def _between_z_scores(machine: svm.NuSVR) -> TransformedTargetRegressor:
    return TransformedTargetRegressor(make_pipeline(StandardScaler(), machine), transformer=StandardScaler())


class _Part(NamedTuple):
    """A fold of the search: z-scores of what is fitted and of the inputs of its other rows, and their targets."""

    x: Values
    y: Values
    rest: Values
    scaler: StandardScaler
    measured: Values


def _parts(x: Values, target: Values, folds: KFold) -> list[_Part]:
    """Return the folds, each scaled once for all that is tried on it; a grid search scales them for each choice."""
    parts = []
    for rows, rest in folds.split(x):
        inputs, targets = StandardScaler().fit(x[rows]), StandardScaler().fit(target[rows, None])
        y = targets.transform(target[rows, None])[:, 0]
        parts.append(_Part(inputs.transform(x[rows]), y, inputs.transform(x[rest]), targets, target[rest]))
    return parts


def _error(machine: svm.NuSVR, choice: dict[str, Any], parts: Sequence[_Part]) -> float:
    """Return the mean absolute error of a choice of parameters, averaged over folds."""
    tried = clone(machine).set_params(**choice)
    errors = []
    for part in parts:
        predicted = tried.fit(part.x, part.y).predict(part.rest)
        errors.append(mean_absolute_error(part.measured, part.scaler.inverse_transform(predicted[:, None])[:, 0]))
    return float(np.mean(errors))
