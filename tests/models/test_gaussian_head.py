import warnings

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from remanence.models.gaussian_head import GaussianHead

RANDOM = np.random.default_rng(0)
X = RANDOM.normal([5, 0, -3, 7], [10, 1, 0.1, 1], (40, 4))
X[:, 3] = 7.0  # explains nothing
Y = 20 + 5 * np.sin(X[:, 1]) + 0.3 * X[:, 0] + RANDOM.normal(0, 0.3, 40)
NEW = RANDOM.normal([5, 0, -3, 7], [10, 1, 0.1, 1], (15, 4))
KERNEL = ConstantKernel(1.0, (1e-3, 1e3)) * Matern(np.ones(4), (1e-2, 1e3), nu=2.5) + WhiteKernel(1e-2, (1e-6, 1.0))


def scores(x):
    deviation = X.std(axis=0)
    return (x - X.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)


@pytest.fixture(scope="module")
def head():
    return GaussianHead(n_features=4, n_rows=40).fit(X, Y)


@pytest.fixture(scope="module")
def reference():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the length scale of what explains nothing
        return GaussianProcessRegressor(KERNEL, random_state=0).fit(scores(X), (Y - Y.mean()) / Y.std())


def test_the_prediction_is_that_of_scikit_learn(head, reference):
    with torch.no_grad():
        for x in (X, NEW):
            expected = reference.predict(scores(x)) * Y.std() + Y.mean()
            np.testing.assert_allclose(head(torch.as_tensor(x)), expected, rtol=1e-6)
            np.testing.assert_allclose(head(torch.as_tensor(x).float()), expected, rtol=1e-4)


def test_rows_left_out_are_predicted_as_by_a_process_that_never_saw_them(head, reference):
    fixed = reference.kernel_.clone_with_theta(reference.kernel_.theta)
    target = (Y - Y.mean()) / Y.std()

    expected = []
    for row in range(40):
        others = np.delete(np.arange(40), row)
        process = GaussianProcessRegressor(fixed, optimizer=None).fit(scores(X)[others], target[others])
        expected.append(process.predict(scores(X)[[row]])[0])

    np.testing.assert_allclose(head.left_out_, np.array(expected) * Y.std() + Y.mean(), rtol=1e-6)
    assert np.abs(head.left_out_ - Y).mean() < 0.5 * np.abs(Y - Y.mean()).mean()


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


def test_a_fit_is_repeatable_and_leaves_the_number_of_threads(head):
    torch.manual_seed(99)
    before = torch.get_num_threads()

    again = GaussianHead(n_features=4, n_rows=40).fit(X, Y)

    assert torch.get_num_threads() == before
    assert all(value.equal(head.state_dict()[name]) for name, value in again.state_dict().items())


def test_it_holds_as_many_rows_as_it_was_made_for():
    with pytest.raises(RuntimeError, match="must match"):
        GaussianHead(n_features=4, n_rows=39).fit(X, Y)
