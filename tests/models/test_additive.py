import json

import numpy as np
import pytest

from remanence.errors import DamagedFile
from remanence.models.additive import FILE, Additive
from remanence.tracking.saved_model import load_model, save_model

RANDOM = np.random.default_rng(0)
X = np.stack([np.tile(np.arange(6.0), 5), np.repeat(RANDOM.normal(size=5), 6) * 1e3], axis=1)
EFFECT = RANDOM.normal(size=6)[X[:, 0].astype(int)] * 20 + X[:, 1] / 100
Y = np.stack([EFFECT, -3 * EFFECT + 7], axis=1)


@pytest.fixture(scope="module")
def fitted():
    model = Additive(n_features=2, n_targets=2)
    model.fit(X, Y)
    return model


def test_effects_of_levels_and_of_inputs_are_learnt_in_the_units_of_each_target(fitted):
    np.testing.assert_allclose(fitted.predict(X), Y, atol=0.02 * Y.std())
    assert fitted.hparams["factors"] == [[0], [1]]


def test_inputs_of_one_factor_have_levels_together():
    x = np.stack([np.tile([0.0, 0, 1, 1], 8), np.tile([0.0, 1, 0, 1], 8)], axis=1)
    y = (x[:, :1] != x[:, 1:]).astype(float) + 0.01 * RANDOM.normal(size=(32, 1))  # no sum of what each input adds

    alone, together = Additive(n_features=2), Additive(n_features=2, factors=[[0, 1]])
    alone.fit(x, y)
    together.fit(x, y)

    assert np.abs(alone.predict(x) - y).mean() > 0.45
    assert np.abs(together.predict(x) - y).mean() < 0.02


def test_a_stored_model_predicts_the_same(fitted, tmp_path):
    save_model(fitted, tmp_path)

    loaded, description = load_model(tmp_path)

    np.testing.assert_array_equal(loaded.predict(X + 1e-13), fitted.predict(X + 1e-13))
    assert description["arguments"] == {"n_features": 2, "n_targets": 2, "factors": [[0], [1]]}


def test_a_damaged_value_is_told(fitted, tmp_path):
    save_model(fitted, tmp_path)
    stored = json.loads((tmp_path / FILE).read_text())
    stored[0]["effects"][0]["slopes"] = [float("nan")]
    (tmp_path / FILE).write_text(json.dumps(stored))

    with pytest.raises(DamagedFile, match="not finite"):
        Additive(n_features=2, n_targets=2).read_fitted(tmp_path)
