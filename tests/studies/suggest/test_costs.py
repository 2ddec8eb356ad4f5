import numpy as np
import pandas as pd
import pytest

from remanence.data.columns import Columns
from remanence.errors import ConfigurationError
from remanence.studies.suggest.costs import columns_of_cost, costs_of

COLUMNS = Columns(
    ["T_sint", "process"],
    ["d33"],
    {"process": ["NS", "QS"]},
    composition="what",
    elements=["Ba", "Bi", "Na", "Ta", "Ti"],
)
ROWS = pd.DataFrame(
    {"price": ["3", 4.0], "what": ["BaTiO3", "0.5BaTiO3-0.5KTaO3"], "T_sint": [1100.0, 1200.0], "process": ["NS", "QS"]}
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("price", [3, 4]),
        ("2*price+1", [7, 9]),
        ("1+20*Ta", [1, 11]),
        ("0.01*T_sint", [11, 12]),
        ('1+2*"process=QS"', [1, 3]),
    ],
)
def test_a_cost_is_a_sum_of_columns_inputs_categories_and_amounts_of_elements(text, expected):
    np.testing.assert_allclose(costs_of(text, ROWS, COLUMNS), expected)


def test_the_names_of_a_sum_are_the_columns_to_keep():
    assert columns_of_cost('1+2*price+"a b"') == ["price", "a b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1+20*Tb", "cost: 'Tb' is neither a column of candidates=, nor a number, category or element of the run"),
        ("1-Ta-Ba", "cost: must be above 0, but '1-Ta-Ba' is 0 for T_sint=1100.0, process=NS, what=BaTiO3"),
        ("1+*Ta", "cost: expected such as 'price', a column of candidates=, or '1\\+20\\*Ta', got"),
    ],
)
def test_a_cost_that_cannot_be_read_or_is_not_above_0_is_refused(text, message):
    with pytest.raises(ConfigurationError, match=message):
        costs_of(text, ROWS, COLUMNS)


def test_a_price_that_is_no_number_is_named():
    with pytest.raises(ConfigurationError, match="cost: column 'price' has 'dear', which is not a number"):
        costs_of("price", ROWS.assign(price=["3", "dear"]), COLUMNS)
