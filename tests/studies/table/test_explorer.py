import json
import re
from base64 import b64decode

import numpy as np
import pytest

from remanence.data.table import Table
from remanence.studies.table.explorer import table_explorer
from remanence.training.fitted import Fitted, FoldResult

SPLIT = {"kind": "stratified", "folds": 5, "fold": 0, "held_out": {}, "validation": 0.2, "bins": 4, "seed": 0}


class Product:
    """A model whose inputs interact, so that slices along one input do not tell it."""

    def predict(self, x):
        return (x[:, 0] * x[:, 1] + 100 * x[:, -1])[:, None]

    def half_width(self, x, predicted):
        return np.full_like(predicted, 5.0)


@pytest.fixture
def explored(table):
    """Open a table with these features, and return what its page holds."""

    def explore(*features, **columns):
        path = table(**columns)
        data = Table(path=str(path), target="d33", features=list(features), batch_size=8, split=SPLIT).open()
        parts = {"train": data.fold.train, "test": data.fold.test}
        predicted = {name: (rows, data.y[rows]) for name, rows in parts.items()}
        folds = [FoldResult(Product(), predicted, np.full((len(data.fold.test), 1), 2.0))]
        page = table_explorer(Fitted(model=Product(), folds=folds), data, name="mine")
        return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1]), data

    return explore


def unpacked(given):
    return given["low"] + given["step"] * np.frombuffer(b64decode(given["codes"]), dtype="<u2")


def test_the_joint_grid_holds_the_predictions_of_the_model_at_its_points(explored):
    shown, data = explored("x", "amount", "kind")

    kinds, x, amount = shown["response"]["axes"]
    assert (kinds["values"], len(x["values"])) == (["NS", "QS"], 41)
    assert (x["index"], amount["index"]) == (0, 1)
    joint = np.meshgrid([0, 1], x["values"], amount["values"], indexing="ij")
    wanted = (joint[1] * joint[2] + 100 * joint[0]).ravel()
    np.testing.assert_allclose(unpacked(shown["response"]["values"]), wanted, atol=np.ptp(wanted) / 1e5)
    assert x["values"][0] == data.x[:, 0].min()
    assert shown["response"]["about"].startswith("the model's own predictions at 3362 points")


def test_more_inputs_than_a_grid_holds_have_no_sliders_and_the_page_says_why(explored):
    more = {name: np.random.default_rng(place).normal(size=30) for place, name in enumerate("abc")}

    shown, _ = explored("x", "amount", *more, **more)

    assert shown["response"] == {
        "why": "no sliders: 5 numeric inputs are too many for a joint grid; ask remanence design"
    }


def test_the_first_sample_is_a_held_out_one_with_its_interval(explored):
    shown, data = explored("x", "amount")

    assert shown["rows"]["part"][shown["start"]] == 2
    assert shown["targets"][0]["half_width"][shown["start"]] == 2.0
    assert shown["facts"][0] == "mine"
    assert len(shown["rows"]["name"]) == 30 - len(data.fold.validation)
