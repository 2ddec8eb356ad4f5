import numpy as np
import pytest
import torch
from small_scale import (
    GROUP,
    LATENTS,
    OWN_ROWS,
    PARENT_ROWS,
    TARGETS,
    X,
    Z,
    loss,
    make_scale,
    run,
    standardised,
    terms,
)
from torch.distributions import Normal, kl_divergence

from remanence.models.scale_options import Classification

TERMS = ["property", "shares", "own", "parents", "l1", "l2", "correlation"]
ALL = {term: 0.3 + 0.2 * number for number, term in enumerate(TERMS)}


def weighed(weights, *, loss="mae", activation="tanh", output="linear"):
    """Return a scale whose terms have the given weights, 0 where there is none."""
    w = dict.fromkeys(TERMS, 0.0) | weights
    return make_scale(
        encoder={"activation": activation},
        head={"weight": w["property"], "loss": loss, "output": output},
        site={"weight": w["shares"], "hidden": [3], "activation": activation},
        decoder={"weight": w["own"], "parents_weight": w["parents"], "loss": loss, "activation": activation},
        regularizers={term: w[term] for term in ("l1", "l2", "correlation")},
    )


@pytest.mark.parametrize("kind", ["mae", "mse", "huber"])
@pytest.mark.parametrize("weights", [*({term: 1.7} for term in TERMS), ALL], ids=[*TERMS, "all"])
def test_every_term_is_what_numpy_makes_of_it(weights, kind):
    scale = weighed(weights, loss=kind)

    rows = loss(scale).detach().numpy()

    plain = terms(scale)
    np.testing.assert_allclose(rows, sum(weight * plain[term] for term, weight in weights.items()) + np.zeros(len(X)))


@pytest.mark.parametrize("activation", ["tanh", "relu", "silu", "gelu", "sigmoid"])
@pytest.mark.parametrize("output", ["linear", "relu", "tanh"])
def test_activations_and_outputs_are_those_named(activation, output):
    scale = weighed(ALL, activation=activation, output=output)

    rows = loss(scale).detach().numpy()

    np.testing.assert_allclose(rows, sum(ALL[term] * value for term, value in terms(scale).items()))


def test_validation_counts_the_properties_alone():
    scale = weighed(ALL)

    np.testing.assert_allclose(loss(scale.eval()).detach(), ALL["property"] * terms(scale)["property"])


def test_a_scale_without_regression_is_validated_by_all_it_learns():
    head = Classification(kind="classification", columns=["A", "B", "X"])
    scale = make_scale(heads={"site": head}, columns={"site": [2, 3, 4]})

    torch.testing.assert_close(loss(scale.eval()), loss(scale.train()))


def test_the_reconstruction_is_what_the_decoder_misses():
    scale = weighed({"own": 0.7, "parents": 1.1})

    missed = scale.reconstruction_loss(OWN_ROWS, PARENT_ROWS)

    torch.testing.assert_close(missed, loss(scale))


def test_a_row_with_an_unknown_property_can_be_reconstructed():
    missed = make_scale().reconstruction_loss(OWN_ROWS, PARENT_ROWS)

    assert missed.shape == (len(X),)
    assert (missed > 0).all()


def test_the_divergence_is_that_of_the_normal_distributions():
    silent = {"head": {"weight": 0.0}, "site": {"weight": 0.0}, "decoder": {"weight": 0.0, "parents_weight": 0.0}}
    scale = make_scale(encoder={"variational": True}, regularizers={"kl": 0.3}, **silent)

    rows = loss(scale.train(), seed=0)

    encoded = torch.as_tensor(run(scale.encoder, np.concatenate([standardised(X), standardised(Z)], axis=1)))
    mean, log_variance = encoded[:, :LATENTS], encoded[:, LATENTS:]
    divergence = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), Normal(0.0, 1.0)).sum(dim=1)
    torch.testing.assert_close(rows, 0.3 * divergence)


def test_the_divergence_of_a_scale_that_draws_nothing_weighs_nothing():
    torch.testing.assert_close(loss(make_scale(regularizers={"kl": 5.0})), loss(make_scale()))


@pytest.mark.parametrize("rows", [2, 4])
def test_a_step_of_too_few_rows_has_no_correlation(rows):
    scale, without = (make_scale(regularizers={"correlation": weight}) for weight in (1.0, 0.0))
    step = OWN_ROWS[:rows], PARENT_ROWS[:rows], TARGETS[:rows]

    torch.testing.assert_close(scale.loss(*step), without.loss(*step))


def test_encoder_weights_alone_are_penalised_and_no_bias():
    scale = weighed({"l1": 1.0, "l2": 1.0})

    loss(scale).sum().backward()

    penalised = {name for name, value in scale.named_parameters() if value.grad is not None and value.grad.any()}
    assert penalised == {"encoder.0.weight", "encoder.2.weight"}


def test_the_categories_are_compared_as_categories_and_not_as_numbers():
    scale = weighed({"own": 1.0})
    changed = OWN_ROWS.clone()
    changed[:, GROUP] = changed[:, GROUP].roll(1, dims=1)
    with torch.no_grad():
        for weight in scale.decoder[-1].parameters():
            weight.zero_()
        scale.decoder[-1].bias[GROUP[0]] = 50.0  # certain of the first category

    missed = scale.reconstruction_loss(OWN_ROWS, PARENT_ROWS) - scale.reconstruction_loss(changed, PARENT_ROWS)

    certain, now_certain = OWN_ROWS[:, GROUP[0]], changed[:, GROUP[0]]
    torch.testing.assert_close(missed, 50.0 * (now_certain - certain))
