from dataclasses import replace

import numpy as np
import pytest

from remanence.data.table import Table
from remanence.studies.row_data_card import faults, held_out_told, leaked, row_data_sections, unit_of

KFOLD = {"kind": "kfold", "folds": 4, "repeats": 2, "validation": 0.2, "bins": 5, "seed": 0}


@pytest.fixture
def opened(table):
    def open_(frame=None, **given):
        path = table(rows=40, **(frame or {}))
        options = {"split": KFOLD, "target": "d33", "duplicates": "together", "features": ["x"], **given}
        return Table(path=str(path), **options).open()

    return open_


def test_a_table_is_described_in_three_sections(opened):
    sections = row_data_sections(opened(target=["d33", "eps_r"]), named="ions")

    assert [section.heading for section in sections] == [
        "ions: what is in it",
        "ions: how rows are held out",
        "ions: known faults",
    ]
    content, targets = sections[0].lines
    assert "40 rows, 1 inputs." in content
    assert targets.count("\n") == 3, "heading, rule and a line for each target"


def test_the_protocol_is_said_in_words_with_the_number_of_rows(opened):
    told = held_out_told(opened())

    assert told == ["Each row is tested 2 times, in 4 folds.",
                    "Rows of a fold: 24 to fit, 6 to choose when to stop, 10 to test."]  # fmt: skip


def test_families_are_counted_and_the_largest_is_named(opened):
    grouped = {"kind": "grouped", "folds": 2, "validation": 0.2, "bins": 5, "seed": 0}
    family = ["a"] * 30 + ["b"] * 6 + ["c"] * 4
    told = held_out_told(opened({"family": family}, groups="family", split=grouped))

    assert told[0] == "Each family is held out as a whole, in 2 folds."
    assert told[-1] == "3 families (`family`) are held out as a whole; the largest has 30 of 40 rows (75%)."


def test_copies_and_repeated_measurements_are_told_apart(opened):
    x = np.arange(40) // 2 / 40
    d33 = np.arange(40.0)
    d33[1] = d33[0]  # a copy; the other pairs differ by 1
    said = " ".join(faults(opened({"x": x, "d33": d33})))

    assert "40 rows stand in 20 sets of equal inputs, the largest of 2; 2 of them have equal targets" in said
    pairs = np.sqrt(19 * 0.5 / 20)
    assert f"Noise floor of `d33`: {pairs:.4g}" in said
    assert "0.7071 if copies count once" in said


@pytest.mark.parametrize(("duplicates", "share"), [("together", 0.0), ("split", 0.5)])
def test_the_share_of_tested_rows_whose_inputs_were_fitted_is_told(opened, duplicates, share):
    data = opened({"x": np.arange(40) // 2 / 40}, duplicates=duplicates)

    assert (leaked(data) > share) is (duplicates == "split")
    assert any("have the inputs of a row that was fitted" in line for line in faults(data)) is (duplicates == "split")


def test_values_that_pile_up_at_an_end_look_like_a_limit(opened):
    d33 = np.maximum(np.arange(40.0), 8)

    assert any("9 rows have the smallest `d33` exactly (8" in line for line in faults(opened({"d33": d33})))
    assert not any("exactly" in line for line in faults(opened({"d33": np.arange(40.0)})))


def test_targets_far_from_all_others_are_named_by_their_rows(opened):
    d33 = np.arange(40.0)
    d33[17] = 1e4

    (said,) = [line for line in faults(opened({"d33": d33})) if "robust" in line]
    assert said.startswith("1 rows have a `d33` more than 5 robust standard deviations from the median: ")
    assert said.rstrip(".").endswith(("17", "19"))


def test_inputs_that_say_the_same_or_next_to_nothing_are_named(opened):
    x, rare = np.arange(40.0), np.zeros(40)
    rare[3] = 1
    said = " ".join(faults(opened({"x": x, "twice": 2 * x, "rare": rare}, features=["x", "twice", "rare"])))

    assert "`x` and `twice`" in said
    assert "1 inputs differ from one value in at most 3 rows, too few to learn: `rare`" in said


@pytest.mark.filterwarnings("error")
def test_an_input_that_is_constant_is_like_no_other(opened):
    data = opened({"other": np.arange(40.0)}, features=["x", "other"])
    constant = np.stack([np.full(40, 0.1), np.arange(40.0)], axis=1)
    assert constant.std(axis=0)[0] != 0, "rounding"

    assert not any("say the same" in line for line in faults(replace(data, x=constant)))


def test_a_complete_grid_is_said_to_be_one(opened):
    pairs = {"salt": np.repeat(list("abcde"), 8), "solvent": np.tile(list("ABCDEFGH"), 5)}
    full = " ".join(faults(opened(pairs)))
    pairs["solvent"] = np.array(["A", *pairs["solvent"][:-1]])

    assert "a complete grid: 5 `salt` with 8 `solvent` each" in full
    assert "grid" not in " ".join(faults(opened(pairs)))


def test_what_was_said_when_the_table_was_read_stands_among_the_faults(opened):
    frame = {"x": [*np.arange(39.0), np.nan]}
    said = faults(opened(frame, missing="drop"))

    assert said[0].startswith("When it was read: 1 of 40 rows lack a value and are left out")


def test_a_unit_may_stand_behind_a_name(opened):
    data = opened({"T (K)": np.arange(40.0)}, target=["T (K)", "x"], features=["amount"])

    assert (unit_of("T (K)", data), unit_of("x", data)) == ("K", "")
