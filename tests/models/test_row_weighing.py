import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from remanence.models import extra_trees, gradient_boosting, lasso, linear, nu_svr, random_forest, ridge, svr
from remanence.models.dnn import DNN
from remanence.models.gaussian_process import GaussianProcess
from remanence.models.row_weighing import takes_weighed_batches, weighs_rows, weight_argument
from remanence.science.row_weights import row_weights

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(-1, 1, (60, 2))
TRUE = (3 * X[:, 0] + X[:, 1])[:, None]
OFF = np.arange(60) % 3 == 0
Y = TRUE + 8.0 * OFF[:, None]
WEIGHTS = np.where(OFF, 0.01, 1.49)[:, None]
WEIGHING = {
    "gaussian_process": lambda **given: GaussianProcess(restarts=0, **given),
    "linear": linear.Linear, "ridge": ridge.Ridge, "lasso": lasso.Lasso, "svr": svr.SVR,
    "random_forest": lambda **given: random_forest.RandomForest(n_estimators=20, min_samples_leaf=10, **given),
    "extra_trees": lambda **given: extra_trees.ExtraTrees(n_estimators=20, min_samples_leaf=10, **given),
    "nu_svr": lambda **given: nu_svr.NuSVR(kernels=["linear"], cs=[1.0], nus=[0.5], **given),
    "gradient_boosting": lambda **given: gradient_boosting.GradientBoosting(
        engine="sklearn", loss="mse", depths=[1], subsamples=[0.7], max_estimators=50, **given
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WEIGHING)
def test_rows_of_little_weight_change_a_baseline_little(name):
    alike, weighed = (WEIGHING[name](n_features=2) for _ in range(2))

    alike.fit(X, Y)
    weighed.fit(X, Y, WEIGHTS)

    errors = [np.abs(model.predict(X) - TRUE)[~OFF].mean() for model in (alike, weighed)]
    assert weighs_rows(weighed)
    assert errors[1] < 0.5 * errors[0]


def test_weights_are_those_of_one_fit_and_of_each_target():
    both = linear.Linear(n_features=2, n_targets=2)
    single = linear.Linear(n_features=2)
    y = np.concatenate([Y, Y], axis=1)

    both.fit(X, y, np.concatenate([WEIGHTS, np.ones_like(WEIGHTS)], axis=1))
    single.fit(X, Y, WEIGHTS)
    np.testing.assert_allclose(both.predict(X)[:, :1], single.predict(X))
    single.fit(X, Y)
    np.testing.assert_allclose(both.predict(X)[:, 1:], single.predict(X))


@pytest.mark.parametrize(
    ("regressor", "argument"),
    [
        (Ridge(), "sample_weight"),
        (make_pipeline(StandardScaler(), Ridge()), "ridge__sample_weight"),
        (TransformedTargetRegressor(make_pipeline(StandardScaler(), Ridge())), "ridge__sample_weight"),
        (make_pipeline(StandardScaler(), GaussianProcessRegressor()), None),
        (GaussianProcessRegressor(), None),
    ],
)
def test_the_argument_is_that_of_the_last_step(regressor, argument):
    assert weight_argument(regressor) == argument


@pytest.mark.parametrize("max_rows", [None, 40])
def test_a_process_has_more_noise_on_rows_of_little_weight(max_rows, tmp_path):
    """The weights of 1 / (m² + s²) become the variances s² beyond the smallest, in units of the target's."""
    process = GaussianProcess(n_features=2, restarts=0, max_rows=max_rows)
    uncertainty = np.linspace(0, 2, 60)[:, None] * Y.std()

    process.fit(X, Y, row_weights(uncertainty, Y, np.arange(60)))

    np.testing.assert_allclose(process.regressors_[0].alpha, (uncertainty[:, 0] / Y.std()) ** 2, atol=1e-9)
    process.write_fitted(tmp_path)
    again = GaussianProcess(n_features=2, restarts=0, max_rows=max_rows)
    again.read_fitted(tmp_path)
    np.testing.assert_allclose(again.predict(X), process.predict(X))
    process.fit(X, Y)
    assert process.regressors_[0].alpha == 1e-10


class Own(DNN):
    """A network with a step of its own."""

    def training_step(self, batch, batch_index):
        x, y = batch
        return self.row_loss(x, y).mean()


class Further(DNN):
    """A network that has the steps of another."""


def test_a_network_with_steps_of_its_own_gets_no_weights():
    assert takes_weighed_batches(DNN(n_features=2))
    assert takes_weighed_batches(Further(n_features=2))
    assert not takes_weighed_batches(Own(n_features=2))
