import pytest

from remanence.data.text_encoding import encoding_of
from remanence.errors import DataError

TEXT = "Größe,T (°C),d33 ± 5\n1,2,3\n"


@pytest.mark.parametrize(
    ("content", "encoding", "guessed"),
    [
        (TEXT.encode(), "utf-8", False),
        (TEXT.encode("utf-8-sig"), "utf-8-sig", False),
        (TEXT.encode("utf-16"), "utf-16", False),
        (TEXT.encode("utf-16-le"), "utf-16-le", True),
        (TEXT.encode("utf-16-be"), "utf-16-be", True),
        (TEXT.encode("latin-1"), "cp1252", True),
        ((TEXT + "–").encode("cp1252"), "cp1252", True),
        (TEXT.encode("latin-1") + b"\x81", "latin-1", True),
        (b"", "utf-8", False),
        (b"x,d33\n" + b"1,2\n" * 400_000 + "é".encode("latin-1"), "cp1252", True),
    ],
    ids=["utf-8", "mark", "utf-16", "le", "be", "latin-1", "dash", "undefined", "nothing", "far down"],
)
def test_the_encoding_is_found_by_the_bytes(tmp_path, content, encoding, guessed):
    (tmp_path / "t.csv").write_bytes(content)

    assert encoding_of(tmp_path / "t.csv", None) == (encoding, guessed)


def test_an_encoding_that_is_given_is_checked(tmp_path):
    (tmp_path / "t.csv").write_bytes(TEXT.encode("latin-1"))

    assert encoding_of(tmp_path / "t.csv", "latin-1") == ("latin-1", False)
    with pytest.raises(DataError, match=r"t\.csv: data\.encoding=ascii: the file is written otherwise: 'ascii' codec"):
        encoding_of(tmp_path / "t.csv", "ascii")


def test_a_mark_at_the_beginning_of_utf_8_is_no_part_of_the_first_name(tmp_path):
    (tmp_path / "t.csv").write_bytes(TEXT.encode("utf-8-sig"))

    assert encoding_of(tmp_path / "t.csv", "UTF8") == ("utf-8-sig", False)
