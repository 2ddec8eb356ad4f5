"""Ridge regression, the linear baseline for correlated columns."""

from sklearn.linear_model import RidgeCV

from remanence.foundation.constraints import Positive, Positives
from remanence.models.estimator import Estimator


class Ridge(Estimator):
    """Least squares with a penalty that is chosen by leave-one-out on the training rows.

    Args:
        n_features: number of inputs.
        n_targets: number of outputs.
        alphas: penalties to choose from.
        clip: see ``Estimator``.
    """

    def __init__(
        self,
        *,
        n_features: int,
        n_targets: int = 1,
        alphas: Positives = (0.01, 0.1, 1.0, 10.0, 100.0),
        clip: Positive | None = None,
    ) -> None:
        super().__init__(n_features=n_features, n_targets=n_targets, alphas=list(alphas), clip=clip)

    def build(self) -> RidgeCV:
        """Return the unfitted regression."""
        return RidgeCV(alphas=self.hparams["alphas"])
