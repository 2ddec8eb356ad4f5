import pytest

from remanence.data.many_rows import many_fits


@pytest.mark.parametrize(
    ("rows", "folds", "members", "said"), [(19_999, 15, 5, False), (20_000, 15, 5, True), (20_000, 1, 1, False)]
)
def test_it_is_said_from_many_rows_on_that_many_fits_take_long(rows, folds, members, said):
    assert (many_fits(rows, folds=folds, members=members) is not None) == said
