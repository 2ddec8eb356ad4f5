from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from remanence.data.splits import Fold
from remanence.errors import ConfigurationError
from remanence.studies.chain.scores import check_properties, fold_table, for_scale
from remanence.training.fitted import FoldResult


@pytest.mark.parametrize(
    ("key", "of_scale"),
    [
        ("test/mae", "test/ions/mae"),
        ("val/gap/r2", "val/ions/gap/r2"),
        ("baseline/lasso/test/mae", "baseline/lasso/test/ions/mae"),
        ("baseline/lasso/mae_difference", "baseline/lasso/ions/mae_difference"),
        ("baseline/lasso/p", "baseline/lasso/ions/p"),
        ("baseline/lasso/gap/p_value", "baseline/lasso/ions/gap/p_value"),
    ],
)
def test_a_scale_stands_behind_the_part_or_the_baseline(key, of_scale):
    assert for_scale(key, "ions") == of_scale


@pytest.mark.parametrize(
    ("scales", "message"),
    [
        ({"ions": ["gap"], "mix": ["gap"]}, "model.scales.mix.heads: the property 'gap' is one of scale 'ions', too"),
        ({"ions": ["gap"], "mix": ["ions", "y"]}, "model.scales.mix.heads: the property 'ions' means something else"),
    ],
)
def test_properties_whose_metrics_or_predictions_would_meet_are_refused(scales, message):
    rows = {name: on_scale([], targets) for name, targets in scales.items()}

    with pytest.raises(ConfigurationError, match=f"^{message}"):
        check_properties(SimpleNamespace(rows=rows, coarsest=rows["mix"]))


def test_a_single_property_may_be_called_as_its_scale():
    rows = {"gap": on_scale([], ["gap"]), "mix": on_scale([], ["network"])}

    check_properties(SimpleNamespace(rows=rows, coarsest=rows["mix"]))


def on_scale(y, targets, tested=()):
    folds = [Fold(np.setdiff1d(np.arange(len(y)), rows), np.array([], int), np.array(rows)) for rows in tested]
    return SimpleNamespace(y=np.array(y), targets=targets, folds=folds, frame=pd.DataFrame(index=range(len(y))))


def fitted(*folds):
    results = [FoldResult(None, {"test": (np.array(rows), np.array(values))}, np.array([])) for rows, values in folds]
    return SimpleNamespace(folds=results)


def test_errors_of_every_model_are_listed_by_fold_and_target():
    data = SimpleNamespace(
        rows={
            "fine": on_scale([[1.0], [2.0], [4.0]], ["gap"], tested=([0, 2], [1])),
            "mix": on_scale([[0.0, 10.0], [1.0, 20.0]], ["energy", "rho"], tested=([0, 1],)),
        }
    )
    fine = fitted(([0, 2], [[1.5], [3.0]]), ([1], [[2.25]]))
    mix = fitted(([0, 1], [[1.0, 10.0], [1.0, 24.0]]))
    alone = fitted(([0, 1], [[2.0, 10.0], [1.0, 20.0]]))
    chain = SimpleNamespace(fits={"fine": fine, "mix": mix}, networks={"mix": alone})
    baseline = SimpleNamespace(fits={"mix": fitted(([0, 1], [[0.0, 10.0], [1.0, 20.0]]))})

    table = fold_table(chain, {"lasso": baseline}, data)

    named = table[["scale", "target", "model", "fold", "mae"]]
    assert [tuple(row) for row in named.itertuples(index=False)] == [
        ("fine", "gap", "chain", 0, 0.75),
        ("fine", "gap", "chain", 1, 0.25),
        ("mix", "energy", "chain", 0, 0.5),
        ("mix", "energy", "lasso", 0, 0.0),
        ("mix", "energy", "chain, networks alone", 0, 1.0),
        ("mix", "rho", "chain", 0, 2.0),
        ("mix", "rho", "lasso", 0, 0.0),
        ("mix", "rho", "chain, networks alone", 0, 0.0),
    ]
    assert table.columns.tolist() == ["scale", "target", "model", "fold", "mae", "tested", "fitted", "rows"]
    assert table["tested"].tolist() == [2, 1, 2, 2, 2, 2, 2, 2]
    assert table["fitted"].tolist() == [1, 2, 0, 0, 0, 0, 0, 0]
    assert table.groupby(["scale", "fold"])["rows"].nunique().eq(1).all()
