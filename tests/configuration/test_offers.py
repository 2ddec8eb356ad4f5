import pytest

from remanence.configuration.folder import conf_folder
from remanence.configuration.offers import asked_offer, offers

OFFERED = offers([conf_folder()])


@pytest.mark.parametrize(
    ("word", "group"),
    [
        ("experiments", "experiment"),
        ("models", "model"),
        ("model", "model"),
        ("data", "data"),
        ("sweeps", "sweep"),
        ("baselines", "baselines"),
        ("samplers", "hydra.sweeper.sampler"),
        ("splits", "data/split"),
        ("data/split", "data/split"),
        ("schedules", "beta_schedule"),
        ("Launchers", "hydra/launcher"),
    ],
)
def test_a_group_is_asked_for_in_the_singular_or_plural(word, group):
    assert asked_offer(word, OFFERED).group == group


def test_every_group_says_what_it_is_and_has_a_name_of_its_own():
    assert [offer.group for offer in OFFERED if not offer.about] == []
    titles = [offer.title for offer in OFFERED]
    assert len(set(titles)) == len(titles)
    assert titles[0] == "experiments"
