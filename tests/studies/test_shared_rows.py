import numpy as np

from remanence.studies.shared_rows import rows_seen_before
from remanence.training.seen_rows import Seen

PART = ("rows", "sha")


def seen(train, validation, test):
    return Seen(np.array(train), np.array(validation), np.array(test))


def test_rows_count_that_a_training_was_fitted_to_and_another_one_tests():
    before = {PART: [seen([0, 1, 2], [3], [4, 5])]}
    now = {PART: [seen([4], [5], [1, 2, 3])]}

    assert rows_seen_before(before, now) == 3
    assert rows_seen_before(before, before) == 0


def test_a_row_of_the_training_may_not_choose_the_weights_but_one_of_the_validation_may():
    before = {PART: [seen([0, 1, 2], [3], [4, 5])]}

    assert rows_seen_before(before, {PART: [seen([1, 2], [0], [4, 5])]}) == 1
    assert rows_seen_before(before, {PART: [seen([0, 1, 2], [3], [4, 5])]}) == 0


def test_a_row_that_the_first_training_tested_all_the_same_does_not_count():
    before = {PART: [seen([0, 1], [2], [1, 3])]}

    assert rows_seen_before(before, {PART: [seen([0], [2], [1, 3])]}) == 0


def test_a_row_counts_once_however_many_networks_have_seen_it():
    before = {PART: [seen([0, 1], [2], [3]), seen([0, 1], [3], [2])]}
    now = {PART: [seen([2], [3], [0]), seen([1], [3], [0])]}

    assert rows_seen_before(before, now) == 1


def test_parts_with_another_content_cannot_be_compared():
    before, now = [seen([0, 1], [2], [3])], [seen([3], [2], [0, 1])]

    assert rows_seen_before({PART: before}, {("rows", "other"): now}) == 0
    assert rows_seen_before({PART: before}, {("rows", "other"): now, PART: now}) == 2
