"""Gradient boosting: trees that correct each other, most often the best model on tables of materials."""

from collections.abc import Callable, Sequence
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from sklearn.base import clone
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import KFold

from remanence.errors import ConfigurationError
from remanence.foundation.constraints import Count, Counts, Folds, Part, Positive, Seed
from remanence.foundation.damage import reading
from remanence.models.estimator import Estimator, Values
from remanence.models.inner_folds import inner_folds
from remanence.models.row_scaling import rounded

if TYPE_CHECKING:
    from xgboost import XGBRegressor

PATIENCE = 50
# the largest rate and the fewest trees of the published searches are enough to rank the choices, in less than half
# of the time
RANKING = {"learning_rate": 0.1}
RANKING_TREES = 250
ENGINES = ("auto", "xgboost", "sklearn")
LOSSES = {"mae": ("reg:absoluteerror", "absolute_error"), "mse": ("reg:squarederror", "squared_error")}


class GradientBoosting(Estimator):
    """Trees of XGBoost or scikit-learn, each fitted to the residuals of the trees before it.

    Hyperparameters are chosen by the mean absolute error of a cross-validation inside the training rows. First, depth
    and share of the rows are chosen with few trees of a high rate. Then the number of trees of rate ``lr`` is chosen.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        engine: ``xgboost``, ``sklearn``, or ``auto`` for ``xgboost`` if it is installed and ``sklearn`` otherwise;
            ``hparams`` holds the engine that was taken.
        loss: loss that the trees minimise, ``mae`` or ``mse``.
        lr: share of a residual that a tree corrects.
        depths: depths of a tree to choose from.
        subsamples: shares of the rows that a tree is grown on, to choose from.
        columns: share of the inputs that each tree may use.
        max_estimators: largest number of trees.
        folds: number of folds of the cross-validation.
        seed: seed of the folds and of the rows of each tree.

    Raises:
        ConfigurationError: for an unknown engine, or for ``xgboost`` if it is not installed.

    Source: Chen, Guestrin, XGBoost, 2016, 10.1145/2939672.2939785.
    """

    trusted = ("sklearn.tree._tree.Tree",)

    def __init__(
        self,
        *,
        n_features: int,
        n_targets: int = 1,
        engine: Literal["auto", "xgboost", "sklearn"] = "auto",
        loss: Literal["mae", "mse"] = "mae",
        lr: Positive = 0.05,
        depths: Counts = (2, 3, 5),
        subsamples: Annotated[Sequence[Part], Field(min_length=1)] = (0.4, 0.7),
        columns: Part = 1.0,
        max_estimators: Count = 2000,
        folds: Folds = 3,
        seed: Seed = 0,
    ) -> None:
        super().__init__(
            n_features=n_features,
            n_targets=n_targets,
            engine=available(engine),
            loss=loss,
            lr=lr,
            depths=list(depths),
            subsamples=list(subsamples),
            columns=columns,
            max_estimators=max_estimators,
            folds=folds,
            seed=seed,
        )

    def build(self) -> "GradientBoostingRegressor | XGBRegressor":
        """Return the unfitted trees before any hyperparameter is chosen."""
        arguments = {"learning_rate": self.hparams["lr"], "random_state": self.hparams["seed"]}
        xgboosts, scikit_learns = LOSSES[self.hparams["loss"]]
        if not self.saved_as_json:
            return GradientBoostingRegressor(loss=scikit_learns, max_features=self.hparams["columns"], **arguments)
        from xgboost import XGBRegressor

        return XGBRegressor(objective=xgboosts, n_jobs=1, colsample_bytree=self.hparams["columns"], **arguments)

    def fit_scaled(self, x: Values, y: Values) -> None:
        """Choose the hyperparameters and fit, separately for each target.

        Raises:
            ConfigurationError: if there are fewer rows than folds.
        """
        folds = inner_folds(len(x), folds=self.hparams["folds"], seed=self.hparams["seed"])
        errors: Callable[..., Curve] = _errors_of_xgboost if self.saved_as_json else _errors_of_sklearn
        most = self.hparams["max_estimators"]
        choices = [
            {"max_depth": depth, "subsample": share}
            for depth, share in product(self.hparams["depths"], self.hparams["subsamples"])
        ]
        targets = rounded(y)
        for column, (regressor, target) in enumerate(zip(self.regressors_, targets.T, strict=True)):
            tried = [clone(regressor).set_params(**RANKING, **choice) for choice in choices]
            curves = [errors(trees, x, target, folds, min(most, RANKING_TREES)) for trees in tried]
            regressor.set_params(**choices[int(np.argmin([held_out.min() for _, held_out in curves]))])
            counts, held_out = errors(regressor, x, target, folds, most)
            regressor.set_params(n_estimators=int(counts[held_out.argmin()]))
            self.fit_target(regressor, x, targets, column)

    @property
    def saved_as_json(self) -> bool:
        """Whether the trees are XGBoost's, which writes and reads its own JSON files."""
        return bool(self.hparams["engine"] == "xgboost")

    @property
    def requirements(self) -> list[str]:
        """Distributions that the trees need besides those that every model needs."""
        return packages_distributions()["xgboost"][:1] if self.saved_as_json else []

    def write_regressors(self, folder: Path) -> None:
        """Write XGBoost's trees of each target as ``fitted_<number>.json``, or scikit-learn's as ``fitted.skops``."""
        if not self.saved_as_json:
            super().write_regressors(folder)
            return
        from xgboost import XGBRegressor

        for number, regressor in enumerate(self.regressors_):
            assert isinstance(regressor, XGBRegressor)
            regressor.save_model(folder / f"fitted_{number}.json")

    def read_regressors(self, folder: Path) -> None:
        """Read what ``write_regressors`` wrote."""
        if not self.saved_as_json:
            super().read_regressors(folder)
            return
        from xgboost import XGBRegressor

        for number, regressor in enumerate(self.regressors_):
            assert isinstance(regressor, XGBRegressor)
            path = folder / f"fitted_{number}.json"
            with reading(path):
                regressor.load_model(path)


