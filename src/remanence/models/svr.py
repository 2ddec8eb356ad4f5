"""Support vector regression with a Gaussian kernel."""

from typing import Literal

import numpy as np
from sklearn import svm

from remanence.foundation.constraints import NonNegative, Positive, Positives
from remanence.models.estimator import Estimator, Values
from remanence.models.inner_folds import held_out_error

SEARCH_FOLDS = 5


class SVR(Estimator):
    """Support vector regression between z-scores with an epsilon-insensitive loss.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        c: weight of the errors against the smoothness.
        epsilon: share of the target's standard deviation below which errors cost nothing.
        gamma: inverse squared width of the kernel, or ``scale`` or ``auto``.
        cs: values to choose ``c`` from, by the error in a cross-validation inside the training rows; None takes ``c``
            as given.
        widths: factors of ``1 / n_features`` to choose ``gamma`` from, together with ``c``; None takes ``gamma`` as
            given.
        clip: see ``Estimator``.
    """

    def __init__(
        self,
        *,
        n_features: int,
        n_targets: int = 1,
        c: Positive = 10.0,
        epsilon: NonNegative = 0.1,
        gamma: Positive | Literal["scale", "auto"] = "scale",
        cs: Positives | None = None,
        widths: Positives | None = None,
        clip: Positive | None = None,
    ) -> None:
        searched = {"cs": cs, "widths": widths}
        super().__init__(
            n_features=n_features,
            n_targets=n_targets,
            c=c,
            epsilon=epsilon,
            gamma=gamma,
            clip=clip,
            **{key: list(values) for key, values in searched.items() if values is not None},
        )

    def build(self) -> svm.SVR:
        """Return the unfitted regression."""
        return svm.SVR(C=self.hparams["c"], epsilon=self.hparams["epsilon"], gamma=self.hparams["gamma"])

    def fit_scaled(self, x: Values, y: Values) -> None:
        """Choose ``c`` and ``gamma`` if there is a choice, and fit, separately for each target."""
        cs, widths = (self.hparams.get(key) for key in ("cs", "widths"))
        if cs or widths:
            gammas = [width / self.hparams["n_features"] for width in widths or ()] or [self.hparams["gamma"]]
            choices = [{"C": c, "gamma": gamma} for c in cs or [self.hparams["c"]] for gamma in gammas]
            for machine, target in zip(self.regressors_, y.T, strict=True):
                errors = held_out_error(machine, choices, x, target, folds=SEARCH_FOLDS, seed=0)
                machine.set_params(**choices[int(np.argmin(errors))])
        super().fit_scaled(x, y)
