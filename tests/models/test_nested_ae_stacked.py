import pytest
import torch
from small_nested import MEMBERS, SHAPES, make_nested, make_stack, rows, stand

from remanence.models.stacked import select, stack


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("members", [1, 4])
def test_a_stack_computes_what_each_member_computes(shape, members):
    networks, stacked = make_stack(shape, seeds=range(members))
    x, y = rows(shape)
    many, targets = x.expand(members, *x.shape), y.expand(members, *y.shape)

    for number, single in enumerate(networks):
        torch.testing.assert_close(stacked(many)[number], single(x))
        torch.testing.assert_close(stacked.encode(many)[number], single.encode(x))
        for trains in (True, False):
            losses = stacked.train(trains).row_loss(many, targets)[number]
            torch.testing.assert_close(losses, single.train(trains).row_loss(x, y))


@pytest.mark.parametrize("tuned", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_step_of_a_stack_is_the_step_of_each_member(shape, tuned):
    networks, stacked = make_stack(shape, lr=0.01, fine_tune_lr=0.01)
    x, y = rows(shape)

    for model in (stacked, *networks):
        if tuned:
            model.tune_all()
        leading = (MEMBERS,) if model is stacked else ()
        stepper = model.configure_optimizers()
        model.train().row_loss(x.expand(*leading, *x.shape), y.expand(*leading, *y.shape)).mean(dim=-1).sum().backward()
        stepper.step()

    expected = dict(stack(networks).named_parameters())
    for name, weight in stacked.named_parameters():
        torch.testing.assert_close(weight, expected[name], rtol=1e-5, atol=1e-5, msg=name)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_member_stands_on_the_finer_member_of_its_number(shape):
    network, _, _ = stand(shape)
    x, y = rows(shape)
    many, targets = x.expand(MEMBERS, *x.shape), y.expand(MEMBERS, *y.shape)

    for number in range(MEMBERS):
        one = select(network, [number])
        torch.testing.assert_close(one(x[None])[0], network(many)[number])
        torch.testing.assert_close(one.row_loss(x[None], y[None])[0], network.row_loss(many, targets)[number])


def test_a_stack_takes_the_weights_of_another():
    network, _, _ = stand("diamond", fine_tune_lr=0.01)
    _, again = make_stack("diamond", seeds=range(30, 30 + MEMBERS))
    x, _ = rows("diamond")

    again.load_state_dict(network.state_dict())

    torch.testing.assert_close(again(x.expand(MEMBERS, *x.shape)), network(x.expand(MEMBERS, *x.shape)))


def test_networks_of_different_seeds_differ():
    x, _ = rows()

    assert not make_nested(seed=0)(x).isclose(make_nested(seed=1)(x)).any()
