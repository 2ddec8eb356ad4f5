import os
import stat
from pathlib import Path

import pytest

from remanence.errors import ConfigurationError
from remanence.tracking import writable

SMALL = ("experiment=piezo/single", "data.replicates=4", "figures=brief", "trainer.max_epochs=2", "baselines=quick")


@pytest.fixture
def careful_user():
    """A user whose new files are his alone."""
    before = os.umask(0o077)
    yield
    assert os.umask(before) == 0o077


def kept_from_the_group(folder: Path) -> list[str]:
    wanted = {True: stat.S_IRWXG, False: stat.S_IRGRP | stat.S_IWGRP}
    found = [(path, path.stat().st_mode) for path in folder.rglob("*")]
    return [
        str(path.relative_to(folder)) for path, mode in found if mode & wanted[path.is_dir()] != wanted[path.is_dir()]
    ]


@pytest.mark.parametrize("added", [(), ("-m", "seed=0,1")], ids=["run", "sweep"])
def test_what_is_written_in_the_folder_of_a_group_can_be_written_by_the_group(
    command, tmp_path, monkeypatch, careful_user, unillustrated, added
):
    folder = tmp_path / "team" / "outputs"
    folder.parent.mkdir()
    folder.parent.chmod(0o2775)
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(folder))
    monkeypatch.setenv("REMANENCE_DATA_DIR", str(tmp_path / "cache"))

    result = command("train", *added, *SMALL)

    assert result.code == 0, result.err
    assert len(list(folder.rglob("*"))) > 20
    assert kept_from_the_group(folder) == []
    assert all(path.stat().st_mode & stat.S_ISGID for path in [folder, *folder.glob("*/")])


def test_a_folder_of_ones_own_stays_ones_own(tmp_path, careful_user):
    tmp_path.chmod(0o755)

    with writable.shared(tmp_path):
        (tmp_path / "mine").touch()

    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o600


def test_a_folder_like_tmp_belongs_to_no_group(tmp_path, careful_user):
    tmp_path.chmod(0o1777)

    with writable.shared(tmp_path / "outputs"):
        (tmp_path / "outputs").mkdir()

    assert stat.S_IMODE((tmp_path / "outputs").stat().st_mode) == 0o700


@pytest.fixture
def only_readable(monkeypatch):
    """Let a folder look as if somebody else had allowed to read in it only."""
    may = os.access

    def only(folder: Path) -> None:
        monkeypatch.setattr(
            os,
            "access",
            lambda path, mode: may(path, mode) and not (mode & os.W_OK and folder in [Path(path), *Path(path).parents]),
        )

    return only


@pytest.mark.parametrize("added", [(), ("-m", "seed=0,1")], ids=["run", "sweep"])
@pytest.mark.parametrize("which", ["", "runs"])
def test_whoever_may_not_write_is_told_whose_folder_it_is_and_what_to_set(
    command, outputs, only_readable, added, which
):
    (outputs / "runs").mkdir()
    only_readable(outputs / which)

    result = command("train", *added, *SMALL)

    assert result.code == 2
    (line,) = result.err.splitlines()
    folder = outputs / which if which else outputs
    assert line.startswith(
        f"remanence: error: paths.outputs: {folder} belongs to {folder.owner()}, group {folder.group()}"
    )
    assert line.endswith("to write, set REMANENCE_OUTPUTS=<a folder of your own>")
    assert list((outputs / "runs").iterdir()) == []
    assert not (outputs / "sweeps.db").exists()


def test_a_new_folder_is_asked_of_the_folder_above_it(tmp_path, only_readable):
    only_readable(tmp_path)

    with pytest.raises(ConfigurationError, match=f"^paths.outputs: {tmp_path} belongs to "):
        writable.check_outputs(tmp_path / "a" / "b")


def test_a_name_without_an_entry_is_a_number(tmp_path, only_readable, monkeypatch):
    def unknown(number: int) -> None:
        raise KeyError(number)

    only_readable(tmp_path)
    monkeypatch.setattr(writable.pwd, "getpwuid", unknown)
    monkeypatch.setattr(writable.grp, "getgrgid", unknown)

    with pytest.raises(ConfigurationError, match=rf"belongs to {os.getuid()}, group {tmp_path.stat().st_gid} \(drwx"):
        writable.check_outputs(tmp_path)
