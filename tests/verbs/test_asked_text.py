import numpy as np
import pytest

from remanence.data.columns import Columns
from remanence.studies.design.asked_inputs import parse_given, parse_over
from remanence.verbs.asked_text import asked_text

COLUMNS = Columns(["x", "T, hot", "a=b"], ["d33"], {}, composition="Component", elements=["Ba"])


def test_a_mapping_is_what_a_user_would_type():
    over = asked_text({"x": (0, 0.2, 0.1), "NBT:BT": (0, np.float64(0.1), 0.05), "T, hot": [1, np.int64(2)]})

    formulas, x, hot = parse_over(over, COLUMNS)
    assert (x.values, hot.values) == ([0, 0.1, 0.2], [1, 2])
    assert formulas.values == ["NBT", "0.95NBT-0.05BT", "0.9NBT-0.1BT"]
    assert parse_given(asked_text({"a=b": 1e-12, "Component": "0.94NBT-0.06BT"}), COLUMNS) == {
        "a=b": 1e-12,
        "Component": "0.94NBT-0.06BT",
    }


@pytest.mark.parametrize(("value", "text"), [("x=0:1", "x=0:1"), (3, "3"), (np.float64(0.5), "0.5"), (True, "True")])
def test_other_values_are_texts(value, text):
    assert asked_text(value) == text
