import numpy as np
import pytest
from small_training import KFOLD, open_data

from remanence.training.options import Ensemble
from remanence.training.seen_rows import seen_by_members


@pytest.fixture
def data():
    """Rows of which some were left out on reading, so that their places are not their numbers."""
    opened = open_data(split=KFOLD)
    opened.frame.index = np.arange(len(opened.frame)) * 2 + 5
    return opened


@pytest.mark.parametrize(("per_target", "members"), [(True, 12), (False, 6)])
def test_every_member_has_the_places_of_its_rows_in_the_file(data, per_target, members):
    seen = seen_by_members(data, Ensemble(folds=2, repeats=1, coverage=0.9, per_target=per_target))

    assert len(seen) == members
    places = set(data.frame.index)
    for member in seen:
        parts = [set(member.train), set(member.validation), set(member.test)]
        assert set.union(*parts) == places
        assert sum(map(len, parts)) == len(places)
    tests = {tuple(member.test) for member in seen}
    assert tests == {tuple(data.frame.index[fold.test]) for fold in data.folds}


def test_members_of_a_fold_validate_on_every_row_outside_its_test_once(data):
    first, second = seen_by_members(data, Ensemble(folds=2, repeats=1, coverage=0.9, per_target=False))[:2]

    assert set(first.test) == set(second.test)
    assert set(first.validation) == set(second.train)
    assert set(first.train) == set(second.validation)
