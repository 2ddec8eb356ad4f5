import pytest

from remanence.data.table_format import TableFormat
from remanence.data.text_rows import TextRows


def separator(path, text, looked_for=()):
    path.write_text(text)
    return TextRows(path, TableFormat(), looked_for).separator


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x,d33\n1,2\n", ","),
        ("x;y;d33\n1,5;2,5;3,5\n1,5;2,5;3,5\n", ";"),
        ("x\ty\td33\n1\t2\t3\n", "\t"),
        ("x|d33\n1|2\n", "|"),
        ("a title, of a table, in words\nx;d33\n1;2\n3;4\n", ";"),
        ('"d33, pC/N";x\n1;2\n', ";"),
        ("x   d33\n1.5   2\n2.5  12\n 3.5 112\n", " "),
        ("sample\nNBBT6 quenched\nNBBT6 slow\nNBBT7\n", ","),
        ("x\n1\n2\n3\n", ","),
        ("", ","),
    ],
)
def test_the_separator_is_found(tmp_path, text, found):
    assert separator(tmp_path / "t.txt", text) == found


def test_the_names_that_are_looked_for_decide(tmp_path):
    text = "x,y;d33\n1,2;3\n2,3;4\n"

    assert separator(tmp_path / "t.txt", text, ["x,y", "d33"]) == ";"
    assert separator(tmp_path / "t.txt", text, ["x"]) == ","


def test_a_name_without_its_unit_does_not_make_blanks_the_separator(tmp_path):
    path = tmp_path / "t.txt"
    path.write_text("No.\tx\tT_sint (°C)\td33 (pC/N)\n1\t0\t1100\t72\n2\t1\t1100\t80\n", encoding="utf-8")

    assert TextRows(path, TableFormat(), ["x", "T_sint", "d33"]).separator == "\t"
