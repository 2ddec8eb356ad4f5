import hashlib
import zipfile
from pathlib import Path

import pytest

from remanence.data import published
from remanence.errors import DataError
from remanence.reproduction import found_data
from remanence.reproduction.bundle_file import open_bundle
from remanence.reproduction.found_data import find_data
from remanence.reproduction.original import Original, Read


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def original(location: Path, *files: Path | str, key: str = "path", packed=(), **data) -> Original:
    """Return a run that has read files at a location, or in a folder."""
    read = [
        Read(Path(file).name, str(file), digest(b"1,2\n"), "local", packed[number] if packed else None)
        for number, file in enumerate(files or [location])
    ]
    config = {
        "data": {"_target_": "remanence.data.table.Table", key: None if location is None else str(location), **data}
    }
    return Original("0" * 32, "mine", config, {}, "", "", None, tuple(read))


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "first" / "mine.csv"
    path.parent.mkdir()
    path.write_bytes(b"1,2\n")
    return path


@pytest.fixture
def bundle(tmp_path):
    """A bundle with two files of data, the second of which is not what it says."""
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("data/0/mine.csv", "1,2\n")
        packed.writestr("data/1/mine.csv", "3,4\n")
    with open_bundle(path) as opened:
        yield opened


def test_a_file_that_is_where_it_was_is_taken_from_there(csv, tmp_path):
    assert find_data(original(csv), {}, None, tmp_path / "new") == ({"data.path": str(csv)}, [])


def test_a_run_that_names_no_file_needs_none(tmp_path):
    assert find_data(original(None, "/cache/a.csv"), {}, None, tmp_path) == ({}, [])


def test_a_file_that_the_user_names_is_taken_if_it_has_the_same_content(csv, tmp_path):
    elsewhere = tmp_path / "moved.csv"
    csv.rename(elsewhere)

    found, lines = find_data(original(csv), {"data.path": str(elsewhere)}, None, tmp_path / "new")

    assert (found, lines) == ({"data.path": str(elsewhere)}, [])
    elsewhere.write_text("3,4\n")
    with pytest.raises(DataError, match=r"data.path: .*moved.csv is not what run 0{32} has read: SHA-256 \w{12}… is"):
        find_data(original(csv), {"data.path": str(elsewhere)}, None, tmp_path / "new")


def test_a_file_that_is_gone_or_changed_is_taken_from_the_bundle(csv, bundle, tmp_path):
    csv.write_text("5,6\n")

    found, (line,) = find_data(original(csv, packed=["data/0/mine.csv"]), {}, bundle, tmp_path / "new")

    assert Path(found["data.path"]).read_text() == "1,2\n"
    assert Path(found["data.path"]).is_relative_to(tmp_path / "new")
    assert line == f"{csv} is taken from {found['data.path']}: the same SHA-256"
    assert csv.read_text() == "5,6\n"


def test_a_file_that_is_nowhere_is_one_line_with_the_key_to_give(csv, bundle, tmp_path):
    csv.unlink()

    with pytest.raises(
        DataError, match=r"mine.csv: is not there as run 0{32} read it .*; give data.path=<where it is now>"
    ):
        find_data(original(csv), {}, None, tmp_path / "new")
    with pytest.raises(DataError, match=r"is not there or in .*bundle.zip"):
        find_data(original(csv), {}, bundle, tmp_path / "new")
    with pytest.raises(DataError, match=r"data/1/mine.csv in it has not the SHA-256 that it names"):
        find_data(original(csv, packed=["data/1/mine.csv"]), {}, bundle, tmp_path / "new")


def test_a_folder_is_put_together_from_the_bundle_and_nothing_leaves_it(bundle, tmp_path):
    gone = Path("/gone/folder")
    files, packed = [gone / "a.npy", gone / "b" / "c.npy"], ["data/0/mine.csv", "data/0/mine.csv"]

    found, _ = find_data(original(gone, *files, key="dir", packed=packed), {}, bundle, tmp_path / "new")

    assert (Path(found["data.dir"]) / "b" / "c.npy").read_text() == "1,2\n"
    foreign = original(gone, "/gone/folder/../../out.npy", key="dir", packed=packed)
    with pytest.raises(DataError, match=r"leads out of"):
        find_data(foreign, {}, bundle, tmp_path / "other")


def test_a_published_file_comes_from_the_cache(csv, tmp_path, monkeypatch):
    entry = published.PUBLISHED["piezo/knn_d33_train.csv"]
    monkeypatch.setattr(found_data, "fetch", lambda name: tmp_path / "cache" / name)
    read = (Read("knn.csv", "/gone/knn.csv", entry.sha256, "local"),)
    config = {"data": {"_target_": "remanence.data.table.Table", "path": "/gone/knn.csv"}}

    found, _ = find_data(Original("0" * 32, "mine", config, {}, "", "", None, read), {}, None, tmp_path / "new")

    assert found == {"data.path": str(tmp_path / "cache" / "piezo/knn_d33_train.csv")}


def test_own_copies_of_files_that_were_fetched_are_checked_by_their_names(csv, tmp_path):
    fetched = original(None, "/cache/beps/mine.csv", key="dir")

    found, _ = find_data(fetched, {"data.dir": str(csv.parent)}, None, tmp_path / "new")

    assert found == {"data.dir": str(csv.parent)}
    with pytest.raises(DataError, match=r"mine.csv: no such file"):
        find_data(fetched, {"data.dir": str(tmp_path)}, None, tmp_path / "new")
    with pytest.raises(DataError, match=r"data.image: run 0{32} has no such key; it takes data.dir"):
        find_data(fetched, {"data.image": str(csv)}, None, tmp_path / "new")


def test_a_location_that_was_recorded_for_a_copy_is_that_of_the_file_with_its_name(csv, bundle, tmp_path):
    location = tmp_path / "second" / "mine.csv"
    read = original(location, csv, packed=["data/0/mine.csv"])

    found, (line,) = find_data(read, {}, bundle, tmp_path / "new")

    assert Path(found["data.path"]).read_text() == "1,2\n"
    assert line == f"{location} is taken from {found['data.path']}: the same SHA-256"
