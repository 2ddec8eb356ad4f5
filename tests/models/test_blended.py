import json

import numpy as np
import pytest
import torch

from remanence.data.columns import Columns
from remanence.models.blended import Blended
from remanence.models.ensemble import CHUNK, Ensemble
from remanence.models.gaussian_head import GaussianHead
from remanence.models.single_autoencoder import SingleAutoencoder
from remanence.models.stacked import stack
from remanence.studies.table.logged_model import TableModel

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(0, 1, (30, 2))
Y = np.stack([np.sin(X[:, 0]), 40 + 10 * X[:, 1] + 3 * X[:, 0]], axis=1)
NEW = RANDOM.normal(0, 1, (9, 2))


def network(seed):
    torch.manual_seed(seed)
    parts = {"encoder": {"hidden": [4], "dropout": 0.3}, "decoder": {}, "regularizers": {}}
    model = SingleAutoencoder(n_features=2, n_targets=2, latent_dim=2, head={"kind": "regression"}, **parts)
    model.prepare(X, Y)
    return model


@pytest.fixture(scope="module")
def parts():
    networks = [network(seed) for seed in range(3)]
    ensemble = Ensemble.of(
        stack(networks),
        arguments=json.loads(json.dumps(dict(networks[0].hparams))),
        targets=[-1] * 3,
        n_targets=2,
        half_width=[1.0, np.nan],
        coverage=0.9,
    )
    return ensemble, [GaussianHead(n_features=2, n_rows=30).fit(X, column) for column in Y.T]


def blended(parts, weights):
    return Blended.of(*parts, weights, np.array([0.7, np.nan]))


def smooth(parts):
    with torch.no_grad():
        return np.stack([process(torch.as_tensor(NEW)).numpy() for process in parts[1]], axis=1)


@pytest.mark.parametrize("weights", [[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.35, 0.8]])
def test_each_target_has_its_share_of_the_process(parts, weights):
    predicted = blended(parts, weights).predict(NEW)

    expected = (1 - np.array(weights)) * parts[0].predict(NEW) + np.array(weights) * smooth(parts)
    np.testing.assert_allclose(predicted, expected, rtol=1e-6)
    assert predicted.dtype == np.float64


@pytest.mark.parametrize("weights", [[0.0, 0.5], [1.0, 0.25]])
def test_a_saved_blend_predicts_the_same_numbers_and_intervals(parts, weights, tmp_path):
    model = blended(parts, weights)
    TableModel(model, Columns(["a", "b"], ["y", "z"])).save(tmp_path / "model")

    again = TableModel.load(tmp_path / "model").model

    assert isinstance(again, Blended)
    assert again.hparams == model.hparams == json.loads(json.dumps(model.hparams))
    np.testing.assert_array_equal(again.predict(NEW), model.predict(NEW))
    np.testing.assert_array_equal(again.half_width(NEW[:3], NEW[:3]), [[0.7, np.nan]] * 3)


def test_gradients_run_through_networks_and_process(parts):
    model = blended(parts, [0.5, 0.5]).eval()
    rows = torch.as_tensor(NEW).clone().requires_grad_()

    model(rows)[:, 1].sum().backward()

    step = np.array([1e-3, 0.0])
    difference = (model.predict(NEW + step)[:, 1] - model.predict(NEW - step)[:, 1]) / 2e-3
    np.testing.assert_allclose(rows.grad[:, 0], difference, rtol=0.02, atol=0.05)


@pytest.mark.parametrize("rows", [0, 1, CHUNK + 3])
def test_any_number_of_rows_can_be_predicted(parts, rows):
    x = RANDOM.normal(0, 1, (rows, 2))
    model = blended(parts, [0.5, 0.5])

    predicted = model.predict(x)

    assert predicted.shape == (rows, 2)
    if rows:
        np.testing.assert_allclose(predicted[-1:], model.predict(x[-1:]), rtol=1e-5)
