import numpy as np
import pytest
import torch
from omegaconf import OmegaConf
from torch import nn

from remanence.models.activation import ACTIVATIONS
from remanence.models.dnn import DNN, LOSSES

pytestmark = pytest.mark.filterwarnings("ignore:You are trying to `self.log")  # no trainer here

OPTIMIZERS = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "sgd": torch.optim.SGD,
    "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop,
}
RANDOM = np.random.default_rng(0)
X = RANDOM.uniform([0.02, 16], [0.25, 50], (40, 2))  # composition and LPHslope
Y = np.stack([118 + 2 * X[:, 1] - 60 * X[:, 0], 420 + 24 * X[:, 1] + 450 * X[:, 0]], axis=1)


def network(seed=0, **arguments):
    torch.manual_seed(seed)
    return DNN(n_features=2, n_targets=2, **arguments)


def trained(x=X, y=Y, steps=1, **arguments):
    """Return a network after ``steps`` full-batch steps, and its loss before each step and at the end."""
    model = network(**arguments)
    model.prepare(x, y)
    batch = tuple(torch.as_tensor(values, dtype=torch.float32) for values in (x, y))
    optimizer = model.configure_optimizers()
    losses = []
    for _ in range(steps):
        loss = model.training_step(batch, 0)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model, [*losses, model.training_step(batch, 0).item()]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_one_step_lowers_the_loss(activation, loss, optimizer):
    model, (before, after) = trained(activation=activation, loss=loss, optimizer=optimizer, lr=0.001, hidden=[16, 16])

    assert after < before
    assert isinstance(model.network[1], ACTIVATIONS[activation])
    assert isinstance(model.criterion, LOSSES[loss])
    assert type(model.configure_optimizers()) is OPTIMIZERS[optimizer]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_optimizer_gets_its_settings(optimizer):
    model = network(optimizer=optimizer, lr=0.02, weight_decay=0.003, momentum=0.7)

    settings = model.configure_optimizers().defaults

    assert settings["lr"] == 0.02
    assert settings["weight_decay"] == 0.003
    if optimizer in ("sgd", "rmsprop"):
        assert settings["momentum"] == 0.7


def test_an_unknown_optimizer_is_refused():
    with pytest.raises(ValueError, match="`optimizer` to be a known optimizer, but got 'adm'"):
        network(optimizer="adm").configure_optimizers()


@pytest.mark.parametrize("hidden", [[8], [8, 4], (32, 16, 8), [2] * 6])
def test_every_hidden_layer_has_its_width(hidden):
    model = network(hidden=hidden)

    linear = [layer for layer in model.network if isinstance(layer, nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in linear] == [
        *zip([2, *hidden], [*hidden, 2], strict=True)
    ]
    assert sum(isinstance(layer, nn.Tanh) for layer in model.network) == len(hidden)
    assert model.predict(X).shape == (40, 2)


@pytest.mark.parametrize("scale", [1000.0, 1e-3])
@pytest.mark.parametrize("shift", [0.0, 5.0])
def test_predictions_do_not_depend_on_the_unit_of_a_feature(scale, shift):
    expected = trained(steps=20)[0].predict(X)

    rescaled = X * [scale, 1] + [shift * scale, 0]
    np.testing.assert_allclose(trained(rescaled, steps=20)[0].predict(rescaled), expected, rtol=1e-4)


@pytest.mark.parametrize("scale", [1000.0, 1e-3])
def test_predictions_follow_the_unit_of_the_target(scale):
    expected = trained(steps=20)[0].predict(X)

    np.testing.assert_allclose(trained(y=Y * scale, steps=20)[0].predict(X), expected * scale, rtol=1e-4)


def test_training_learns_both_targets_in_physical_units():
    model, losses = trained(steps=300, lr=0.01)

    assert losses[-1] < 0.01
    error = np.abs(model.predict(X) - Y).mean(axis=0)
    assert (error < 0.1 * Y.std(axis=0)).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_the_loss_is_taken_on_z_scores(loss):
    model = network(loss=loss)
    model.prepare(X, Y)
    batch = tuple(torch.as_tensor(values, dtype=torch.float32) for values in (X, Y))

    z_true = (Y - Y.mean(axis=0)) / Y.std(axis=0)
    z_predicted = (model.predict(X) - Y.mean(axis=0)) / Y.std(axis=0)
    expected = LOSSES[loss]()(torch.as_tensor(z_predicted), torch.as_tensor(z_true)).item()
    assert model.training_step(batch, 0).item() == pytest.approx(expected, rel=1e-4)


def test_validation_logs_the_squared_error_of_the_first_target_in_its_unit(monkeypatch):
    model, logged = network(), {}
    model.prepare(X, Y)
    monkeypatch.setattr(model, "log", lambda name, value, **_: logged.update({name: value.item()}))

    model.validation_step(tuple(torch.as_tensor(values, dtype=torch.float32) for values in (X, Y)), 0)

    assert logged["val/mse"] == pytest.approx(((model.predict(X) - Y)[:, 0] ** 2).mean(), rel=1e-4)
    assert logged.keys() == {"val/mse", "val/loss"}


def test_a_prediction_is_a_plain_array_that_needs_no_gradient():
    predicted = network().predict(X[:1])

    assert isinstance(predicted, np.ndarray)
    assert predicted.dtype == np.float64
    assert predicted.shape == (1, 2)


@pytest.mark.parametrize("hidden", [(8, 4), OmegaConf.create([8, 4])], ids=["tuple", "configuration"])
def test_arguments_and_weights_load_without_pickled_code(tmp_path, hidden):
    model, _ = trained(hidden=hidden)
    torch.save({"hparams": dict(model.hparams), "weights": model.state_dict()}, tmp_path / "model.pt")

    saved = torch.load(tmp_path / "model.pt", weights_only=True)
    rebuilt = DNN(**saved["hparams"])
    rebuilt.load_state_dict(saved["weights"])

    np.testing.assert_array_equal(rebuilt.predict(X), model.predict(X))
