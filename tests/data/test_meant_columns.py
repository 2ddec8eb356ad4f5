import pytest

from remanence.data.meant_columns import MeantColumns
from remanence.errors import DataError

HEADER = ["Component", "T (°C)", "d33 (pC/N)", "d33 (pm/V)"]


def test_names_are_found_without_their_units():
    named = MeantColumns(targets=["d33 (pC/N)"], composition="Component", features=["T"]).found_in(HEADER, "t.csv")

    assert named.names == ["d33 (pC/N)", "Component", "T (°C)"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("d33", r"t.csv: 'd33' can be several columns: d33 \(pC/N\), d33 \(pm/V\)"),
        ("component", r"t.csv: no column 'component' in Component, T \(°C\), .*; did you mean 'Component'\?"),
    ],
)
def test_a_name_without_a_column_of_its_own_is_refused(name, message):
    with pytest.raises(DataError, match=message):
        MeantColumns(features=[name]).found_in(HEADER, "t.csv")
