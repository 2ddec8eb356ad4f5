import os
import re
from pathlib import Path

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


@pytest.mark.parametrize("name", ["in.csv", "./in.csv", "hard.csv", "soft.csv", "folder/in.csv"])
@pytest.mark.parametrize("given", ["in.csv", "soft.csv", "."])
def test_an_input_is_known_under_whatever_name(tmp_path, monkeypatch, name, given):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text("x")
    (tmp_path / "hard.csv").hardlink_to("in.csv")
    (tmp_path / "soft.csv").symlink_to("in.csv")
    (tmp_path / "folder").symlink_to(".")
    (tmp_path / "nowhere.csv").symlink_to("missing")

    with pytest.raises(DataError, match=rf"^output: {re.escape(name.removeprefix('./'))} is the input, .*: {given}$"):
        check_output(name, inputs=["first.csv", given])

    (tmp_path / "copy.csv").write_text("x")
    check_output("copy.csv", inputs=["in.csv"])
    check_output("new.csv", inputs=["in.csv", "."])


def test_what_is_protected_is_known_before_the_work(tmp_path, monkeypatch):
    (tmp_path / "a.csv").touch()
    with monkeypatch.context() as patched:
        patched.setattr(os, "access", lambda path, mode: Path(path) != tmp_path / "a.csv")
        with pytest.raises(DataError, match=r"a\.csv: cannot be written: it is write-protected$"):
            check_output(tmp_path / "a.csv")
        check_output(tmp_path / "b.csv")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)

    for name in ("a.csv", "b.csv"):
        with pytest.raises(DataError, match=rf"{name}: cannot be written: the folder .* is write-protected$"):
            check_output(tmp_path / name)


def test_what_a_writer_raises_is_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"^a\.csv: cannot be written: Permission denied$"), writing("a.csv"):
        raise PermissionError(13, "Permission denied", "a.csv")
    with pytest.raises(DataError, match=r"^a\.csv: cannot be written: first$"), writing("a.csv"):
        raise ValueError("first\nsecond")
