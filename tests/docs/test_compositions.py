"""docs/compositions.md says what formulas are read as; every line is read."""

import re
from pathlib import Path

import pytest

from remanence.science.composition.abbreviations import ABBREVIATIONS
from remanence.science.composition.formula_error import FormulaError
from remanence.science.composition.mixture import mix
from remanence.science.composition.parse import parse_formula

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "compositions.md").read_text(encoding="utf-8")
LINES = [
    (formula, cells[1].strip())
    for line in PAGE.splitlines()
    if line.startswith("| `") and len(cells := line.strip("|").split("|")) == 2
    for formula in re.findall(r"`([^`]+)`", cells[0])
]


@pytest.mark.parametrize(("formula", "read"), LINES)
def test_a_formula_is_read_as_the_page_says(formula, read):
    if read.startswith("refused: "):
        with pytest.raises(FormulaError, match=re.escape(read.removeprefix("refused: "))):
            parse_formula(formula)
        return
    words = read.split()
    amounts = dict(zip(words[::2], map(float, words[1::2]), strict=True))
    assert parse_formula(formula).amounts == pytest.approx(amounts, abs=2e-6)


def test_the_names_on_the_page_are_known_or_refused_as_it_says():
    section = PAGE.partition("## Names")[2]
    known, _, refused = section.partition("stand for one composition")

    assert set(re.findall(r"\b[A-Z]{2,}\b", known)) <= ABBREVIATIONS.keys()
    for name in re.findall(r"\b[A-Z]{3,}\b", refused.partition("(KN")[2].partition(")")[0]):
        with pytest.raises(FormulaError):
            parse_formula(name)


def test_the_lines_of_python_give_what_stands_behind_them():
    assert parse_formula("0.96KNN-0.04BZ").amounts == {
        "K": 0.48,
        "Na": 0.48,
        "Nb": 0.96,
        "O": 3.0,
        "Ba": 0.04,
        "Zr": 0.04,
    }
    assert mix(["NBT", "BaTiO3"], [0.94, 0.06]).text == "0.94NBT-0.06BaTiO3"
    for call in ('parse_formula("0.96KNN-0.04BZ").amounts', 'mix(["NBT", "BaTiO3"], [0.94, 0.06]).text'):
        assert call in PAGE
