from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from remanence.data.columns import Columns
from remanence.studies.table.response import response_panels
from remanence.training.fitted import Fitted

RANDOM = np.random.default_rng(0)
X = np.repeat([0.02, 0.06, 0.1, 0.25], 10)
SLOPE = np.repeat([20.0, 50.0, 30.0, 25.0], 10) + RANDOM.normal(0, 1, 40)
PROCESS = np.tile(["NS", "QS"], 20)


class Quadratic:
    """A model that is not linear in the input that the other one follows, and that knows categories."""

    def predict(self, x):
        return (0.1 * x[:, 1] ** 2 + x[:, -1])[:, None]

    def half_width(self, x, predicted):
        return np.full_like(predicted, 5.0)


@pytest.fixture
def fitted():
    """A fit whose intervals are ± 5 for every row."""
    return Fitted(model=Quadratic(), folds=[])


def opened(columns, x):
    frame = pd.DataFrame({"x": X, "lph_slope": SLOPE, "Process": PROCESS})
    return SimpleNamespace(columns=columns, x=x, y=0.1 * SLOPE[:, None] ** 2, column=frame.get)


def test_the_response_passes_through_the_means_of_the_predictions_at_measured_values(fitted):
    data = opened(Columns(["x", "lph_slope"], ["d33"], units={"x": "mol"}), np.stack([X, SLOPE], axis=1))

    along_x, along_slope = response_panels(fitted, data)[0]

    assert along_x.feature_label == "x (mol)"
    for level in np.unique(X):
        near = np.abs(along_x.grid - level).argmin()
        mean = Quadratic().predict(data.x[level == X]).mean()
        assert along_x.predicted[near] == pytest.approx(mean, rel=0.06)
    # the width holds what the other input scatters
    assert (along_x.high - along_x.predicted > 5).all()
    np.testing.assert_allclose(along_slope.high - along_slope.predicted, 5)


def test_categories_are_those_of_the_rows_and_colour_them(fitted):
    columns = Columns(["x", "lph_slope", "Process"], ["d33"], {"Process": ["NS", "QS"]})
    one_hot = np.stack([PROCESS == "NS", PROCESS == "QS"], axis=1).astype(float)
    data = opened(columns, np.concatenate([X[:, None], SLOPE[:, None], 1000 * one_hot], axis=1))

    panels = response_panels(fitted, data)[0]

    assert [panel.feature_label for panel in panels] == ["x", "lph_slope"]
    assert panels[0].groups.tolist() == PROCESS.tolist()
    assert panels[0].predicted[0] == pytest.approx(40 + 500, rel=0.05)  # half of the rows


def test_many_features_have_no_response(fitted):
    columns = Columns(["a", "b", "c", "d", "e"], ["d33"])

    assert response_panels(fitted, opened(columns, RANDOM.normal(size=(40, 5)))) == [[]]
