import numpy as np
import pytest

from remanence.models.additive import Additive
from remanence.models.linear import Linear
from remanence.models.scale_blend import ScaleBlend
from remanence.tracking.saved_model import load_model, save_model

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(30, 2))
Y = np.stack([X[:, 0] ** 2, 10 * X[:, 1]], axis=1)
SHARES = np.array([[0.25, 1.0], [0.75, 0.0]])


@pytest.fixture(scope="module")
def blend():
    parts = [Linear(n_features=2, n_targets=2), Additive(n_features=2, n_targets=2)]
    for part in parts:
        part.fit(X, Y)
    return ScaleBlend.of_parts(parts, SHARES, np.array([0.5, np.nan]), n_features=2)


def test_each_target_has_its_own_shares(blend):
    first, second = (part.predict(X) for part in blend.parts_)

    predicted = blend.predict(X)

    np.testing.assert_allclose(predicted[:, 0], 0.25 * first[:, 0] + 0.75 * second[:, 0])
    np.testing.assert_allclose(predicted[:, 1], first[:, 1])


def test_intervals_have_one_width_for_each_target(blend):
    width = blend.half_width(X, blend.predict(X))

    np.testing.assert_array_equal(width, np.tile([0.5, np.nan], (30, 1)))


def test_a_stored_blend_predicts_the_same(blend, tmp_path):
    save_model(blend, tmp_path)

    loaded, description = load_model(tmp_path)

    np.testing.assert_array_equal(loaded.predict(X), blend.predict(X))
    np.testing.assert_array_equal(loaded.half_width(X, Y), blend.half_width(X, Y))
    assert [part["member"].rpartition(".")[2] for part in description["arguments"]["parts"]] == ["Linear", "Additive"]
    assert description["arguments"]["shares"] == SHARES.tolist()
    assert "weights" not in description["arguments"]


def test_the_first_part_is_the_chains_own(blend):
    assert blend.ensemble is blend.parts_[0]
