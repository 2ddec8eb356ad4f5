import json

import numpy as np
import pytest
import torch

from remanence.models.single_autoencoder import SingleAutoencoder
from remanence.models.stacked import stack

RANDOM = np.random.default_rng(0)
X = RANDOM.normal([5, 0, -3], [10, 1, 0.1], (30, 3))
Y = np.stack([X[:, 0] - 2 * X[:, 1], 400 + 50 * X[:, 1] * X[:, 2]], axis=1)
ROWS, TARGETS = torch.as_tensor(X), torch.as_tensor(Y)


def make(seed=0, *, n_targets=2, encoder=(), head=(), decoder=(), regularizers=(), **arguments):
    """Return a small network in double precision that knows the rows."""
    torch.manual_seed(seed)
    model = SingleAutoencoder(
        n_features=3,
        n_targets=n_targets,
        encoder={"hidden": [6], **dict(encoder)},
        head={"kind": "regression", "columns": ["all"], **dict(head)},
        decoder={"hidden": [4], **dict(decoder)},
        regularizers=dict(regularizers),
        **{"latent_dim": 2, **arguments},
    ).double()
    model.scale.fit_scalers(ROWS, TARGETS[:, :n_targets])
    return model


@pytest.mark.parametrize("n_targets", [1, 2])
def test_all_targets_are_predicted_from_one_latent_space(n_targets):
    model = make(n_targets=n_targets)

    latents = model.scale.encode(ROWS, ROWS[:, :0])

    assert latents.shape == (30, 2)
    torch.testing.assert_close(model(ROWS), model.scale.properties(latents))
    assert model.predict(X).shape == (30, n_targets)


def test_the_loss_is_that_of_properties_and_reconstruction():
    model = make(head={"loss": "mse"}, decoder={"loss": "mse", "weight": 0.3})
    scaler = model.scale.input_scaler

    rows = model.train().row_loss(ROWS, TARGETS)

    missed = (model(ROWS).detach().numpy() - Y) / Y.std(axis=0)
    own = scaler(model.scale.decode(model.scale.encode(ROWS, ROWS[:, :0]))) - scaler(ROWS)
    expected = (missed**2).mean(axis=1) + 0.3 * own.square().mean(dim=1).detach().numpy()
    np.testing.assert_allclose(rows.detach(), expected)
    np.testing.assert_allclose(model.eval().row_loss(ROWS, TARGETS).detach(), (missed**2).mean(axis=1))


def test_a_stack_computes_what_each_member_computes():
    networks = [make(seed) for seed in range(3)]

    stacked = stack(networks)

    many, targets = ROWS.expand(3, *ROWS.shape), TARGETS.expand(3, *TARGETS.shape)
    for number, single in enumerate(networks):
        torch.testing.assert_close(stacked(many)[number], single(ROWS))
        torch.testing.assert_close(stacked.row_loss(many, targets)[number], single.row_loss(ROWS, TARGETS))


def test_scalers_are_fitted_to_the_rows_given():
    model = make()

    model.prepare(X[:10], Y[:10])

    np.testing.assert_allclose(model.scale.input_scaler.mean, X[:10].mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(model.scale.target_scalers["properties"].scale, Y[:10].std(axis=0), rtol=1e-5)


def test_plain_hyperparameters_rebuild_the_network():
    model = make(head={"output": "relu", "hidden": [3]}, regularizers={"l2": 0.1})

    again = SingleAutoencoder(**json.loads(json.dumps(dict(model.hparams)))).double()
    again.load_state_dict(model.state_dict())

    torch.testing.assert_close(again(ROWS), model(ROWS))
    torch.testing.assert_close(again.row_loss(ROWS, TARGETS), model.row_loss(ROWS, TARGETS))


@pytest.mark.parametrize(("optimizer", "kind"), [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)])
def test_the_optimizer_is_the_one_named(optimizer, kind):
    chosen = make(optimizer=optimizer, lr=0.07, weight_decay=0.3).configure_optimizers()

    assert type(chosen) is kind
    assert (chosen.defaults["lr"], chosen.defaults["weight_decay"]) == (0.07, 0.3)


@pytest.mark.parametrize("wrong", [{"encoder": {"width": 3}}, {"head": {"kernel": "rbf"}}, {"decoder": {"hiden": []}}])
def test_an_unknown_key_is_refused(wrong):
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        make(**wrong)
