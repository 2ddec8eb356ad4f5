import json

import numpy as np
import pytest
import torch
from small_nested import (
    BLOCKS,
    FINER,
    LAST,
    LATENTS,
    MEMBERS,
    PARENTS,
    ROWS,
    SHAPES,
    layout_of,
    make_nested,
    rows,
    scales_of,
    stand,
)

from remanence.models.nested_ae import NestedAE


def encoded(model, shape, x, scale):
    """Return the latents of a scale, put together by hand from its block and its parents."""
    parents = [encoded(model, shape, x, parent) for parent in PARENTS[shape][scale]]
    own = x[:, BLOCKS[shape][LAST[shape]][scale]]
    return model.scales[scale].encode(own, torch.cat([x[:, :0], *parents], dim=1))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_scale_reads_its_own_columns_and_its_parents_latents_in_their_order(shape):
    model, (x, _) = make_nested(shape), rows(shape)

    for name in [*FINER[shape], LAST[shape]]:
        assert model.encode(x, name).shape == (ROWS, LATENTS[name])
        torch.testing.assert_close(model.encode(x, name), encoded(model, shape, x, name))
    torch.testing.assert_close(model(x), model.last.properties(encoded(model, shape, x, LAST[shape])))


@pytest.mark.parametrize("shape", SHAPES)
def test_latents_depend_on_the_columns_of_the_scale_and_of_those_below_it_only(shape):
    model, (x, _) = make_nested(shape), rows(shape)

    def below(name):
        return {name}.union(*(below(parent) for parent in PARENTS[shape][name]))

    for name in [*FINER[shape], LAST[shape]]:
        inputs = x.clone().requires_grad_()
        model.encode(inputs, name).sum().backward()
        used = sorted(column for scale in below(name) for column in BLOCKS[shape][LAST[shape]][scale])
        assert inputs.grad.abs().sum(dim=0).nonzero().ravel().tolist() == used


@pytest.mark.parametrize("shape", SHAPES)
def test_the_part_that_ends_in_a_scale_has_that_scale_and_those_below_it(shape):
    model = make_nested(shape, lr=0.3, weight_decay=0.2)

    for name, blocks in BLOCKS[shape].items():
        part = model.ending_in(name)
        assert list(part.scales) == list(blocks)
        assert part.finer == [finer for finer in blocks if finer != name]
        assert (part.ends_in, part.hparams["lr"], part.hparams["weight_decay"]) == (name, 0.3, 0.2)
        width = sum(map(len, blocks.values()))
        assert part(torch.zeros(7, width)).shape == (7, 1)
    assert model.ends_in == LAST[shape]


@pytest.mark.parametrize("shape", SHAPES)
def test_plain_hyperparameters_rebuild_the_network(shape):
    model, (x, y) = make_nested(shape, fine_tune_epochs=3), rows(shape)

    arguments = json.loads(json.dumps(dict(model.hparams)))
    again = NestedAE(**arguments).double()
    again.load_state_dict(model.state_dict())

    assert arguments == dict(model.hparams)
    torch.testing.assert_close(again(x), model(x))
    torch.testing.assert_close(again.row_loss(x, y), model.row_loss(x, y))


