import pytest

from remanence.configuration.compose import compose
from remanence.errors import ConfigurationError


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("figures.format=pdf", "figures.format: unknown key; figures has no parts: it is full or brief"),
        ("figures.a.b=1", "figures.a: unknown key; figures has no parts: it is full or brief"),
        ("seed.x=3", "seed.x: unknown key; seed has no parts"),
    ],
)
def test_a_key_without_parts_is_said_to_have_none(override, message):
    with pytest.raises(ConfigurationError) as error:
        compose(["experiment=piezo/single", override])

    assert str(error.value) == message


@pytest.mark.parametrize(
    ("override", "hint"),
    [
        ("lr=0.1", "; did you mean 'model.lr'?"),
        ("max_epochs=3", "; did you mean 'pruner.max_epochs' or 'trainer.max_epochs'?"),
        ("n_trials=3", "; did you mean 'hydra.sweeper.n_trials'?"),
        ("epochs=3", "; did you mean 'trainer.max_epochs'?"),
        ("model.learning_rate=0.1", "; did you mean 'model.lr'?"),
        ("trainer.gpus=1", "; did you mean 'trainer.devices'?"),
    ],
)
def test_a_key_without_its_group_is_told_with_it(override, hint):
    with pytest.raises(ConfigurationError) as error:
        compose(["experiment=piezo/single", override])

    assert str(error.value) == f"{override.partition('=')[0]}: unknown key{hint}"


def test_keys_that_may_be_meant_are_told_once():
    with pytest.raises(ConfigurationError) as error:
        compose(["experiment=piezo/single", "zzz=1"])

    told = str(error.value).partition(" has: ")[2].split(", ")
    assert len(told) == len(set(told)) > 10
