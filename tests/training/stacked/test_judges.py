import numpy as np
import pytest
from small_stack import make_schedule, rows, train

from remanence.training.stacked.judges import judges
from remanence.training.stacked.members import ALL_TARGETS, Member

PARTS = [rows((0, 8)), rows((8, 16)), rows((16, 24))]


def member(part, fold=0, target=ALL_TARGETS, seed=0):
    """Return a member that validates a part of the first 24 rows and trains on the others."""
    train_on = np.concatenate([other for number, other in enumerate(PARTS) if number != part])
    return Member(fold, train_on, PARTS[part], target, seed)


def test_those_that_validate_other_rows_of_the_same_fold_and_target_judge():
    members = [member(0), member(0), member(1), member(2), member(1, fold=1), member(0, target=1), member(1, target=1)]

    chosen = judges(members).numpy()

    assert [np.flatnonzero(row).tolist() for row in chosen] == [[2, 3], [2, 3], [0, 1, 3], [0, 1, 2], [4], [6], [5]]


def test_the_epoch_is_that_where_the_others_are_best_on_average():
    members = [member(part, seed=part) for part in range(3)]
    schedule = make_schedule(max_epochs=25, epochs="others")

    result = train(members, schedule=schedule, lr=0.1)

    loss = result.val_loss  # (epochs, members)
    expected = [loss[:, [1, 2]].mean(axis=1), loss[:, [0, 2]].mean(axis=1), loss[:, [0, 1]].mean(axis=1)]
    assert result.best_epoch.tolist() == [int(mean.argmin()) for mean in expected]


def test_what_a_member_measured_on_its_own_rows_does_not_change_its_epoch():
    from small_stack import Y

    members, schedule = [member(part, seed=part) for part in range(3)], make_schedule(max_epochs=15, epochs="others")
    changed = Y.copy()
    changed[PARTS[0]] += 5 * Y.std(axis=0)

    first, second = (train([members[0]] * 1 + members[1:], y=y, schedule=schedule, lr=0.1) for y in (Y, changed))

    # the others train on these rows, so that they change; the first member's own course of training does not
    np.testing.assert_array_equal(first.train_loss[:, 0], second.train_loss[:, 0])


def test_a_member_that_diverges_judges_nobody():
    from small_stack import Y

    members, y = [member(part, seed=part) for part in range(3)], Y.copy()
    y[PARTS[0][0]] = np.nan  # validated by the first member, trained on by the others

    with pytest.raises(FloatingPointError, match="a member never had a finite loss"):
        train(members, y=y, schedule=make_schedule(epochs="others"))
