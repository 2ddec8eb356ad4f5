import numpy as np
import pytest
import torch
from scipy import special
from small_scale import (
    GROUP,
    LATENTS,
    NUMERIC,
    OWN,
    OWN_ROWS,
    PARENT_ROWS,
    ROWS,
    TARGETS,
    X,
    Y,
    Z,
    loss,
    make_scale,
    run,
    standardised,
)

from remanence.models.scale_options import Regression
from remanence.models.stacked import stack

NO_PARENTS = OWN_ROWS[:, :0]


@pytest.mark.parametrize("variational", [False, True])
@pytest.mark.parametrize("members", [None, 1, 3])
def test_leading_axes_are_kept(members, variational):
    encoder = {"variational": variational}
    leading = () if members is None else (members,)
    scale = make_scale(encoder=encoder)
    if members is not None:
        scale = stack([make_scale(seed, encoder=encoder) for seed in range(members)])
    own, parents, y = (rows.expand(*leading, *rows.shape) for rows in (OWN_ROWS, PARENT_ROWS, TARGETS))

    latents = scale.encode(own, parents)

    assert latents.shape == (*leading, ROWS, LATENTS)
    assert scale.decode(latents).shape == (*leading, ROWS, OWN)
    assert scale.properties(latents).shape == (*leading, ROWS, 2)
    assert scale.loss(own, parents, y).shape == (*leading, ROWS)
    assert scale.reconstruction_loss(own, parents).shape == (*leading, ROWS)


def test_latents_are_those_of_z_scores_of_own_inputs_and_parents():
    scale = make_scale(encoder={"activation": "silu", "output": "linear"})

    latents = scale.encode(OWN_ROWS, PARENT_ROWS).detach().numpy()

    np.testing.assert_allclose(latents, run(scale.encoder, np.concatenate([standardised(X), standardised(Z)], axis=1)))


def test_a_root_takes_its_own_inputs_only():
    scale = make_scale(n_parents=0)

    latents = scale.encode(OWN_ROWS, NO_PARENTS).detach().numpy()

    np.testing.assert_allclose(latents, run(scale.encoder, standardised(X)))
    assert scale.decoder[-1].out_features == OWN


def test_numbers_are_decoded_in_physical_units_and_categories_as_probabilities():
    scale = make_scale()
    latents = torch.randn(7, LATENTS, dtype=torch.float64)

    own = scale.decode(latents).detach().numpy()

    decoded = run(scale.decoder, latents.numpy())
    physical = decoded[:, :OWN] * X.std(axis=0) + X.mean(axis=0)
    np.testing.assert_allclose(own[:, NUMERIC], physical[:, NUMERIC])
    np.testing.assert_allclose(own[:, GROUP], special.softmax(decoded[:, GROUP], axis=1))
    np.testing.assert_allclose(own[:, GROUP].sum(axis=1), 1)


def test_properties_come_in_the_order_of_the_heads_in_physical_units():
    heads = {name: Regression(kind="regression", columns=["y"]) for name in ("energy", "gap")}
    scale = make_scale(heads=heads, columns={"energy": [1], "gap": [0]})
    latents = scale.encode(OWN_ROWS, PARENT_ROWS)

    properties = scale.properties(latents).detach().numpy()

    for place, (name, column) in enumerate([("energy", 1), ("gap", 0)]):
        score = run(scale.heads[name], latents.detach().numpy())[:, 0]
        np.testing.assert_allclose(properties[:, place], score * Y[:, column].std() + Y[:, column].mean())


@pytest.mark.parametrize("push", [-100.0, 100.0])
def test_a_relu_head_is_never_negative_in_the_unit_of_the_property(push):
    scale, free = make_scale(head={"output": "relu"}), make_scale()
    for each in (scale, free):
        torch.nn.init.constant_(each.heads["gap"][-1].bias, push)
    latents = scale.encode(OWN_ROWS, PARENT_ROWS)

    properties, expected = scale.properties(latents), free.properties(latents)

    assert (expected < 0).all() == (push < 0)
    torch.testing.assert_close(properties, expected.clamp(min=0))


@pytest.mark.parametrize("where", ["encoder", "head"])
@pytest.mark.parametrize("size", [1.0, 1e6])
def test_arctanh_outputs_and_their_gradients_are_finite(where, size):
    scale = make_scale(**{where: {"output": "arctanh"}})
    own = (size * OWN_ROWS).requires_grad_()

    scale.loss(own, PARENT_ROWS, TARGETS).sum().backward()

    assert scale.properties(scale.encode(own, PARENT_ROWS)).isfinite().all()
    assert own.grad.isfinite().all()
    assert all(weight.grad.isfinite().all() for weight in scale.parameters())


def test_a_variational_scale_gives_its_mean_when_it_evaluates_and_draws_when_it_trains(monkeypatch):
    silent = {"site": {"weight": 0.0}, "decoder": {"weight": 0.0, "parents_weight": 0.0}}
    scale = make_scale(encoder={"variational": True, "output": "tanh"}, **silent)
    encoded = run(scale.encoder, np.concatenate([standardised(X), standardised(Z)], axis=1))
    mean, deviation = encoded[:, :LATENTS], np.exp(0.5 * encoded[:, LATENTS:])  # no activation of the latents

    np.testing.assert_allclose(scale.train().encode(OWN_ROWS, PARENT_ROWS).detach(), mean)
    assert not loss(scale, seed=0).isclose(loss(scale, seed=1)).any()
    torch.testing.assert_close(loss(scale, seed=0), loss(scale, seed=0))
    monkeypatch.setattr(torch, "randn_like", torch.ones_like)
    for trains, z in ((True, mean + deviation), (False, mean)):
        missed = np.abs(run(scale.heads["gap"], z) - standardised(Y[:, :2])).mean(axis=1)
        np.testing.assert_allclose(loss(scale.train(trains)).detach(), missed)


def test_a_variance_stays_within_single_precision():
    scale = make_scale(encoder={"variational": True}, regularizers={"kl": 1.0}).float()
    torch.nn.init.constant_(scale.encoder[-1].bias, 1e4)

    rows = scale.loss(OWN_ROWS.float(), PARENT_ROWS.float(), TARGETS.float())

    assert rows.isfinite().all()


def test_dropout_is_of_training_only():
    scale = make_scale(encoder={"dropout": 0.5}, head={"dropout": 0.5})

    assert not loss(scale.train(), seed=0).isclose(loss(scale, seed=1)).all()
    torch.testing.assert_close(loss(scale.eval(), seed=0), loss(scale, seed=1))
