import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from remanence.foundation.typed_list import double_quoted, meant_list, typed_list

NAMES = [
    "x",
    "d33 (pC/N)",
    "T sint. (°C)",
    'a "b"',
    "a\\",
    'b\\"c',
    "x = [Ba]",
    "a, b",
    "null",
    "NaN",
    "1",
    "it's",
    "x/y",
]


def test_hydra_reads_the_names_that_were_listed():
    override = OverridesParser.create().parse_override(f"data.features={typed_list(NAMES)}")

    assert override.value() == NAMES


def test_plain_names_need_no_quotes():
    assert typed_list(["x", "T_sint", "process/route"]) == "[x,T_sint,process/route]"
    assert double_quoted("a b") == '"a b"'


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("[x,T sint. (°C)]", ["x", "T sint. (°C)"]),
        ("[x, 'a b', \"c, d\"]", ["x", "a b", "c, d"]),
        ("[x = [Ba,Sr],y]", ["x = [Ba,Sr]", "y"]),
        ("[f(a, b)]", ["f(a, b)"]),
        ("x", None),
        ("{a: b}", None),
    ],
)
def test_the_names_that_were_meant_are_found(typed, names):
    assert meant_list(typed) == names
