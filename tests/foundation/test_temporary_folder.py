import tempfile

import pytest

from remanence.foundation.temporary_folder import PREFIX, temporary_folder
from remanence.foundation.whole_file import host_mark


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder in which temporary ones are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_it_is_there_until_nobody_holds_it(place):
    folder = temporary_folder()
    assert [str(path) for path in place.iterdir()] == [folder.name]

    del folder

    assert list(place.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next(place):
    left = place / f"{PREFIX}left{host_mark()}"  # the lock ends with the process
    (left / "deeper").mkdir(parents=True)
    (left / "deeper" / "file").write_text("half of it")

    with temporary_folder() as folder:
        assert [str(path) for path in place.iterdir()] == [folder]


def test_what_a_process_that_lives_uses_stays(place):
    with temporary_folder() as first, temporary_folder() as second:
        assert {str(path) for path in place.iterdir()} == {first, second}


@pytest.mark.parametrize("name", [f"{PREFIX}left@another-machine", f"{PREFIX}mine", "tmp123", f"else{host_mark()}"])
def test_what_is_of_another_machine_or_of_somebody_else_stays(place, name):
    (place / name).mkdir()

    with temporary_folder():
        assert (place / name).is_dir()


def test_a_link_with_such_a_name_is_not_followed(place, tmp_path_factory):
    (elsewhere := tmp_path_factory.mktemp("elsewhere") / "file").write_text("kept")
    (place / f"{PREFIX}link{host_mark()}").symlink_to(elsewhere.parent)

    with temporary_folder():
        assert elsewhere.read_text() == "kept"
