import numpy as np
import pytest

from remanence.models.spread import predict_with_spread

X = np.ones((3, 2))


class Plain:
    def predict(self, x):
        return x[:, :1]


class Sure(Plain):
    def spread(self, x):
        return np.zeros((len(x), 1))


class Both(Plain):
    def predict(self, x):
        raise AssertionError("the rows are predicted twice")

    def predict_with_spread(self, x):
        return x[:, 1:], x[:, :1]


@pytest.mark.parametrize(("model", "spread"), [(Plain(), None), (Sure(), [[0.0]] * 3), (Both(), [[1.0]] * 3)])
def test_a_model_predicts_once_and_tells_its_spread_if_it_knows_one(model, spread):
    predicted, known = predict_with_spread(model, X)
    np.testing.assert_array_equal(predicted, np.ones((3, 1)))
    assert spread is None if known is None else known.tolist() == spread
