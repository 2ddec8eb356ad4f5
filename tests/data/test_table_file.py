import hashlib

import pandas as pd
import pytest
from openpyxl import Workbook

from remanence.data.table_file import digest_of, read_table, write_table
from remanence.errors import DataError

FRAME = pd.DataFrame(
    {
        "sample": ["NBBT6, quenched", "NBBT10", "Größe 5"],
        "x": [0.06, 0.1, 0.15],
        "kind": ["None", "NA", "Bi"],
        "d33 (pC/N)": [188.5, 179, -3.25],
    }
)
CELLS = [[str(cell) for cell in row] for row in FRAME.astype(object).values.tolist()]
NAMED = list(FRAME.columns)

COMMA = """sample,x,kind,d33 (pC/N)
"NBBT6, quenched",0.06,None,188.5
NBBT10,0.1,NA,179.0
Größe 5,0.15,Bi,-3.25
"""
TEXTS = {
    "comma": ("t.csv", COMMA),
    "semicolon": ("t.csv", COMMA.replace('"NBBT6, quenched"', "NBBT6_ quenched").replace(",", ";").replace("_", ",")),
    "tab": ("t.tsv", COMMA.replace('"NBBT6, quenched"', "NBBT6_ quenched").replace(",", "\t").replace("_", ",")),
    "tab in txt": ("t.txt", COMMA.replace('"NBBT6, quenched"', "NBBT6_ quenched").replace(",", "\t").replace("_", ",")),
    "byte order mark": ("t.csv", "\ufeff" + COMMA),
    "all quoted": ("t.csv", "\n".join('"' + '","'.join(row) + '"' for row in [NAMED, *CELLS])),
    "blank lines": ("t.csv", "\n" + COMMA.replace("\n", "\n\n,,,\n\n") + "\n\n"),
    "windows line ends": ("t.csv", COMMA.replace("\n", "\r\n")),
    "spaces around names": ("t.csv", COMMA.replace("sample,x,", " sample , x,")),
    "no newline at the end": ("t.csv", COMMA.rstrip("\n")),
    "upper case ending": ("T.CSV", COMMA),
}


def text_of(frame):
    return [[str(cell) for cell in row] for row in frame.to_numpy(dtype=object).tolist()]


def numbers_as_read(cells):
    """A whole number loses its point in a workbook."""
    return [[cell.removesuffix(".0") for cell in row] for row in cells]


@pytest.mark.parametrize(("name", "text"), TEXTS.values(), ids=TEXTS)
def test_text_tables_give_the_same_cells_however_they_are_written(tmp_path, name, text):
    path = tmp_path / name
    path.write_bytes(text.encode())

    frame = read_table(path, NAMED)

    assert list(frame.columns) == NAMED
    assert text_of(frame) == CELLS


@pytest.mark.parametrize("ending", [".csv", ".txt", ".tsv", ".xlsx", ".parquet"])
def test_what_was_written_is_read_back_in_every_format(tmp_path, ending):
    path = tmp_path / f"Größe = 5 µm{ending}"

    write_table(FRAME, path)
    frame = read_table(path, NAMED)

    assert list(frame.columns) == NAMED
    assert numbers_as_read(text_of(frame)) == numbers_as_read(CELLS)


@pytest.mark.parametrize("quoted", ['"d33, pC/N";x', '"d33, pC/N"\tx', '"d33; pC/N",x', '"a, b, c";"d33, pC/N";x'])
def test_a_delimiter_inside_a_quoted_name_does_not_count(tmp_path, quoted):
    path = tmp_path / "t.csv"
    path.write_text(quoted + "\n" + quoted.replace("x", "0.06") + "\n")

    assert read_table(path, ["x"])["x"].tolist() == ["0.06"]


def test_a_table_of_one_column_needs_no_delimiter(tmp_path):
    (tmp_path / "t.csv").write_text("x\n1\n2\n")

    assert read_table(tmp_path / "t.csv", ["x"])["x"].tolist() == ["1", "2"]


def test_a_workbook_keeps_blank_rows_and_other_sheets_out(tmp_path):
    book = Workbook()
    for row in [[], ["x", "d33", None], [0.02, 120], [None, None], [0.06, 188, "remark"]]:
        book.active.append(row)
    book.create_sheet().append(["x", "x"])
    book.save(tmp_path / "t.xlsx")

    frame = read_table(tmp_path / "t.xlsx", ["x", "d33"])

    assert frame[["x", "d33"]].to_numpy().tolist() == [[0.02, 120], [0.06, 188]]


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_rows_are_known_by_their_place_in_the_file(tmp_path, ending):
    path = tmp_path / f"t{ending}"
    write_table(pd.DataFrame({"x": [1, None, 3], "y": [4, None, 6]}), path)

    assert read_table(path, ["x"]).index.tolist() == [0, 2]


def test_columns_without_a_role_may_repeat_and_hold_anything(tmp_path):
    (tmp_path / "t.csv").write_text("x,remark,remark,,d33\n1,a,,b,2\n")

    assert read_table(tmp_path / "t.csv", ["x", "d33"])[["x", "d33"]].to_numpy().tolist() == [["1", "2"]]


@pytest.mark.parametrize(
    ("name", "reason"), [("t.docx", "cannot write '.docx'"), ("t", "cannot write ''"), ("no/t.csv", "does not exist")]
)
def test_a_table_that_cannot_be_written_names_the_place(tmp_path, name, reason):
    with pytest.raises(DataError, match=reason) as caught:
        write_table(FRAME, tmp_path / name)

    assert str(caught.value).startswith(str(tmp_path / name))
    assert not list(tmp_path.iterdir())


def test_the_digest_is_the_sha256_of_the_bytes(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(COMMA.encode())

    assert digest_of(path) == hashlib.sha256(COMMA.encode()).hexdigest()
