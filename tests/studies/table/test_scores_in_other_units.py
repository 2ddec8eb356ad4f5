"""Units do not matter: a table in other units gives the same metrics for every model."""

import numpy as np
import pandas as pd
import pytest
from small_stack import make_schedule

from remanence.data.table import Table
from remanence.models.dnn import DNN
from remanence.models.extra_trees import ExtraTrees
from remanence.models.gaussian_process import GaussianProcess
from remanence.models.gradient_boosting import GradientBoosting
from remanence.models.linear import Linear
from remanence.models.neighbours import Neighbours
from remanence.models.random_forest import RandomForest
from remanence.models.ridge import Ridge
from remanence.models.svr import SVR
from remanence.studies.table.blend import blend_fits
from remanence.studies.table.fit import TableFit
from remanence.studies.table.importance import integrated_gradients, permutation_importance
from remanence.studies.table.scores import score_table
from remanence.training.fit import fit
from remanence.training.options import Blend
from remanence.training.stacked.stacked_trainer import StackedTrainer

SPLIT = {"kind": "kfold", "folds": 3, "repeats": 1, "validation": 0.2, "bins": 5, "seed": 0}
BASELINES = {
    "linear": (Linear, {"clip": 3.0}),
    "ridge": (Ridge, {"clip": 3.0}),
    "svr": (SVR, {"clip": 3.0, "cs": [1.0, 10.0]}),
    "gaussian_process": (GaussianProcess, {"restarts": 0}),
    "neighbours": (Neighbours, {}),
    "random_forest": (RandomForest, {"n_estimators": 10, "shares": [0.5, 1.0]}),
    "extra_trees": (ExtraTrees, {"n_estimators": 10, "shares": [0.5, 1.0]}),
    "boosting": (GradientBoosting, {"max_estimators": 20, "engine": "sklearn", "depths": [2]}),
}
WITH_UNIT = ("mse", "rmse", "mae", "mae_difference", "interval_width", "noise_floor")


def results(path, unit):
    """Return metrics and importance on a table whose columns are all multiplied by ``unit``."""
    random = np.random.default_rng(0)
    x = np.round(random.uniform(0, 1, (45, 3)), 2)
    y = np.round(200 * np.exp(-((x[:, 0] - 0.4) ** 2) / 0.05) + 50 * x[:, 1] + random.normal(0, 5, 45), 1)
    frame = pd.DataFrame({**{f"x{n}": x[:, n] * unit for n in range(3)}, "d33": y * unit})
    frame.to_csv(path, index=False, float_format="%.17g")
    data = Table(path=str(path), target="d33", features=["x0", "x1", "x2"], batch_size=16, split=SPLIT).open()
    fits = {}
    for name, (kind, arguments) in BASELINES.items():
        fits[name] = TableFit.of(fit(kind(**data.flat_shape, **arguments), data))
    schedule = make_schedule(max_epochs=30)
    trainer = StackedTrainer(
        schedule, folds=2, repeats=1, per_target=False, coverage=0.9, seed=0, log=lambda metrics, epoch: None
    )
    network = TableFit.of(fit(DNN(**data.shape, hidden=[8], bins=4), data, trainer))
    blend = blend_fits(network, fits, data, Blend(["extra_trees", "neighbours", "svr"], None))
    metrics = score_table(blend, fits, data).metrics
    explained = (permutation_importance(blend, data, repeats=3), integrated_gradients(network.model, data))
    importance = np.concatenate([table["mean"].to_numpy() for table in explained])
    for key in metrics:
        if key.split("/")[-1].removesuffix("_sd").removeprefix("pooled_").removeprefix("member_") in WITH_UNIT:
            metrics[key] /= unit**2 if "mse" in key and "rmse" not in key else unit
    return metrics, importance / unit


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_every_metric_of_every_model_is_the_same_after_all_columns_were_multiplied(tmp_path):
    expected, importance = results(tmp_path / "own.csv", 1.0)

    assert expected["test/r2"] > 0.5
    assert {f"baseline/{name}/test/r2" for name in BASELINES} | {"test/network/r2"} <= set(expected)
    for unit in (1e-12, 1e12):
        metrics, explained = results(tmp_path / "other.csv", unit)
        assert metrics.keys() == expected.keys()
        for key, value in expected.items():
            # a difference of two errors is as exact as the errors are, and so are its p value and what is made of it
            exact = (
                2e-3 * expected["test/mae"]
                if "mae_difference" in key
                else 0.02
                if key.endswith(("p", "p_value"))
                else 1e-4
            )
            assert metrics[key] == pytest.approx(value, rel=2e-3, abs=exact), (unit, key)
        np.testing.assert_allclose(explained, importance, rtol=0.01, atol=1e-3)
