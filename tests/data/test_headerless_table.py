import pytest

from remanence.data.cells import numbers
from remanence.data.headerless_table import read_headerless
from remanence.errors import DataError


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "bare.csv"
    path.write_text("1,1,a\n3,4,b\n\n5,6,c\n")
    return path


def test_the_first_row_is_a_row(path):
    frame = read_headerless(path, ["x", "y", "kind"])

    assert list(frame.columns) == ["x", "y", "kind"]
    assert numbers(frame, "x", "bare.csv").tolist() == [1, 3, 5]
    assert frame["kind"].tolist() == ["a", "b", "c"]


@pytest.mark.parametrize(("line", "row"), [(0, 1), (1, 2), (3, 4)])
def test_rows_are_counted_from_the_first_line(path, line, row):
    lines = path.read_text().splitlines()
    lines[line] = "one" + lines[line][1:]
    path.write_text("\n".join(lines))

    with pytest.raises(DataError, match=rf"^bare.csv: row {row}, column 'x' is not a number: 'one'$"):
        numbers(read_headerless(path, ["x", "y", "kind"]), "x", "bare.csv")


def test_another_number_of_columns_is_an_error(path):
    with pytest.raises(DataError, match=r"bare.csv: has 3 columns; expected 2 without a header$"):
        read_headerless(path, ["x", "y"])
