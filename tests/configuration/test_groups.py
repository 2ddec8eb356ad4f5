import pytest

from remanence.configuration.choices import choices
from remanence.configuration.folder import conf_folder
from remanence.configuration.groups import choices_of_groups

GROUPS = choices_of_groups([conf_folder()])


@pytest.mark.parametrize("group", GROUPS)
def test_every_choice_describes_itself_in_one_line(group):
    for choice in GROUPS[group]:
        assert 10 < len(choice.about) < 180, f"{choice.file}: its first comment should say in a line what it is"
        assert "\n" not in choice.about


def test_the_choices_are_those_that_hydra_takes():
    assert [choice.name for choice in GROUPS["experiment"]] == choices(conf_folder() / "experiment")
    assert "piezo/_base" not in {choice.name for choice in GROUPS["experiment"]}
    assert [choice.name for choice in GROUPS["data/split"]] == choices(conf_folder() / "data" / "split")
    assert not any("/" in choice.name for choice in GROUPS["model"])


def test_the_package_comes_before_a_users_file_of_the_same_name(tmp_path):
    for name in ("dnn", "mine"):
        (tmp_path / "model").mkdir(exist_ok=True)
        (tmp_path / "model" / f"{name}.yaml").write_text("# My own network.\n_target_: mine.Net\n")

    found = {choice.name: choice.about for choice in choices_of_groups([conf_folder(), tmp_path])["model"]}

    assert found["mine"] == "My own network."
    assert found["dnn"].startswith("The paper's network.")
