"""What docs/terminal.md shows is what the commands print."""

import re
import shlex
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "terminal.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```console\n\$ remanence (.*)\n([\s\S]*?)^```$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("typed", "printed"), [each for each in SHOWN if not each[0].startswith("doctor")])
def test_an_output_is_printed_as_it_stands(command, typed, printed):
    result = command(*shlex.split(typed))

    assert result.out + result.err == printed


def test_the_page_has_outputs_of_every_verb_that_it_is_about():
    assert {typed.split(" ")[0] for typed, _ in SHOWN} == {"list", "explain", "doctor"}
    assert "what to do" in dict(SHOWN)["doctor tracking.uri=http://127.0.0.1:5000"]