def test_the_scalers_of_the_last_scale_are_fitted_and_no_others():
    model, (x, y) = make_nested("diamond"), rows("diamond")
    before = {name: value.clone() for name, value in model.state_dict().items()}

    model.prepare(x.numpy(), y.numpy())

    own = x.numpy()[:, BLOCKS["diamond"]["cell"]["cell"]]
    np.testing.assert_allclose(model.last.input_scaler.mean, own.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(model.last.input_scaler.scale, own.std(axis=0), rtol=1e-5)
    np.testing.assert_allclose(model.last.target_scalers["y"].scale, y.numpy().std(axis=0), rtol=1e-5)
    changed = {name for name, value in model.state_dict().items() if not value.equal(before[name])}
    assert {name.split(".")[1] for name in changed} == {"cell"}


@pytest.mark.parametrize("shape", SHAPES)
def test_z_scores_of_the_parents_latents_are_those_of_each_members_training_rows(shape):
    network, _, training = stand(shape)
    x, _ = rows(shape)

    latents = network.parent_latents(x.expand(MEMBERS, *x.shape)).numpy()

    for member in range(MEMBERS):
        own = latents[member][training[member].bool().numpy()]
        np.testing.assert_allclose(network.last.parent_scaler.mean[member, 0], own.mean(axis=0))
        np.testing.assert_allclose(network.last.parent_scaler.scale[member, 0], own.std(axis=0))


def test_a_latent_that_never_changes_is_not_blown_up():
    network, finer, training = stand()
    last = [layer for layer in finer["middle"].encoder if list(layer.parameters())][-1]
    for weight in last.parameters():
        torch.nn.init.zeros_(weight)

    network.stand_on(finer, rows()[0], training)

    torch.testing.assert_close(network.last.parent_scaler.scale, torch.ones(MEMBERS, 1, 2).double())


@pytest.mark.parametrize("shape", SHAPES)
def test_frozen_scales_get_no_gradient_and_no_dropout_while_the_last_one_trains(shape):
    network, finer, _ = stand(shape, dropout=0.4)
    x, y = (values.expand(MEMBERS, *values.shape) for values in rows(shape))

    network.train()
    network.row_loss(x, y).sum().backward()

    assert network.last.training
    for name, scale in finer.items():
        assert network.scales[name] is scale
        assert not any(module.training for module in scale.modules())
        assert all(weight.grad is None and not weight.requires_grad for weight in scale.parameters())
    torch.testing.assert_close(network.parent_latents(x), network.parent_latents(x))
    assert not network.encode(x).isclose(network.encode(x)).all()  # its own dropout is on
    trained = {id(weight) for group in network.configure_optimizers().param_groups for weight in group["params"]}
    assert trained == {id(weight) for weight in network.last.parameters()}


@pytest.mark.parametrize("shape", SHAPES)
def test_tuning_trains_every_scale(shape):
    network, finer, _ = stand(shape, dropout=0.4, fine_tune_lr=1e-4)
    x, y = (values.expand(MEMBERS, *values.shape) for values in rows(shape))

    network.tune_all()
    network.train()
    network.row_loss(x, y).sum().backward()

    for scale in finer.values():
        assert scale.training
        assert all(weight.grad.any() for weight in [*scale.encoder.parameters(), *scale.decoder.parameters()])
        assert all(weight.grad is None for weight in scale.heads.parameters())  # properties of these rows are unknown
    (group,) = network.configure_optimizers().param_groups
    assert group["lr"] == 1e-4
    assert len(group["params"]) == len(list(network.parameters()))


def test_while_tuning_the_finer_scales_still_reconstruct_what_they_stand_for():
    model, (x, y) = make_nested("diamond"), rows("diamond")
    alone = model.row_loss(x, y)

    model.tune_all()

    missed = [
        model.scales[name].reconstruction_loss(x[:, BLOCKS["diamond"]["cell"][name]], model.parent_latents(x, name))
        for name in FINER["diamond"]
    ]
    torch.testing.assert_close(model.row_loss(x, y), alone + sum(missed))
    torch.testing.assert_close(model.eval().row_loss(x, y), model.last.loss(*last_rows(model, x), y))


def last_rows(model, x):
    return x[:, BLOCKS["diamond"]["cell"]["cell"]], model.parent_latents(x)


@pytest.mark.parametrize(("training", "lr"), [({}, 0.3), ({"lr": 0.7}, 0.7)])
@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_a_scale_may_have_a_learning_rate_of_its_own(optimizer, training, lr):
    model = make_nested(training=training, lr=0.3, optimizer=optimizer, weight_decay=0.2)

    chosen = model.configure_optimizers()

    assert type(chosen).__name__.lower() == optimizer
    assert (chosen.param_groups[0]["lr"], chosen.param_groups[0]["weight_decay"]) == (lr, 0.2)
    assert model.ending_in("fine").configure_optimizers().param_groups[0]["lr"] == 0.3


def test_predictions_are_in_double_precision_and_do_not_draw():
    model, (x, _) = make_nested(dropout=0.5).float(), rows()

    predicted = model.predict(x.numpy())

    assert predicted.dtype == np.float64
    np.testing.assert_array_equal(model.predict(x.numpy()), predicted)
    np.testing.assert_allclose(predicted, model.eval().double()(x).detach(), rtol=1e-4)


@pytest.mark.parametrize("missing", ["scales", "layout"])
def test_there_is_no_chain_without_scales_or_layout(missing):
    given = {"scales": scales_of("chain"), "layout": layout_of("chain")}

    with pytest.raises(TypeError, match=missing):
        NestedAE(**{name: value for name, value in given.items() if name != missing})
