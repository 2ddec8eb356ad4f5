import numpy as np
import pandas as pd
import pytest

from remanence.data.equal_inputs import EqualInputs

X = np.array([[0.1, 3.0], [0.2, 3.0], [0.1, 3.0], [0.3, 1.0], [0.2, 3.0], [0.1, 3.0]])
EQUAL = EqualInputs.of(X)


def test_sets_are_numbered_as_they_begin():
    assert EQUAL.sets.tolist() == [0, 1, 0, 2, 1, 0]
    assert EQUAL.count == 3
    assert EQUAL.repeated.tolist() == [True, True, True, False, True, True]


@pytest.mark.parametrize("noise", [1e-12, np.float32(0.1) - 0.1])
def test_rounding_in_a_file_does_not_tell_rows_apart(noise):
    other = X.copy()
    other[2, 0] += noise

    assert EqualInputs.of(other).sets.tolist() == EQUAL.sets.tolist()
    assert EqualInputs.of(-0.0 * X).count == EqualInputs.of(0.0 * X).count == 1


def test_units_do_not_matter():
    for factor in (1e-12, 1e12):
        assert EqualInputs.of(X * factor).sets.tolist() == EQUAL.sets.tolist()


def test_further_values_tell_rows_apart():
    assert EqualInputs.of(X, ["a", "a", "a", "a", "b", "a"]).sets.tolist() == [0, 1, 0, 2, 3, 0]
    assert EqualInputs.of(np.empty((3, 0)), ["a", "b", "a"]).sets.tolist() == [0, 1, 0]


def test_families_that_share_inputs_become_one():
    families = np.array(["a", "b", "c", "d", "b", "a"])

    assert EQUAL.torn(families).tolist() == [True, False, True, False, False, True]
    assert EQUAL.joined(families).tolist() == ["a + c", "b", "a + c", "d", "b", "a + c"]
    assert EQUAL.joined(np.array(["a", "b", "a", "d", "b", "a"])).tolist() == ["a", "b", "a", "d", "b", "a"]


def test_the_noise_floor_is_the_pooled_deviation_within_sets():
    y = np.array([[1.0], [10.0], [3.0], [50.0], [14.0], [5.0]])
    within = [np.var([1, 3, 5], ddof=1) * 2, np.var([10, 14], ddof=1)]

    assert EQUAL.noise_floor(y) == pytest.approx(np.sqrt(sum(within) / 3))
    assert EQUAL.noise_floor(y * 1e-12) == pytest.approx(1e-12 * EQUAL.noise_floor(y))
    assert np.isnan(EqualInputs.of(np.arange(4.0)[:, None]).noise_floor(np.ones((4, 2)))).all()


def test_the_noise_floor_estimates_the_noise_of_a_measurement():
    random = np.random.default_rng(0)
    x = random.integers(0, 500, (1500, 1)).astype(float)

    assert EqualInputs.of(x).noise_floor(x + random.normal(0, 3, x.shape)) == pytest.approx(3, rel=0.1)


def test_the_published_table_has_159_inputs_in_204_rows(shared_data):
    table = pd.read_csv(shared_data / "piezo" / "knn_d33_train.csv")
    equal = EqualInputs.of(table.drop(columns=["Component", "d33 (pC/N)"]).to_numpy(float))

    assert (equal.count, int(equal.repeated.sum())) == (159, 69)
    assert np.unique(equal.sets[equal.repeated]).size == 24
    assert equal.noise_floor(table[["d33 (pC/N)"]].to_numpy(float)) == pytest.approx(39.146, abs=1e-3)
