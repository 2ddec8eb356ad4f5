"""Folders that appear whole or not at all."""

import os

import pytest

from remanence.foundation.whole_file import LOCK, host_mark, left_overs, whole_folder


def test_a_folder_appears_when_the_block_ends_and_not_before(tmp_path):
    place = tmp_path / "model"

    with whole_folder(place) as unfinished:
        (unfinished / "scale").mkdir()
        (unfinished / "scale" / "weights").write_text("1")
        assert not place.exists()

    assert (place / "scale" / "weights").read_text() == "1"
    assert list(tmp_path.iterdir()) == [place]


def test_an_empty_folder_is_filled_and_no_other_is(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()

    with whole_folder(tmp_path / "empty") as unfinished:
        (unfinished / "a").touch()
    with pytest.raises(FileExistsError), whole_folder(tmp_path / "full"):
        pass

    assert [path.name for path in (tmp_path / "empty").iterdir()] == ["a"]
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("no")])
def test_a_block_that_fails_leaves_nothing(tmp_path, error):
    def write():
        with whole_folder(tmp_path / "model") as unfinished:
            (unfinished / "scale").mkdir()
            (unfinished / "scale" / "weights").touch()
            raise error

    with pytest.raises(type(error)):
        write()

    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_has_left_is_listed_and_removed_by_the_next(tmp_path):
    left = tmp_path / f".model.part-abc{host_mark()}"
    (left / "model" / "scale").mkdir(parents=True)
    (left / "model" / "scale" / "weights").touch()
    (left / LOCK).touch()

    assert [path.name for path in left_overs(tmp_path)] == ["weights", LOCK]
    with whole_folder(tmp_path / "model"):
        pass

    assert os.listdir(tmp_path) == ["model"]
