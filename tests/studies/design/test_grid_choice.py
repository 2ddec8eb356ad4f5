import pytest

from remanence.errors import ConfigurationError
from remanence.studies.design.grid_choice import parse_ions, parse_steps


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("0.25", (4, 4, 4)),
        ("1/3", (3, 3, 3)),
        ("1", (1, 1, 1)),
        (".33", (3, 3, 3)),
        ("0.25,X=1/3", (4, 4, 3)),
        ("X=1/3, 0.5", (2, 2, 3)),
        ("A=0.1,B=1,X=1 / 6", (10, 1, 6)),
    ],
)
def test_steps_are_read_for_all_sites_or_one(text, parts):
    assert parse_steps(text) == dict(zip("ABX", parts, strict=True))


@pytest.mark.parametrize("text", ["", "a", "0", "1/0", "-0.5", "0.3", "2", "C=0.5", "0.25,", "0.5=A", "A:0.5"])
def test_a_step_that_does_not_divide_one_shows_an_example(text):
    with pytest.raises(ConfigurationError, match=r"^step: expected such as '0.25', '1/3' or '0.25,X=1/3', got "):
        parse_steps(text)


def test_every_site_has_a_step():
    with pytest.raises(ConfigurationError, match=r"^step: none for site B; expected such as"):
        parse_steps("A=0.5,X=0.5")


def test_ions_are_read():
    assert parse_ions("MA, FA,Cs,Pb,I,Br") == ["MA", "FA", "Cs", "Pb", "I", "Br"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("MA,Pb,F", "ions: unknown ion 'F'; known: K, Rb, Cs, MA, FA, Ca, Sr, Ba, Ge, Sn, Pb, Cl, Br, I"),
        ("MA,Pb,", "ions: unknown ion ''"),
        ("MA,Pb", "ions: none for site X; known: Cl, Br, I"),
        ("Pb,I", "ions: none for site A; known: K, Rb, Cs, MA, FA"),
    ],
)
def test_wrong_ions_name_the_known_ones(text, message):
    with pytest.raises(ConfigurationError) as caught:
        parse_ions(text)
    assert str(caught.value).startswith(message)
