import pytest

from remanence.data.header import RawRow, has_names, header_place


def rows(*cells):
    return [RawRow(number, row) for number, row in enumerate(cells, start=1)]


@pytest.mark.parametrize(
    ("cells", "looked_for", "place"),
    [
        ([["x", "d33"], [1, 2]], [], 0),
        ([["NBT-BT 2026", None, None], ["x", "T", "d33"], [1, 2, 3], [4, 5, 6]], [], 1),
        ([["by", "K. M.", None, None, None], ["x", "T", "d33", "eps", "rho"], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]], [], 1),
        ([["a", "remark", "of", "any", "length"], ["x", "T"], [1, 2], [3, 4]], [], 1),
        ([["x"], [1], [2]], [], 0),
        ([["x", "note"], [1, None], [2, None], [3, None]], [], 0),
        ([["x", "d33"], ["mol%", "pC/N"], [1, 2]], ["d33"], 0),
        ([["d33 of", "x"], ["x", "d33"], [1, 2]], ["x", "d33"], 1),
        ([["d33", "and more"], ["x", "d33 (pC/N)"], [1, 2]], ["x", "D33"], 1),
        ([["x", "T"], [1, 2]], ["eps"], 0),
    ],
)
def test_the_header_is_the_row_of_names(cells, looked_for, place):
    assert header_place(rows(*cells), looked_for) == place


def test_names_are_recognised_without_their_units():
    (row,) = rows(["T_Sint [°C]", "# d33, pC/N", None])

    assert row.names == ["T_Sint [°C]", "d33, pC/N", ""]
    assert has_names(row, ["t_sint", "d33"], loosely=True)
    assert not has_names(row, ["T_Sint"])
    assert has_names(row, ["d33, pC/N"])
