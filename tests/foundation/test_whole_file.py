import errno
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from remanence.foundation import whole_file as module
from remanence.foundation.whole_file import LOCK, whole_file, write_text

KILLED = """
import os, signal, sys
from remanence.foundation.whole_file import whole_file

with whole_file(sys.argv[1]) as unfinished:
    unfinished.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed_while_writing(path: Path) -> Path:
    """Write ``path`` in a process that is killed meanwhile, and return the folder that it has left over."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = (each for each in path.parent.iterdir() if each.is_dir())
    assert (left / path.name).read_text() == "half"
    return left


def test_a_file_appears_when_the_block_ends_and_not_before(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old")

    with whole_file(path) as unfinished:
        unfinished.write_text("new")
        assert (path.read_text(), unfinished.name) == ("old", "a.csv")

    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("no"), OSError(errno.ENOSPC, "full")])
def test_a_block_that_fails_leaves_the_earlier_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "a.csv"
    path.write_text("old")

    def write_half():
        with whole_file(path) as unfinished:
            unfinished.write_text("half")
            raise error

    with pytest.raises(type(error)):
        write_half()

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_file_and_folder_are_on_the_disk_before_and_after_the_file_gets_its_name(tmp_path, monkeypatch):
    path, synced = tmp_path / "a.csv", []
    real = os.fsync

    def fsync(descriptor):
        synced.append((os.readlink(f"/proc/self/fd/{descriptor}").rpartition("/")[2], path.exists()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    write_text(path, "new")

    assert synced == [("a.csv", False), (tmp_path.name, True)]


def test_a_disk_that_is_full_only_when_the_file_is_brought_to_it_leaves_the_earlier_file(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("old")

    def fsync(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="No space left on device") as raised:
        write_text(path, "new")

    assert raised.value.filename == str(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_names_the_file_and_not_the_temporary_one(tmp_path):
    path = tmp_path / "a.csv"

    with pytest.raises(FileNotFoundError) as raised, whole_file(path):
        pass  # nothing was written
    assert raised.value.filename == str(path)
    with pytest.raises(FileNotFoundError) as raised:
        write_text(tmp_path / "no" / "a.csv", "new")
    assert raised.value.filename == str(tmp_path / "no" / "a.csv")
    with pytest.raises(FileNotFoundError) as raised, whole_file(path):
        (tmp_path / "input.csv").read_text()
    assert raised.value.filename == str(tmp_path / "input.csv")


@pytest.mark.parametrize("mode", [0o600, 0o664])
def test_the_mode_of_the_earlier_file_is_kept(tmp_path, mode):
    path = tmp_path / "a.csv"
    path.write_text("old")
    path.chmod(mode)

    write_text(path, "new")

    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_protected_file_is_not_replaced(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("old")
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)

    with pytest.raises(PermissionError) as raised:
        write_text(path, "new")

    assert (raised.value.filename, path.read_text()) == (str(path), "old")


def test_a_new_file_has_the_mode_of_any_new_file(tmp_path):
    (tmp_path / "plain").touch()

    write_text(tmp_path / "a.csv", "new")

    assert (tmp_path / "a.csv").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_symbolic_link_stays_and_its_target_is_written(tmp_path):
    (tmp_path / "disk").mkdir()
    path, target = tmp_path / "a.csv", tmp_path / "disk" / "b.csv"
    path.symlink_to(Path("disk") / "b.csv")

    for text in ("first", "second"):  # at first the target does not exist
        write_text(path, text)
        assert (path.is_symlink(), target.read_text()) == (True, text)

    assert list(target.parent.iterdir()) == [target]


def test_a_pipe_is_written_to(tmp_path):
    path, read = tmp_path / "a.csv", []
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: read.append(path.read_text()))
    reader.start()

    write_text(path, "new")
    reader.join()

    assert read == ["new"]
    assert stat.S_ISFIFO(path.stat().st_mode)


@pytest.mark.parametrize("name", ["a" * 251 + ".csv", "ü" * 125 + ".csv", "[a] *?.csv"])
def test_a_name_may_be_as_long_and_as_odd_as_the_disk_allows(tmp_path, name):
    left = killed_while_writing(tmp_path / name)

    write_text(tmp_path / name, "new")

    assert not left.exists()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_a_killed_process_has_left_over_is_removed_by_the_next_that_writes_the_file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old")
    left = killed_while_writing(path)
    assert path.read_text() == "old"

    write_text(tmp_path / "b.csv", "another file")
    assert left.exists()
    write_text(path, "new")

    assert not left.exists()
    assert path.read_text() == "new"


def test_what_a_living_process_writes_is_left_alone(tmp_path):
    path = tmp_path / "a.csv"

    with whole_file(path) as first:
        first.write_text("first")
        with whole_file(path) as second:
            second.write_text("second")
        assert path.read_text() == "second"

    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_what_another_machine_writes_is_left_over_after_a_day_of_silence(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    with monkeypatch.context() as patched:
        patched.setattr(socket, "gethostname", lambda: "another")
        left, lock = module._new_folder(path)
    os.close(lock)  # the other machine holds it, but some network disks do not show that to this one

    write_text(path, "new")
    assert left.exists()
    os.utime(left / LOCK, (0, 0))
    write_text(path, "new")

    assert not left.exists()


def test_what_is_not_ours_is_not_removed(tmp_path):
    path = tmp_path / "a.csv"
    mine = tmp_path / f".a.csv.part-mine@{socket.gethostname()}"
    mine.mkdir()
    (mine / "notes.txt").write_text("notes")
    (tmp_path / f".a.csv.part-file@{socket.gethostname()}").write_text("a file")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / LOCK).touch()
    (tmp_path / f".a.csv.part-link@{socket.gethostname()}").symlink_to(elsewhere)

    write_text(path, "new")

    assert (mine / "notes.txt").read_text() == "notes"
    assert len(list(tmp_path.iterdir())) == 5
    assert (elsewhere / LOCK).exists()


def test_a_process_whose_folder_is_taken_for_left_over_before_it_has_its_lock_makes_another(tmp_path, monkeypatch):
    path, real, cleaned = tmp_path / "a.csv", module.tempfile.mkdtemp, []

    def mkdtemp(*args, **named):
        made = real(*args, **named)
        if not cleaned:
            cleaned.append(made)
            module.remove_left_overs(path)
        return made

    monkeypatch.setattr(module.tempfile, "mkdtemp", mkdtemp)
    write_text(path, "new")

    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_without_locks_is_written_to_and_nothing_is_removed_there(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    left = killed_while_writing(path)

    def flock(descriptor, operation):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(module.fcntl, "flock", flock)
    write_text(path, "new")

    assert path.read_text() == "new"
    assert sorted(tmp_path.iterdir()) == sorted([left, path])
