from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from remanence.data.columns import Columns
from remanence.data.composition_inputs import with_composition
from remanence.studies.table.mixing_response import lines_of, mixing_panels
from remanence.studies.table.response import response_panels
from remanence.training.fitted import Fitted

AMOUNTS = np.repeat([0.0, 0.05, 0.1, 0.2], 3)
FRAME = pd.DataFrame(
    {
        "What": [f"{1 - x:g}NBT–{x:g}BT" if x else "NBT" for x in AMOUNTS],
        "T": np.tile([1100.0, 1120.0, 1140.0], 4),
        "way": np.tile(["NS", "QS", "NS"], 4),
        "d33": 100 + 500 * AMOUNTS,
    }
)


class Linear:
    """A model that adds the fraction of barium and the other inputs."""

    def __init__(self, columns):
        self.weights = np.array([1000.0 if name == "Ba" else 0.1 if name == "T" else 0.0 for name in columns.inputs])

    def predict(self, x):
        return (x @ self.weights)[:, None]

    def half_width(self, x, predicted):
        return np.full_like(predicted, 5.0)


@pytest.mark.parametrize("columns", [Columns([], ["d33"]), Columns(["way", "T"], ["d33"], {"way": ["NS", "QS"]})])
def test_the_prediction_follows_the_amount_of_the_element_while_all_elements_change(columns):
    columns, _ = with_composition(columns, "What", {}, FRAME, "t.csv")
    x = columns.encode(FRAME, "t.csv")
    data = SimpleNamespace(columns=columns, x=x, y=FRAME[["d33"]].to_numpy(), column=FRAME.get)
    fitted = Fitted(model=Linear(columns), folds=[])

    (panel,) = mixing_panels(fitted, data, lines_of(data))[0]

    assert panel.feature_label == "Ba per formula unit: NBT to 0.8NBT – 0.2BT"
    assert (panel.grid[0], panel.grid[-1]) == pytest.approx((0, 0.2))
    others = 112 if columns.features else 0  # the mean temperature of the rows at each amount
    np.testing.assert_allclose(panel.predicted, 1000 * panel.grid / 2 + others, atol=1e-3)  # six decimals
    np.testing.assert_allclose(panel.measured_x, AMOUNTS)
    assert (panel.high - panel.predicted >= 5 - 1e-9).all()


def test_rows_on_a_mixing_line_have_the_groups_of_the_other_panels():
    columns, _ = with_composition(Columns(["way", "T"], ["d33"], {"way": ["NS", "QS"]}), "What", {}, FRAME, "t.csv")
    x = columns.encode(FRAME, "t.csv")
    data = SimpleNamespace(columns=columns, x=x, y=FRAME[["d33"]].to_numpy(), column=FRAME.get)
    fitted = Fitted(model=Linear(columns), folds=[])

    panels = [*response_panels(fitted, data)[0], *mixing_panels(fitted, data, lines_of(data))[0]]

    assert [panel.groups.tolist() for panel in panels] == [FRAME["way"].tolist()] * 2


def test_a_table_without_formulas_has_no_mixing_line():
    data = SimpleNamespace(columns=Columns(["T"], ["d33"]))

    assert mixing_panels(SimpleNamespace(), data, lines_of(data)) == [[]]
