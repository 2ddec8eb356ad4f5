"""docs/design.md lists what candidates are named by; every example is read."""

import re
from pathlib import Path

import pandas as pd
import pytest

from remanence.data.columns import Columns
from remanence.studies.design.axis import MOST_VALUES
from remanence.studies.design.candidate_rows import candidate_rows
from remanence.studies.design.crossed import SAMPLES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
COLUMNS = Columns(
    ["x", "T_sint (°C)", "Process", "T, hot"],
    ["d33"],
    {"Process": ["NS", "QS"]},
    composition="Component",
    elements=["Ba", "Bi", "K", "Na"],
)
TRAINED = pd.DataFrame(
    {
        "x": [0.0, 0.06, 0.1],
        "T_sint (°C)": [1100, 1150, 1180],
        "T, hot": [1, 2, 1.5],
        "Process": ["NS", "QS", "NS"],
        "Component": ["NBT", "0.94NBT-0.06BT", "KNN"],
    }
)


def examples():
    """Yield key and example of the table of candidates."""
    key = ""
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 3:
            key = cells[0].strip("`=") or key
            yield from ((key, example) for example in re.findall(r"`([^`]+)`", cells[1]))


EXAMPLES = [(key, text) for key, text in examples() if key in ("over", "given", "constraint")]


@pytest.mark.parametrize(("key", "text"), EXAMPLES, ids=[text for _, text in EXAMPLES])
def test_an_example_is_read(key, text):
    asked = {"over": "x=0:0.1" if key == "given" else "x=0:0.1,T_sint=1100:1200"} | {key: text}

    candidates = candidate_rows(COLUMNS, TRAINED, asked)

    assert len(candidates.rows) > 1


def test_the_page_has_examples_of_every_key_and_its_numbers_are_those_of_the_package():
    assert {key for key, _ in examples()} >= {"over", "given", "constraint", "candidates"}
    assert len(EXAMPLES) >= 10
    assert f"at most {MOST_VALUES}" in PAGE
    assert f"(Sobol) of {SAMPLES}" in PAGE
