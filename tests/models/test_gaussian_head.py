import warnings

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from remanence.models import gaussian_head
from remanence.models.gaussian_head import GaussianHead

RANDOM = np.random.default_rng(0)
X = RANDOM.normal([5, 0, -3, 7], [10, 1, 0.1, 1], (40, 4))
X[:, 3] = 7.0  # explains nothing
Y = 20 + 5 * np.sin(X[:, 1]) + 0.3 * X[:, 0] + RANDOM.normal(0, 0.3, 40)
NEW = RANDOM.normal([5, 0, -3, 7], [10, 1, 0.1, 1], (15, 4))
KERNEL = ConstantKernel(1.0, (1e-5, 1e5)) * Matern(np.ones(4), (1e-2, 1e3), nu=2.5) + WhiteKernel(1e-2, (1e-6, 1.0))
TARGET = (Y - Y.mean()) / Y.std()


def scores(x):
    deviation = X.std(axis=0)
    return (x - X.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)


@pytest.fixture(scope="module", params=[40, 25], ids=["likelihood of all rows", "of some"])
def head(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gaussian_head, "LIKELIHOOD_ROWS", request.param)
        return GaussianHead(n_features=4, n_rows=40).fit(X, Y)


def kernel_of(head):
    """Return scikit-learn's kernel with the hyperparameters of the head."""
    smooth = ConstantKernel(head.amplitude.item()) * Matern(head.length_scale.numpy(), nu=2.5)
    dual = head.dual.numpy()
    noise = (TARGET - smooth(scores(X)) @ dual) @ dual / (dual @ dual)  # as (smooth + noise) @ dual = target
    return smooth + WhiteKernel(noise)


def likelihood(kernel):
    return GaussianProcessRegressor(kernel, optimizer=None).fit(scores(X), TARGET).log_marginal_likelihood_value_


def test_the_prediction_is_that_of_scikit_learn_with_the_same_kernel(head):
    process = GaussianProcessRegressor(kernel_of(head), optimizer=None).fit(scores(X), TARGET)

    with torch.no_grad():
        for x in (X, NEW):
            expected = process.predict(scores(x)) * Y.std() + Y.mean()
            np.testing.assert_allclose(head(torch.as_tensor(x)), expected, rtol=1e-6)
            np.testing.assert_allclose(head(torch.as_tensor(x).float()), expected, rtol=1e-4)


def test_the_hyperparameters_are_as_likely_as_those_of_scikit_learn():
    head = GaussianHead(n_features=4, n_rows=40).fit(X, Y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the length scale of what explains nothing
        reference = GaussianProcessRegressor(KERNEL, random_state=0).fit(scores(X), TARGET)

    assert likelihood(kernel_of(head)) == pytest.approx(reference.log_marginal_likelihood_value_, abs=1e-3)
    with torch.no_grad():
        predicted = head(torch.as_tensor(NEW))
    np.testing.assert_allclose(predicted, reference.predict(scores(NEW)) * Y.std() + Y.mean(), atol=1e-2 * Y.std())


def test_rows_left_out_are_predicted_as_by_a_process_that_never_saw_them(head):
    fixed, expected = kernel_of(head), []
    for row in range(40):
        others = np.delete(np.arange(40), row)
        process = GaussianProcessRegressor(fixed, optimizer=None).fit(scores(X)[others], TARGET[others])
        expected.append(process.predict(scores(X)[[row]])[0])

    np.testing.assert_allclose(head.left_out_, np.array(expected) * Y.std() + Y.mean(), rtol=1e-6)
    assert np.abs(head.left_out_ - Y).mean() < 0.5 * np.abs(Y - Y.mean()).mean()


def test_units_are_left_out_as_a_whole():
    units = np.arange(40) // 3  # the last has a single row
    head = GaussianHead(n_features=4, n_rows=40).fit(X, Y, units)

    fixed, expected = kernel_of(head), np.empty(40)
    for unit in np.unique(units):
        process = GaussianProcessRegressor(fixed, optimizer=None).fit(scores(X)[units != unit], TARGET[units != unit])
        expected[units == unit] = process.predict(scores(X)[units == unit])

    np.testing.assert_allclose(head.left_out_, expected * Y.std() + Y.mean(), rtol=1e-6)


@pytest.mark.parametrize("x", [X[:8], NEW], ids=["rows it was fitted to", "others"])
def test_gradients_are_those_of_finite_differences(head, x):
    rows = torch.as_tensor(x).clone().requires_grad_()
    step = 1e-5 * np.maximum(X.std(axis=0), 1e-2)

    head(rows).sum().backward()

    assert rows.grad.isfinite().all()
    for column in range(4):
        moved = np.zeros(4)
        moved[column] = step[column]
        with torch.no_grad():
            above, below = head(torch.as_tensor(x + moved)), head(torch.as_tensor(x - moved))
        difference = (above - below).numpy() / (2 * step[column])
        np.testing.assert_allclose(rows.grad[:, column], difference, rtol=1e-3, atol=1e-4)


def test_a_saved_head_is_numbers_only(head, tmp_path):
    save_file({name: value.contiguous() for name, value in head.state_dict().items()}, tmp_path / "head.safetensors")

    again = GaussianHead(**head.hparams)
    again.load_state_dict(load_file(tmp_path / "head.safetensors"))

    with torch.no_grad():
        assert again(torch.as_tensor(NEW)).equal(head(torch.as_tensor(NEW)))
    assert again.left_out_.size == 0


def test_a_fit_is_repeatable_and_leaves_the_number_of_threads():
    head = GaussianHead(n_features=4, n_rows=40).fit(X, Y)
    torch.manual_seed(99)
    np.random.seed(99)
    before = torch.get_num_threads()

    again = GaussianHead(n_features=4, n_rows=40).fit(X, Y)

    assert torch.get_num_threads() == before
    assert all(value.equal(head.state_dict()[name]) for name, value in again.state_dict().items())


def test_it_holds_as_many_rows_as_it_was_made_for():
    with pytest.raises(RuntimeError, match="must match"):
        GaussianHead(n_features=4, n_rows=39).fit(X, Y)
