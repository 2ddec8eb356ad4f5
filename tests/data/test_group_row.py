import pytest

from remanence.data.group_row import header_row, names_below_groups
from remanence.data.header import RawRow

GROUPS = ["Sample", "Processing", None, "Properties", None]
NAMES = [None, "T_sint", "dwell", "d33", "eps"]
CERAMIC = ["A1", 1150, 2, 180, 900]


def rows(*cells):
    return [RawRow(number, row) for number, row in enumerate(cells, start=1)]


@pytest.mark.parametrize("looked_for", [[], ["d33"], ["Sample"], ["Sample", "d33"], ["D33", "T_sint"]])
@pytest.mark.parametrize("above", [[], [["Series of May", None, None, None, None]]])
@pytest.mark.parametrize("first", [None, "Sample"])
def test_the_names_are_those_below_the_groups(looked_for, above, first):
    top = rows(*above, GROUPS, [first, *NAMES[1:]], CERAMIC, CERAMIC)

    place, header = header_row(top, looked_for)

    assert (place, header.number) == (len(above) + 1, len(above) + 2)
    assert header.names == ["Sample", "T_sint", "dwell", "d33", "eps"]


@pytest.mark.parametrize(
    "cells",
    [
        [["Sample", "x", "d33"], ["A1", 0.1, 3], ["A2", 0.2, 4]],  # nothing is missing
        [["Sample", None, "d33"], ["-", "°C", "pC/N"], ["A2", 0.2, 4]],  # a row of units
        [["Sample", None, "d33"], ["A1", "high", 3], ["A2", 0.2, 4]],  # a row of values
        [["Sample", None, "d33"], ["A1", "low", "n.d."], ["A2", 2, 4]],  # one without values
        [["Sample", None, "remark"], ["A1", "low", "cracked"], ["A2", "high", "fine"]],  # no numbers below
        [["Sample", "T"], ["A1", None]],
        [["Sample", None, "d33"], ["A1", "low"]],
    ],
)
def test_a_column_without_a_name_makes_no_groups(cells):
    assert all(names_below_groups(rows(*cells), place) is None for place in range(len(cells)))
    assert header_row(rows(*cells), [])[0] == 0


def test_names_that_several_groups_have_begin_with_those_of_the_groups():
    groups = ["Sample", "Lot", "poled", None, "aged", None]
    top = rows(groups, [None, None, "d33", "T", "d33", "k"], ["A", "B", 1, 2, 3, 4])

    assert header_row(top, [])[1].names == ["Sample", "Lot", "poled d33", "T", "aged d33", "k"]


def test_a_title_is_the_name_of_no_column():
    top = rows(["Ceramics", None, None], [None, "x", "d33"], [0, 0.1, 3], [1, 0.2, 4])

    assert header_row(top, [])[1].names == ["", "x", "d33"]


def test_a_blank_row_ends_what_stands_above():
    top = [RawRow(1, ["by", "K. M.", None]), RawRow(3, [None, "x", "d33"]), RawRow(4, [0, 0.1, 3])]

    assert names_below_groups(top, 1) is None
