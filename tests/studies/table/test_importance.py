from dataclasses import dataclass

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients
from small_training import open_data

from remanence.models.dnn import DNN
from remanence.studies.table.importance import integrated_gradients, permutation_importance
from remanence.training.fitted import Fitted, FoldResult

INPUTS = ["x", "lph_slope", "dopant"]


@pytest.fixture(scope="module")
def data():
    return open_data(features=INPUTS, replicates=4)


@dataclass
class Weighted:
    """Predicts each target as a weighted sum of the inputs."""

    weights: np.ndarray

    def predict(self, x):
        return x @ self.weights


def fitted(model, data, *parts):
    folds = []
    for rows in parts:
        predicted = model.predict(data.x[rows])
        folds.append(FoldResult(model, {"test": (rows, predicted)}, np.full(predicted.shape, np.nan)))
    return Fitted(model=model, folds=folds)


def exact(data, informative):
    """A model that predicts the targets of ``data`` from one input, and these targets."""
    weights = np.zeros((3, 2))
    weights[informative] = [2.0, 30.0]
    model = Weighted(weights)
    return model, model.predict(data.x)


@pytest.mark.parametrize("informative", [0, 1, 2])
def test_permutation_finds_the_only_informative_input(data, informative, monkeypatch):
    model, y = exact(data, informative)
    monkeypatch.setattr(data, "y", y)

    table = permutation_importance(fitted(model, data, np.arange(60)), data)

    assert len(table) == 6
    for _, row in table.iterrows():
        if row["input"] == INPUTS[informative]:
            assert row["mean"] > 0
        else:
            assert row["mean"] == row["sd"] == 0


def test_the_growth_of_the_error_is_in_the_unit_of_the_target(data, monkeypatch):
    model, y = exact(data, 1)
    monkeypatch.setattr(data, "y", y)

    table = permutation_importance(fitted(model, data, np.arange(len(y))), data, repeats=400)

    own = table[table["input"] == "lph_slope"].set_index("target")["mean"]
    for column, target in enumerate(data.targets):
        apart = np.abs(y[:, column, None] - y[None, :, column]).mean()  # a random partner's distance
        assert own[target] == pytest.approx(apart, rel=0.05)


def test_a_seed_gives_the_same_table_and_folds_of_one_row_none(data):
    model, _ = exact(data, 0)
    results = fitted(model, data, np.arange(20), np.arange(20, 50))

    assert permutation_importance(results, data).equals(permutation_importance(results, data))
    assert not permutation_importance(results, data).equals(permutation_importance(results, data, seed=1))
    assert permutation_importance(fitted(model, data, np.array([3])), data).empty


def linear_network(data, weights):
    """A network whose only layers pass the z-scores through a weighted sum."""
    network = DNN(n_features=3, n_targets=2, hidden=[3], activation="relu")
    network.prepare(data.x, data.y)
    with torch.no_grad():
        first, _, last = network.network
        first.weight.copy_(torch.eye(3))
        first.bias.fill_(100.0)  # relu is linear up there
        last.weight.copy_(torch.as_tensor(weights, dtype=torch.float32))
        last.bias.copy_(-100.0 * last.weight.sum(dim=1))
    return network


@pytest.mark.parametrize("informative", [0, 1, 2])
def test_integrated_gradients_find_the_only_informative_input(data, informative):
    weights = np.zeros((2, 3))
    weights[:, informative] = [1.0, -0.5]

    table = integrated_gradients(linear_network(data, weights), data).set_index(["input", "target"])["mean"]

    for column, target in enumerate(data.targets):
        z = (data.x[:, informative] - data.x[:, informative].mean()) / data.x[:, informative].std()
        expected = np.abs(weights[column, informative] * z).mean() * data.y[:, column].std()
        assert table[INPUTS[informative], target] == pytest.approx(expected, rel=1e-3)
        others = [table[name, target] for name in INPUTS if name != INPUTS[informative]]
        assert others == pytest.approx([0, 0], abs=1e-6)


def test_attributions_add_up_to_the_difference_from_the_mean_row(data):
    torch.manual_seed(0)
    network = DNN(n_features=3, n_targets=2, hidden=[8])
    network.prepare(data.x, data.y)

    table = integrated_gradients(network, data)

    difference = np.abs(network.predict(data.x) - network.predict(data.x.mean(axis=0, keepdims=True))).mean(axis=0)
    assert (table.groupby("target", sort=False)["mean"].sum().to_numpy() >= 0.99 * difference).all()


@pytest.mark.parametrize("rows", [4, 512])
def test_integrated_gradients_are_those_of_captum(data, rows, monkeypatch):
    monkeypatch.setattr("remanence.studies.table.importance.CHUNK", rows)
    torch.manual_seed(0)
    network = DNN(n_features=3, n_targets=2, hidden=[8])
    network.prepare(data.x, data.y)
    x = torch.as_tensor(data.x, dtype=torch.float32)

    table = integrated_gradients(network, data, steps=5).set_index(["target", "input"])

    for column, target in enumerate(data.targets):
        method = IntegratedGradients(network)
        expected = method.attribute(x, x.mean(dim=0, keepdim=True), target=column, n_steps=5).detach().abs()
        np.testing.assert_allclose(table.loc[target, "mean"], expected.mean(dim=0), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(table.loc[target, "sd"], expected.std(dim=0, correction=0), rtol=1e-5, atol=1e-6)
