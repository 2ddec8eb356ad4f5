import csv
import json
from pathlib import Path

import numpy as np
import pytest

from remanence.science.composition.formula_error import FormulaError
from remanence.science.composition.parse import parse_formula

PIECES = [
    "K",
    "Nb",
    "O3",
    "0.5",
    "0",
    "(",
    ")",
    "[",
    "]",
    "-",
    "–",
    "+",
    ":",
    "·",
    " ",
    "%",
    "mol%",
    "wt%",
    "x",
    "=",
    "1-x",
    ",",
    ".",
    "/",
    "1/3",
    "KNN",
    "BT",
    "PZT",
    "52/48",
    "δ",
    "²",
    "⁺",
    "₃",
    "doped",
    "with",
    "{",
    "}",
    "$",
    "_",
    "^",
    "<sub>",
    "x = 0.05",
    "6",
    "94",
    '"',
    "ceramics",
    "of",
    "□",
    "½",
    "Ω",
    "\t",
    "BZT",
    "BCT",
    "NBBT",
    "PLZT 8/65/35",
]
HERE = Path(__file__).parent


def written(name):
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line.rpartition(" = ")[::2] for line in lines if not line.startswith("#")]


def amounts_of(words):
    return dict(zip(words.split()[::2], map(float, words.split()[1::2]), strict=True))


@pytest.mark.parametrize(("formula", "amounts"), written("literature.txt"))
def test_a_formula_of_the_literature_holds_what_was_written_down_for_it(formula, amounts):
    assert parse_formula(formula).amounts == pytest.approx(amounts_of(amounts), abs=1e-6)


def test_further_ways_of_writing_hold_what_was_checked_by_eye():
    read = {formula: parse_formula(formula).amounts for formula, _ in written("variants.txt")}

    wrong = {
        formula: read[formula]
        for formula, amounts in written("variants.txt")
        if read[formula] != pytest.approx(amounts_of(amounts), abs=2e-6)
    }
    assert wrong == {}


def test_the_204_formulas_of_the_table_hold_what_pymatgen_reads_in_their_end_members(shared_data):
    expected = json.loads((HERE / "knn_amounts.json").read_text(encoding="utf-8"))
    with open(shared_data / "piezo" / "knn_d33_train.csv", encoding="utf-8-sig", newline="") as file:
        cells = [row["Component"] for row in csv.DictReader(file)]

    read = {str(row): parse_formula(cell).amounts for row, cell in enumerate(cells, start=2)}
    assert read.keys() == expected.keys()
    wrong = [row for row in expected if read[row] != pytest.approx(expected[row], abs=1e-6)]
    assert wrong == []


