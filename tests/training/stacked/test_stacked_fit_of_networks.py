"""Members of networks of all kinds, stacked, are those members trained alone."""

import numpy as np
import pytest
import torch
from other_networks import (
    FORMS,
    OPTIMIZERS,
    Attentive,
    Decided,
    Divided,
    Dropped,
    DroppedByFunction,
    Embedded,
    Normed,
    Recurrent,
    RootParameters,
    Scalar,
    Tied,
    TiedAcross,
)
from small_stack import STEPS, X, Y, make_members, make_schedule
from turns import together

from remanence.foundation.threads import one_thread
from remanence.models.stacked import form_of, select
from remanence.training.ranks import ALONE
from remanence.training.stacked.members import ALL_TARGETS
from remanence.training.stacked.stackable import how_to_stack
from remanence.training.stacked.stacked_fit import fit_stacked
from remanence.training.stacked.stacked_training import StackedTraining

PRECISION = [(torch.float64, 20, 1e-9), (torch.float32, 5, 1e-5)]
precision = pytest.mark.parametrize(("dtype", "epochs", "close"), PRECISION, ids=["double", "single"])
DRAWING = [Dropped, DroppedByFunction, Attentive]


class PowerCutError(Exception):
    """Raised between two epochs."""


def train(kind, members, *, targets=2, optimizer="adam", ranks=ALONE, log=lambda metrics, epoch: None, **schedule):
    """Train members as a run does: in the form that is found for them."""

    def build():
        return kind(n_features=2, n_targets=targets, optimizer=optimizer)

    with one_thread():
        form = how_to_stack(build, X, Y, members)
        return fit_stacked(
            StackedTraining(build, X, Y, members, make_schedule(**schedule), log, ranks=ranks, form=form)
        )


def alone(kind, member, *, dtype, epochs, optimizer="adam", clip=None):
    """Train one member with torch's own layers, optimizer and generator; return losses and last best weights."""
    torch.manual_seed(member.seed)
    y = Y if member.target == ALL_TARGETS else Y[:, [member.target]]
    network = kind(n_features=2, n_targets=y.shape[1], optimizer=optimizer)
    network.prepare(X[member.train], y[member.train])
    network.to(dtype)
    descent = network.configure_optimizers()
    order = torch.Generator().manual_seed(member.seed)
    torch.manual_seed(member.seed)
    x_all, y_all = (torch.as_tensor(values, dtype=dtype) for values in (X, y))
    losses, best = [], {}
    for _ in range(epochs):
        network.train()
        rows = member.train[torch.randperm(len(member.train), generator=order).numpy()]
        for batch in np.array_split(rows, STEPS):
            descent.zero_grad()
            network.row_loss(x_all[batch], y_all[batch]).mean().backward()
            if clip is not None:
                torch.nn.utils.clip_grad_norm_(network.parameters(), clip)
            descent.step()
        network.eval()
        with torch.no_grad():
            losses.append(network.row_loss(x_all[member.validation], y_all[member.validation]).mean().item())
        if losses[-1] == min(losses):
            best = {name: value.clone() for name, value in network.state_dict().items()}
    network.load_state_dict(best)
    return losses, network


def predicted(network, dtype):
    network.eval()
    rows = torch.as_tensor(X, dtype=dtype)
    with torch.no_grad():
        return network(rows) / torch.as_tensor(Y.std(axis=0))


def of_member(result, number, dtype):
    return predicted(StackOfOne(select(result.network, [number])), dtype)


class StackOfOne(torch.nn.Module):
    """A stack of one member as a network that takes rows."""

    def __init__(self, stacked):
        super().__init__()
        self.stacked = stacked

    def forward(self, x):
        return self.stacked(x[None])[0]


@precision
@pytest.mark.parametrize("kind", [kind for kind in FORMS if kind is not Decided])
def test_a_member_of_a_stack_is_that_member_trained_by_torch_alone(kind, dtype, epochs, close):
    members = make_members()

    result = train(kind, members, dtype=dtype, max_epochs=epochs)

    assert form_of(result.network) == FORMS[kind]
    for number, member in enumerate(members):
        losses, network = alone(kind, member, dtype=dtype, epochs=epochs)
        np.testing.assert_allclose(result.val_loss[:, number], losses, rtol=close, atol=close)
        assert result.best_epoch[number] == np.argmin(losses)
        torch.testing.assert_close(of_member(result, number, dtype), predicted(network, dtype), rtol=close, atol=close)


@precision
@pytest.mark.parametrize("kind", [RootParameters, Normed, Dropped, Recurrent, Decided])
def test_a_member_of_a_stack_is_that_member_in_a_stack_of_its_own(kind, dtype, epochs, close):
    members = make_members()

    result = train(kind, members, dtype=dtype, max_epochs=epochs)

    for number, member in enumerate(members):
        single = train(kind, [member], dtype=dtype, max_epochs=epochs)
        np.testing.assert_allclose(result.train_loss[:, number], single.train_loss[:, 0], rtol=close, atol=close)
        np.testing.assert_allclose(result.val_loss[:, number], single.val_loss[:, 0], rtol=close, atol=close)
        for name, value in select(result.network, [number]).state_dict().items():
            torch.testing.assert_close(value, single.network.state_dict()[name], rtol=close, atol=close)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("kind", [RootParameters, Normed, Embedded, Dropped, Tied])
