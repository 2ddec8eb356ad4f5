import numpy as np
import pytest
import torch
from small_stack import (
    Y,
    assert_close,
    make_members,
    make_schedule,
    predictions,
    rows,
    train,
    weights_of,
)  # fmt: skip

from remanence.training.stacked.members import ALL_TARGETS, Member
from remanence.training.stacked.stacked_fit import fit_stacked
from remanence.training.stacked.stacked_training import StackedTraining


def test_each_member_ends_with_the_weights_of_its_own_best_epoch():
    members = make_members()

    result = train(members, schedule=make_schedule(max_epochs=25), lr=0.1)

    assert len(set(result.best_epoch)) > 1
    assert result.best_epoch.tolist() == result.val_loss.argmin(axis=0).tolist()
    for number, member in enumerate(members):
        network = train([member], schedule=make_schedule(max_epochs=result.best_epoch[number] + 1), lr=0.1)
        assert_close(weights_of(result, number), weights_of(network, 0))


def test_every_member_learns_its_targets_in_physical_units():
    members = make_members(counts=(28, 28, 28))

    result = train(members, schedule=make_schedule(max_epochs=100))

    error = np.abs(predictions(result, members).mean(axis=0) - Y).mean(axis=0)
    assert (error < 0.35 * Y.std(axis=0)).all()


@pytest.mark.parametrize("patience", [1, 3])
def test_members_that_do_not_improve_stop_after_their_patience(patience):
    result = train(make_members(), schedule=make_schedule(max_epochs=50, patience=patience), lr=1e-30)

    assert len(result.val_loss) == patience + 1
    assert result.best_epoch.tolist() == [0, 0, 0]


def test_without_patience_training_goes_on_to_the_end():
    assert len(train(make_members(), schedule=make_schedule(max_epochs=12), lr=1e-30).val_loss) == 12


def test_an_improvement_smaller_than_the_least_one_does_not_count():
    schedule = make_schedule(max_epochs=12, patience=2, min_delta=100.0)

    result = train(make_members(), schedule=schedule)

    assert len(result.val_loss) == 3
    assert (result.val_loss[1] < result.val_loss[0]).all()
    assert result.best_epoch.tolist() == [0, 0, 0]


def test_a_member_that_stopped_keeps_its_weights_while_the_others_go_on():
    members, schedule = make_members(), make_schedule(max_epochs=60, patience=3)

    result = train(members, schedule=schedule, lr=0.1)

    lengths = []
    for number, member in enumerate(members):
        single = train([member], schedule=schedule, lr=0.1)
        lengths.append(len(single.val_loss))
        assert single.best_epoch[0] == result.best_epoch[number] == lengths[-1] - 4
        assert_close(weights_of(result, number), weights_of(single, 0))
    assert len(result.val_loss) == max(lengths)
    assert min(lengths) < max(lengths) < 60


def test_losses_are_logged_after_every_epoch():
    logged = []

    result = train(make_members(), log=lambda metrics, epoch: logged.append((epoch, metrics)))

    assert [epoch for epoch, _ in logged] == list(range(8))
    for epoch, metrics in logged:
        assert metrics["train/loss"] == pytest.approx(result.train_loss[epoch].mean(), rel=1e-6)
        assert metrics["val/loss"] == pytest.approx(result.val_loss[epoch].mean(), rel=1e-6)


def test_a_diverging_training_names_the_key_to_change():
    with pytest.raises(FloatingPointError, match=r"diverged: .*; try a smaller model\.lr"):
        train(make_members(), optimizer="sgd", lr=1e30, activation="relu")


def test_a_member_that_never_had_a_finite_loss_is_an_error_and_disturbs_no_other():
    members, y = make_members(), Y.copy()
    y[0] = np.nan  # only the first member trains on it
    logged = []

    with pytest.raises(FloatingPointError, match="a member never had a finite loss"):
        train(members, y=y, log=lambda metrics, _: logged.append(metrics))

    assert len(logged) == 8
    assert np.isfinite(train(members[1:], y=y).val_loss).all()


def test_rows_are_divided_evenly_and_each_is_seen_once_per_epoch():
    seen = []

    class Spy(torch.nn.Module):
        """Notes the rows of every step."""

        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(1, 1)

        def prepare(self, x, y):
            """Learn nothing."""

        def row_loss(self, x, y):
            if torch.is_grad_enabled():
                seen.append(x[..., 0])
            return (self.layer(x) - y)[..., 0] ** 2

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.0)

    numbers = np.arange(40.0)[:, None]
    counts = (24, 23, 9)
    members = [Member(0, np.arange(count)[::-1].copy(), rows((30, 36)), ALL_TARGETS, count) for count in counts]

    fit_stacked(StackedTraining(Spy, numbers, numbers, members, make_schedule(max_epochs=2, steps=None, batch_size=10)))

    assert len(seen) == 2 * 3  # the largest member needs three steps
    for epoch in range(2):
        steps = torch.cat(seen[3 * epoch : 3 * epoch + 3], dim=1)
        for number, count in enumerate(counts):
            assert set(steps[number].tolist()) == set(range(count))
    assert not torch.equal(seen[0], seen[3])
