import numpy as np
import pytest
import torch

from remanence.errors import ConfigurationError
from remanence.models.dnn import DNN
from remanence.models.ensemble import Ensemble
from remanence.models.extra_trees import ExtraTrees
from remanence.models.gaussian_process import GaussianProcess
from remanence.models.gradient_boosting import GradientBoosting
from remanence.models.linear import Linear
from remanence.models.stacked import stack
from remanence.models.table_blend import TableBlend
from remanence.tracking.saved_model import load_model, save_model

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(30, 2))
Y = np.stack([X[:, 0] ** 2, 10 * X[:, 1]], axis=1)
NEW = RANDOM.normal(size=(5, 2))
SHAPE = {"n_features": 2, "n_targets": 2}


def networks():
    members = [DNN(**SHAPE, hidden=[4]) for _ in range(3)]
    for member in members:
        member.prepare(X, Y)
    description = {"arguments": {**SHAPE, "hidden": [4]}, "targets": [-1, -1, -1], "n_targets": 2, "coverage": 0.9}
    return Ensemble.of(stack(members), half_width=[None, None], **description)


def fitted(kind, **arguments):
    model = kind(**SHAPE, **arguments)
    model.fit(X, Y)
    return model


def blend(weights=(0.5, 0.3, 0.2)):
    trees, line = fitted(ExtraTrees, n_estimators=5), fitted(Linear)
    return TableBlend.of([networks(), trees, line], list(weights), **SHAPE)


def test_a_blend_is_the_weighted_mean_of_its_parts():
    mixed = blend()

    first, second, third = (part.predict(NEW) for part in mixed.parts_)
    np.testing.assert_allclose(mixed.predict(NEW), 0.5 * first + 0.3 * second + 0.2 * third, rtol=1e-12)


def test_its_variance_is_the_mean_of_those_of_the_parts_and_of_how_far_they_disagree():
    trees, process = fitted(ExtraTrees, n_estimators=5), fitted(GaussianProcess, restarts=0)
    mixed = TableBlend.of([trees, process], [0.25, 0.75], **SHAPE)

    apart = trees.predict(NEW) - process.predict(NEW)
    expected = 0.25 * trees.spread(NEW) ** 2 + 0.75 * process.spread(NEW) ** 2 + 0.25 * 0.75 * apart**2
    np.testing.assert_allclose(mixed.spread(NEW) ** 2, expected, rtol=1e-10)
    np.testing.assert_array_equal(mixed.predict_with_spread(NEW)[0], mixed.predict(NEW))


def test_a_blend_is_stored_and_loaded_without_unpickling(tmp_path):
    pytest.importorskip("xgboost")
    parts = [networks(), fitted(ExtraTrees, n_estimators=5), fitted(GradientBoosting, max_estimators=5)]
    mixed = TableBlend.of(parts, [0.5, 0.3, 0.2], **SHAPE)
    save_model(mixed, tmp_path / "model")

    again, description = load_model(tmp_path / "model")

    np.testing.assert_array_equal(again.predict(NEW), mixed.predict(NEW))
    np.testing.assert_array_equal(again.spread(NEW), mixed.spread(NEW))
    assert set(description["sha256"]) == {
        "part_0/weights.safetensors",
        "part_1/fitted.skops",
        "part_1/scaling.json",
        "part_2/fitted_0.json",
        "part_2/fitted_1.json",
        "part_2/scaling.json",
    }
    assert again.requirements == mixed.requirements == parts[2].requirements


def test_a_weight_of_a_part_that_is_not_finite_is_refused(tmp_path):
    mixed = blend()
    with torch.no_grad():
        next(iter(mixed.parts_[0].parameters())).fill_(torch.nan)
    save_model(mixed, tmp_path)

    with pytest.raises(ConfigurationError, match=r"part_0.*not finite: the file is damaged"):
        load_model(tmp_path)


def test_each_part_has_a_weight():
    with pytest.raises(ValueError, match="to have 0 values, but got 1"):
        TableBlend(**SHAPE, parts=[], weights=[1.0])
