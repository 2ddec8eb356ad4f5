"""Bundles of somebody else: a name never leads out, and sizes are bounded."""

import stat
import zipfile

import pytest

from remanence.errors import DamagedFile, DataError
from remanence.reproduction import bundle_file
from remanence.reproduction.bundle_file import open_bundle


@pytest.fixture
def bundle(tmp_path):
    """Write a zip file of names and contents."""

    def write(**contents):
        path = tmp_path / "foreign.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in {"bundle.json": "{}", **contents}.items():
                packed.writestr(name, content)
        return path

    return write


def refused(path):
    with pytest.raises(DamagedFile) as refusal, open_bundle(path):
        pass
    return str(refusal.value)


@pytest.mark.parametrize("name", ["../out.txt", "/etc/out.txt", "data/../../out.txt", "a\\..\\out.txt", "c:/out.txt"])
def test_a_name_that_leads_out_of_the_bundle_is_refused(bundle, name, tmp_path):
    message = refused(bundle(**{name: "x"}))

    assert message == f"{tmp_path}/foreign.zip: cannot be read: the name {name!r} in it leads out of the bundle"


def test_a_link_is_refused(bundle):
    path = bundle()
    with zipfile.ZipFile(path, "a") as packed:
        link = zipfile.ZipInfo("data/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc/passwd")

    assert refused(path).endswith("'data/link' in it is no plain file")


def test_a_name_that_stands_twice_is_refused(bundle):
    path = bundle()
    with zipfile.ZipFile(path, "a") as packed, pytest.warns(UserWarning, match=r"Duplicate"):
        packed.writestr("bundle.json", "{}")

    assert refused(path).endswith("'bundle.json' stands twice in it")


def test_sizes_and_numbers_of_files_are_bounded(bundle, monkeypatch):
    path = bundle(zeros="0" * 100_000, other="1")

    monkeypatch.setattr(bundle_file, "LONGEST_TEXT", 1000)
    with open_bundle(path) as opened:
        with pytest.raises(DamagedFile, match=r"zeros has 100000 bytes, more than any such file needs"):
            opened.text("zeros")
        assert opened.text("other") == "1"
    monkeypatch.setattr(bundle_file, "MOST_BYTES", 50_000)
    assert "unpacked it has 0.0 GB, more than" in refused(path)
    monkeypatch.setattr(bundle_file, "MOST_FILES", 2)
    assert refused(path).endswith("it holds 3 files, more than 2")


def test_what_is_no_bundle_is_one_line(bundle, tmp_path):
    text = tmp_path / "text.zip"
    text.write_text("no zip file")
    cut = tmp_path / "cut.zip"
    cut.write_bytes(bundle(zeros="0" * 1000).read_bytes()[:100])

    with pytest.raises(DataError, match=r"none.zip: no such file"), open_bundle(tmp_path / "none.zip"):
        pass
    assert refused(text).endswith("BadZipFile: File is not a zip file")
    assert refused(cut).endswith("BadZipFile: File is not a zip file")
    with open_bundle(bundle()) as opened, pytest.raises(DamagedFile, match=r"there is no metrics.json in it"):
        opened.values("metrics.json")


def test_a_file_is_written_where_the_reader_says_and_nothing_is_replaced(bundle, tmp_path):
    path, target = bundle(**{"data/0/mine.csv": "a,b\n"}), tmp_path / "target.csv"

    with open_bundle(path) as opened:
        opened.extract("data/0/mine.csv", target)
        with pytest.raises(FileExistsError):
            opened.extract("data/0/mine.csv", target)

    assert target.read_text() == "a,b\n"
