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