@pytest.mark.parametrize(
    ("formula", "place", "reason"),
    [
        ("0.94Na0.5Bi0.5TiO3-0.06XxTiO3", 23, "'Xx' is no element"),
        ("Pr0.01KNN", 6, "KNN stands behind other symbols: write (KNN) for the name"),
        ("0.9KNN-0.1Li0.5BNT", 15, "BNT stands behind other symbols: write (BNT) for the name"),
        ("0.94Na0.5Bi0.5TiO3–", 19, "a formula is missing here"),
        ("(K0.5Na0.5NbO3", 14, "a bracket is not closed"),
        ("K0.5Na0.5)NbO3", 9, "a bracket is closed that was not opened"),
        ("Pb(Zr,Ti)O3", 5, "a comma does not say how much there is of each element"),
        ("Pb(Zr0.5,Ti)O3", 8, "a comma does not say how much there is of each element"),
        ("(1-x)BNT-xBT", 3, "x has no value: write numbers, or add ', x = 0.05'"),
        ("KNbO03", 4, "'03' starts with a zero: is it the letter O, or is a decimal point missing?"),
        ("PZT", 0, "PZT is a series from PbZrO3 to PbTiO3: write PZT 52/48, or the formula"),
        ("0.9KNLNTS-0.1BT", 3, "KNLNTS is no known name"),
        ("BaTiO3,0,5% MnO2", 6, "is '3,0,5' a decimal comma, or a list? Write a point, or a blank behind the comma"),
        ("Ba1,02(Ti0.9Zr0.1)O3", 3, "is '1,02' a decimal comma, or a list?"),
        ("0.94NBT-8BT", 9, "is 8 percent? Beside 0.94 it is no share; write shares of 1"),
        ("KNN (0.5%)", 0, "0.5% of what? Nothing else is written; write the host, or take the percentage out"),
        ("0.94NaO.5BiO.5TiO3", 6, "a letter O before a decimal point: is it the digit 0?"),
        ("Bi3+0.5Na1+0.5Ti4+O3", 18, "a part that holds no cation: are charges of ions written here?"),
        ("K0.5Na0.5NbO3 (S1)", 14, "a label behind the formula is no part of it"),
        ("(1-x)BNT-xBT, x = 0.02, 0.04", 14, "x has several values; write one formula for each"),
        ("BNT-BT 92/6/2", 0, "2 parts, but a ratio of 3 numbers"),
        ("KNN + 0.5 mol% CuO 1 mol%", 19, "a second amount of the same part"),
        ("(" * 13 + "KNN" + ")" * 13, 13, "more than 12 brackets inside each other"),
        ("KNN-" * 100, 300, "400 characters are no formula"),
        ("K0Na0", 0, "it holds no element"),
        ("PNN-PZT (50/50)", 4, "is the ratio that of PZT, or that of all parts?"),
        ("PIC151", 0, "PIC151 names a product"),
        ("BaTiO3?", 6, "'?' has no meaning in a formula"),
        ("", 0, "a formula is missing here"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(formula, place, reason):
    with pytest.raises(FormulaError) as caught:
        parse_formula(formula)

    assert caught.value.place == place
    assert reason in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_names_of_ones_own_go_before_those_of_the_literature():
    own = {"BZ": "Ba(Zr0.9Hf0.1)O3", "B0.5Na0.5TiO3": "Bi0.5Na0.5TiO3"}

    assert parse_formula("0.9KNN-0.1BZ", own).amounts["Hf"] == pytest.approx(0.01)
    assert "B" not in parse_formula("0.99KNN-0.01B0.5Na0.5TiO3", own).amounts


def test_what_a_formula_leaves_open_is_said():
    read = parse_formula("0.985KNN-0.015BiScO3–MnCO3")

    assert "Mn" not in read.amounts
    assert [str(note) for note in read.notes] == [
        "a part of which no amount is said is left out; write one, as in 0.5 mol% MnO2 (MnCO3)"
    ]


def test_a_percentage_beside_a_whole_formula_is_its_purity():
    read = parse_formula("(0.94NBT-0.06BT) (99%)")

    assert read.amounts == parse_formula("0.94NBT-0.06BT").amounts
    assert read.text == "(0.94NBT-0.06BT)"
    assert [str(note) for note in read.notes] == [
        "a percentage beside a formula that nothing is mixed with is read as its purity, and left out "
        "((0.94NBT-0.06BT) (99%))"
    ]


def test_percent_beside_a_share_of_one_is_read_and_said_where_it_completes_the_whole():
    read = parse_formula("0.94NBT-6BT + 0.5 mol% MnO2")

    assert read.amounts["Ba"] == pytest.approx(0.06)
    assert [str(note) for note in read.notes] == ["a number before an end member is read as percent (6BT)"]


def test_boron_that_should_be_bismuth_is_doubted():
    read = parse_formula("0.99KNN-0.01B0.5Na0.5TiO3")

    assert read.amounts["B"] == pytest.approx(0.005)
    assert str(read.notes[0]).startswith("B is read as boron; if bismuth is meant, add data.abbreviations=")
    assert parse_formula("0.99KNN-0.01B2O3").notes == ()


def test_whatever_is_written_is_read_or_refused_with_a_place():
    random = np.random.default_rng(0)
    for _ in range(3000):
        text = "".join(random.choice(PIECES, random.integers(1, 12)))
        read, refused = answer_to(text)

        if read is None:
            assert 0 <= refused.place <= len(text)
            assert "\n" not in str(refused)
        else:
            assert min(read.amounts.values()) > 0
            assert sum(read.fractions.values()) < np.inf


def answer_to(text):
    try:
        return parse_formula(text), None
    except FormulaError as error:
        return None, error


@pytest.mark.parametrize(
    ("refused", "advised", "own"),
    [
        ("(1-x)BNT-xBT", "(1-x)BNT-xBT, x = 0.05", {}),
        ("PZT", "PZT 52/48", {}),
        ("0.9KNLNTS-0.1BT", "0.9KNLNTS-0.1BT", {"KNLNTS": "K0.5Na0.5NbO3"}),
        ("0.9KNN-0.1Xx7", "0.9KNN-0.1Xx7", {"Xx7": "BaZrO3"}),
        ("LF4", "LF4", {"LF4": "(K0.44Na0.52Li0.04)(Nb0.86Ta0.1Sb0.04)O3"}),
        ("KNN (S1)", "KNN", {}),
    ],
)
def test_what_a_refusal_advises_is_read(refused, advised, own):
    with pytest.raises(FormulaError):
        parse_formula(refused)

    assert parse_formula(advised, own).sites.are_perovskite


def test_the_formulas_of_a_long_table_are_read_once():
    formulas = [f"{1 - x / 10_000:g}BaTiO3-{x / 10_000:g}CaTiO3" for x in range(1, 5001)]

    read = [parse_formula(formula) for formula in formulas]

    assert parse_formula(formulas[0]) is read[0]
