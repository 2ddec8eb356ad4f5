"""Support vector regression with a Gaussian kernel."""

from typing import Literal

from sklearn import svm
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from remanence.foundation.constraints import NonNegative, Positive
from remanence.models.estimator import Estimator


class SVR(Estimator):
    """Support vector regression between z-scores with an epsilon-insensitive loss.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        c: weight of the errors against the smoothness.
        epsilon: share of the target's standard deviation below which errors cost nothing.
        gamma: inverse squared width of the kernel, or ``scale`` or ``auto``.
    """

    def __init__(
        self,
        *,
        n_features: int,
        n_targets: int = 1,
        c: Positive = 10.0,
        epsilon: NonNegative = 0.1,
        gamma: Positive | Literal["scale", "auto"] = "scale",
    ) -> None:
        super().__init__(n_features=n_features, n_targets=n_targets, c=c, epsilon=epsilon, gamma=gamma)

    def build(self) -> TransformedTargetRegressor:
        """Return the unfitted regression."""
        machine = svm.SVR(C=self.hparams["c"], epsilon=self.hparams["epsilon"], gamma=self.hparams["gamma"])
        return TransformedTargetRegressor(make_pipeline(StandardScaler(), machine), transformer=StandardScaler())