def test_every_optimizer_moves_a_member_as_it_would_alone(kind, optimizer):
    members, settings = make_members(), {"dtype": torch.float64, "optimizer": optimizer}

    result = train(kind, members, max_epochs=20, **settings)

    for number, member in enumerate(members):
        losses, network = alone(kind, member, epochs=20, **settings)
        np.testing.assert_allclose(result.val_loss[:, number], losses, rtol=1e-9, atol=1e-9)
        mine, own = of_member(result, number, torch.float64), predicted(network, torch.float64)
        torch.testing.assert_close(mine, own, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", [RootParameters, Dropped, Tied, Recurrent, Divided, Scalar])
def test_gradients_are_clipped_for_each_member_alone(kind):
    members = make_members()

    result = train(kind, members, dtype=torch.float64, max_epochs=3, clip=0.05, optimizer="sgd")

    for number, member in enumerate(members):
        losses, _ = alone(kind, member, dtype=torch.float64, epochs=3, clip=0.05, optimizer="sgd")
        np.testing.assert_allclose(result.val_loss[:, number], losses, rtol=1e-5)  # torch adds 1e-6 to a norm


@pytest.mark.parametrize("kind", [RootParameters, TiedAcross])
def test_members_may_predict_a_target_each(kind):
    members = make_members(targets=(0, 1, 0))

    result = train(kind, members, targets=1, dtype=torch.float64, max_epochs=4)

    for number, member in enumerate(members):
        losses, _ = alone(kind, member, dtype=torch.float64, epochs=4)
        np.testing.assert_allclose(result.val_loss[:, number], losses, rtol=1e-9)


def assert_same(result, other):
    np.testing.assert_array_equal(result.train_loss, other.train_loss)
    np.testing.assert_array_equal(result.val_loss, other.val_loss)
    for name, value in result.network.state_dict().items():
        assert value.equal(other.network.state_dict()[name]), name


@pytest.mark.parametrize("kind", [RootParameters, Tied, *DRAWING])
@pytest.mark.parametrize("optimizer", ["adam", "adagrad"])
def test_a_resumed_training_is_bit_identical_to_an_uninterrupted_one(tmp_path, kind, optimizer):
    settings = {"optimizer": optimizer, "patience": 4}
    whole = train(kind, make_members(), **settings)

    def cut(metrics, epoch):
        if epoch == 4:
            raise PowerCutError

    settings["checkpoint"] = tmp_path / "last.ckpt"
    with pytest.raises(PowerCutError):
        train(kind, make_members(), seconds=0.0, log=cut, **settings)
    torch.manual_seed(99)

    assert_same(train(kind, make_members(), **settings), whole)


@pytest.mark.parametrize("kind", [RootParameters, Tied, *DRAWING])
@pytest.mark.parametrize(("before", "after"), [(2, 3)])
def test_processes_that_share_the_members_draw_and_train_as_one(tmp_path, kind, before, after):
    alone = train(kind, make_members())
    torch.set_num_threads(1)
    settings = {"checkpoint": tmp_path / "last.ckpt", "seconds": 0.0}

    def cut(metrics, epoch):
        if epoch == 4:
            raise PowerCutError

    for error in together(before, lambda ranks: train(kind, make_members(), ranks=ranks, log=cut, **settings)):
        assert isinstance(error, PowerCutError)
    for resumed in together(after, lambda ranks: train(kind, make_members(), ranks=ranks, **settings)):
        np.testing.assert_allclose(resumed.val_loss, alone.val_loss, rtol=1e-5)
        for name, value in resumed.network.state_dict().items():
            torch.testing.assert_close(value, alone.network.state_dict()[name], rtol=1e-5, atol=1e-5)


def test_members_drop_units_of_their_own():
    first, other = make_members()[:2], make_members()[:2]
    other[1] = type(other[1])(**{**vars(other[1]), "seed": 99})

    results = [train(Dropped, members, max_epochs=1, dtype=torch.float64) for members in (first, other)]

    assert results[0].train_loss[0, 0] == pytest.approx(results[1].train_loss[0, 0], rel=1e-9)
    assert abs(results[0].train_loss[0, 1] - results[1].train_loss[0, 1]) > 1e-4


def test_a_checkpoint_without_the_generators_of_members_is_gone_on_from(tmp_path):
    path = tmp_path / "last.ckpt"
    train(Dropped, make_members(), checkpoint=path, max_epochs=2)
    state = torch.load(path, weights_only=True)
    del state["member_draws"]
    torch.save(state, path)

    assert len(train(Dropped, make_members(), checkpoint=path, max_epochs=4).val_loss) == 4
