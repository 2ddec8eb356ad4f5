from pathlib import Path

import pytest

from remanence.configuration.folder import conf_folder
from remanence.configuration.search_path import check_folders, conf_folders
from remanence.errors import ConfigurationError


@pytest.mark.parametrize(
    ("argument", "own"),
    [
        ("hydra.searchpath=[file://mylab/conf]", ["mylab/conf"]),
        ("+hydra.searchpath=['file:///a b/conf',file://c]", ["/a b/conf", "c"]),
        ("hydra.searchpath=[pkg://mylab.conf]", []),
        ("data.path=file://x", []),
    ],
)
def test_the_users_folders_stand_behind_that_of_the_package(argument, own):
    assert conf_folders(["model=mine", argument]) == [conf_folder(), *map(Path, own)]


def test_a_folder_that_is_not_there_is_named():
    with pytest.raises(
        ConfigurationError, match=r"^hydra.searchpath: no folder nowhere; expected \[file://<folder>\]$"
    ):
        check_folders([conf_folder(), Path("nowhere")])