def available(engine: str) -> str:
    """Return the engine that ``auto`` stands for on this machine; any other engine is returned unchanged.

    Raises:
        ConfigurationError: for an unknown engine, or for ``xgboost`` if it is not installed.
    """
    if engine not in ENGINES:
        raise ConfigurationError(f"engine: Expected one of {', '.join(ENGINES)}, but got {engine}")
    installed = find_spec("xgboost") is not None
    if engine == "xgboost" and not installed:
        raise ConfigurationError("engine: xgboost is not installed; pip install 'remanence[boosting]', or take sklearn")
    return engine if engine != "auto" else "xgboost" if installed else "sklearn"


Curve = tuple[NDArray[np.intp], NDArray[np.float64]]
"""Numbers of trees, and the held-out mean absolute error with each of these numbers."""


def _errors_of_xgboost(trees: "XGBRegressor", x: Values, target: Values, folds: KFold, most: int) -> Curve:
    """Return what ``xgboost.cv`` finds; in every round, that also predicts the rows that it fits."""
    import xgboost

    whole = xgboost.DMatrix(x, target, nthread=1)
    parts = []
    for rows, rest in folds.split(x):
        fitted, held_out = whole.slice(rows), whole.slice(rest)
        parameters = {**trees.get_xgb_params(), "eval_metric": ["mae"]}
        parts.append((xgboost.Booster(parameters, [fitted, held_out]), fitted, held_out))
    errors: list[float] = []
    best = 0
    while len(errors) < most and len(errors) - best <= PATIENCE:
        number, found = len(errors), []
        for grown, fitted, held_out in parts:
            grown.update(fitted, number)
            found.append(float(grown.eval_set([(held_out, "test")], number).rpartition(":")[2]))
        errors.append(float(np.mean(found)))
        best = number if errors[number] < errors[best] else best
    return np.arange(1, len(errors) + 1), np.asarray(errors)


def _errors_of_sklearn(trees: GradientBoostingRegressor, x: Values, target: Values, folds: KFold, most: int) -> Curve:
    grown = [(clone(trees).set_params(warm_start=True), *parts) for parts in folds.split(x)]
    counts, errors = [], []
    for count in range(min(PATIENCE, most), most + 1, PATIENCE):
        held_out = [
            np.abs(one.set_params(n_estimators=count).fit(x[rows], target[rows]).predict(x[rest]) - target[rest])
            for one, rows, rest in grown
        ]
        counts.append(count)
        errors.append(float(np.mean([error.mean() for error in held_out])))
        if errors[-1] > min(errors):
            break
    return np.asarray(counts), np.asarray(errors)
