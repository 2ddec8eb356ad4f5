import pytest

from remanence.data.output_file import check_output, writing
from remanence.errors import DataError


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("out.docx", r"out\.docx: cannot write '\.docx'; expected \.csv or \.xlsx"),
        ("no/out.csv", r"no/out\.csv: the folder .*/no does not exist"),
        ("folder.csv", r"folder\.csv: is a folder; name a file"),
    ],
)
def test_a_place_where_nothing_can_be_written_is_refused(tmp_path, name, reason):
    (tmp_path / "folder.csv").mkdir()

    with pytest.raises(DataError, match=reason):
        check_output(tmp_path / name, (".csv", ".xlsx"))

    check_output(tmp_path / "OUT.CSV", (".csv", ".xlsx"))


def test_what_a_writer_raises_is_one_line():
    with pytest.raises(DataError, match=r"^a\.csv: cannot be written: Permission denied$"), writing("a.csv"):
        raise PermissionError(13, "Permission denied", "a.csv")
    with pytest.raises(DataError, match=r"^a\.csv: cannot be written: first$"), writing("a.csv"):
        raise ValueError("first\nsecond")
