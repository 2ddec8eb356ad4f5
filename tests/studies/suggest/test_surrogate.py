import numpy as np
import pandas as pd

from remanence.data.columns import Columns
from remanence.studies.design.candidate_rows import Candidates
from remanence.studies.suggest.surrogate import TREES, Surrogate, draws_of

RNG = np.random.default_rng(0)
X = RNG.uniform(0, 1, (30, 2))
Y = np.stack([np.floor(5 * X[:, 0]) * (-1) ** np.arange(30), RNG.normal(0, 1, 30)], axis=1)
"""Nothing smooth, so that trees are taken."""
COLUMNS = Columns(["a", "b"], ["y", "z"])


def test_every_tree_predicts_every_target_and_knows_the_measured_rows():
    rows = pd.DataFrame(X, columns=["a", "b"])

    draws = draws_of(Surrogate(X, Y), COLUMNS, Candidates(rows, {}, np.ones((30, 1))))

    assert draws.shape == (TREES, 30, 2)
    np.testing.assert_allclose(draws, np.broadcast_to(Y, draws.shape), atol=1e-5)  # trees round to single precision


def test_a_number_that_was_filled_in_is_averaged_over_its_values(monkeypatch):
    monkeypatch.setattr("remanence.studies.suggest.surrogate.MOST_AT_ONCE", 4)  # candidates are taken in parts
    surrogate = Surrogate(X, Y)
    rows = pd.DataFrame({"a": [0.2, 0.5, 0.8], "b": [0.5] * 3})
    weights = np.tile([0.25, 0.75], (3, 1))
    candidates = Candidates(rows, {"b": np.tile([0.1, 0.9], (3, 1))}, weights)

    draws = draws_of(surrogate, COLUMNS, candidates)

    low, high = (surrogate.draws(np.array([[a, b] for a in (0.2, 0.5, 0.8)])) for b in (0.1, 0.9))
    np.testing.assert_allclose(draws, 0.25 * low + 0.75 * high)


def test_the_draws_follow_the_units():
    first, second = (Surrogate(X * scale, Y / scale).draws(X[:5] * scale + 1e-3 * scale) for scale in (1, 1e-12))

    np.testing.assert_allclose(second * 1e-12, first, rtol=1e-6)


def test_what_is_smooth_is_left_to_a_gaussian_process_and_what_has_steps_to_trees():
    smooth = np.sin(3 * X[:, 0]) + X[:, 1] ** 2
    surrogate = Surrogate(X, np.stack([smooth, Y[:, 0]], axis=1))
    points = np.random.default_rng(1).uniform(0.1, 0.9, (40, 2))

    draws = surrogate.draws(points)

    expected = np.sin(3 * points[:, 0]) + points[:, 1] ** 2
    assert np.sqrt(np.mean((draws[:, :, 0].mean(axis=0) - expected) ** 2)) < 0.05 * smooth.std()
    assert set(draws[:, :, 1].ravel().round(4)) <= set(Y[:, 0].round(4))  # a tree gives back what was measured
