import re

import numpy as np
import pandas as pd
import pytest

from remanence.data.columns import Columns
from remanence.errors import ConfigurationError, DataError
from remanence.studies.design.candidate_rows import candidate_rows

COLUMNS = Columns(["K", "Na", "T", "Process"], ["d33"], {"Process": ["NS", "QS"]})
RANDOM = np.random.default_rng(0)
K = RANDOM.uniform(0, 1, 60)
PROCESS = np.where(np.arange(60) % 2, "NS", "QS")
TRAINED = pd.DataFrame({"K": K, "Na": 1 - K, "T": np.where(PROCESS == "NS", 1100, 1000) + 50 * K, "Process": PROCESS})


def test_all_combinations_of_what_is_searched_are_tried_with_what_is_given():
    candidates = candidate_rows(COLUMNS, TRAINED, {"over": "K=0:1:0.5,T=[1100,1150]", "given": "Na=0.2,Process=NS"})

    assert list(candidates.rows) == ["K", "Na", "T", "Process"]
    assert candidates.rows.to_numpy().tolist() == [[k, 0.2, t, "NS"] for k in (0, 0.5, 1) for t in (1100, 1150)]
    assert candidates.weights.tolist() == [[1]] * 6
    assert candidates.notes == ()
    COLUMNS.encode(candidates.rows, "candidates")


def test_an_equality_gives_the_input_that_nobody_named():
    candidates = candidate_rows(
        COLUMNS, TRAINED, {"over": "K=0:1:0.25", "given": "T=1100,Process=NS", "constraint": "K+Na=1"}
    )

    np.testing.assert_allclose(candidates.rows["Na"], [1, 0.75, 0.5, 0.25, 0])
    assert not candidates.filled


def test_an_equality_gives_the_last_input_that_is_searched_within_its_range():
    asked = {"over": "K=0:1:0.25,Na=0.2:0.5", "given": "T=1100,Process=NS", "constraint": "K+Na=1,K<0.7"}

    rows = candidate_rows(COLUMNS, TRAINED, asked).rows

    assert rows[["K", "Na"]].to_numpy().tolist() == [[0.5, 0.5]]


def test_equalities_may_stand_in_any_order():
    asked = {"over": "K=[0.4]", "given": "Process=NS", "constraint": "T-1000*Na=0,K+Na=1"}

    rows = candidate_rows(COLUMNS, TRAINED, asked).rows

    np.testing.assert_allclose(rows[["K", "Na", "T"]], [[0.4, 0.6, 600]])


def test_numbers_that_nobody_named_come_from_rows_of_the_same_category_and_it_is_said():
    candidates = candidate_rows(COLUMNS, TRAINED, {"over": "K=[0.2,0.8]", "given": "Process=QS"})

    np.testing.assert_allclose(candidates.rows["T"], [1010, 1040], atol=4)
    np.testing.assert_allclose(candidates.rows["Na"], [0.8, 0.2], atol=0.08)
    assert [note.split(" is ")[0] for note in candidates.notes] == ["Na", "T"]
    assert "T is not named: it takes the values of training rows nearby (10" in candidates.notes[1]
    assert "whose spread widens the intervals; given='T=10" in candidates.notes[1]
    assert ((candidates.filled["T"] > 990) & (candidates.filled["T"] < 1060)).all()


def test_few_rows_of_a_category_leave_no_empty_draws():
    few = TRAINED.iloc[[1, 3, 5, *range(0, 60, 2)]]

    candidates = candidate_rows(COLUMNS, few, {"over": "K=0:1:0.1,Na=0:1:0.1"})

    assert candidates.filled["T"].min() > 990
    assert "T is not named: it takes the values of training rows nearby (10" in candidates.notes[1]


def test_a_category_that_nobody_named_takes_all_its_values_and_it_is_said():
    candidates = candidate_rows(COLUMNS, TRAINED, {"over": "K=[0.2]", "given": "Na=0.8,T=1100"})

    assert candidates.rows["Process"].tolist() == ["NS", "QS"]
    assert candidates.notes == ("Process is not named: all its values are tried, NS, QS; given='Process=NS' fixes it",)


def test_what_is_filled_in_is_averaged_over():
    candidates = candidate_rows(COLUMNS, TRAINED, {"over": "K=[0.5]", "given": "Process=NS,Na=0.5"})

    mean, spread = candidates.average(lambda rows: rows[["T", "Na"]].to_numpy() * [2, 1])

    np.testing.assert_allclose(mean, [[2 * candidates.rows["T"][0], 0.5]])
    assert 0.5 < spread[0, 0] < 20
    assert spread[0, 1] == 0


def test_some_of_the_candidates_keep_their_draws():
    candidates = candidate_rows(COLUMNS, TRAINED, {"over": "K=0:1:0.1", "given": "Process=NS"})

    some = candidates.at([3, 5])

    assert some.rows["K"].tolist() == [0.3, 0.5]
    np.testing.assert_allclose((some.weights * some.filled["T"]).sum(axis=1), some.rows["T"])
    assert candidates.at(candidates.rows["K"].to_numpy() > 0.85).rows["K"].tolist() == [0.9, 1]


def test_a_large_grid_is_sampled_evenly_and_it_is_said():
    candidates = candidate_rows(COLUMNS, TRAINED, {"over": "K=0:1,Na=0:1,T=1000:1150,Process=[NS,QS]"}, most=1000)

    assert len(candidates.rows) == 512
    assert candidates.rows["T"].between(1000, 1150).all()
    assert candidates.rows["Process"].value_counts().tolist() == [256, 256]
    (note,) = candidates.notes
    assert note.startswith("over: the grid has more than 1000 points, so that 512 points spread evenly are tried")


def test_candidates_are_read_from_a_table_with_their_id_each_once(tmp_path):
    path = tmp_path / "made.csv"
    path.write_text("ID,Process,K,Na,colour\na1,NS,0.5,0.5,red\na2,QS,1,0,blue\na3,NS,0.5,0.50,red\n")

    candidates = candidate_rows(COLUMNS, TRAINED, {"candidates": str(path), "over": "T=[1000,1100]"})

    assert candidates.rows.to_numpy().tolist() == [
        ["a1", 0.5, 0.5, 1000, "NS"],
        ["a1", 0.5, 0.5, 1100, "NS"],
        ["a2", 1, 0, 1000, "QS"],
        ["a2", 1, 0, 1100, "QS"],
    ]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, r"design: over=… must be given, such as over='K=0\.\d+:0\.\d+'"),
        ({"given": "K=1"}, r"design: over=… must be given, such as over='Na=0\.\d+:0\.\d+'"),
        ({"over": "K=0:1", "given": "K=1"}, "design: K is named by over= and by given=; name it once"),
        ({"over": "K=0:1", "constraint": "K+Process=1"}, "constraint: Process is a category; only numbers"),
        ({"over": "K=0:1", "constraint": "K+Zr=1"}, "constraint: the run's inputs are K, Na, T, Process, not 'Zr'"),
        (
            {"over": "K=0:1", "constraint": "K+Na<1"},
            r"constraint: 'K\+Na<1': Na has no value; name it in over= or given=",
        ),
        ({"over": "K=0:1", "constraint": "K>2"}, "constraint: no candidate keeps to K>2"),
        (
            {"over": "K=0:1,Na=0:1", "constraint": "K+Na=1,K-Na=0"},
            r"constraint: 'K\+Na=1' and 'K-Na=0' cannot be solved one after the other",
        ),
    ],
)
def test_what_is_asked_wrongly_says_why(asked, message):
    with pytest.raises(ConfigurationError, match=f"^{message}"):
        candidate_rows(COLUMNS, TRAINED, asked)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x,y\n1,2\n", "no column of it is an input of the run, which are K, Na, T, Process"),
        ("K,Process\n1,SPS\n", "row 2, column 'Process' is 'SPS'; known values: NS, QS"),
        ("K\nmuch\n?\n", "2 cells cannot be taken: row 2, column 'K' is not a number"),
    ],
)
def test_a_table_of_candidates_that_does_not_suit_says_why(tmp_path, text, message):
    path = tmp_path / "made.csv"
    path.write_text(text)

    with pytest.raises(DataError) as caught:
        candidate_rows(COLUMNS, TRAINED, {"candidates": str(path), "over": "T=0:1"})

    assert message in str(caught.value)


def test_what_a_line_advises_fixes_the_input_or_makes_the_grid_smaller():
    over = {"over": "K=0:1"}
    first = candidate_rows(COLUMNS, TRAINED, over)
    fixes = [re.search(r"; given='(.*)' fixes it$", note)[1] for note in first.notes]

    fixed = candidate_rows(COLUMNS, TRAINED, over | {"given": ",".join(fixes)})
    sampled = candidate_rows(COLUMNS, TRAINED, {"over": "K=0:1,Na=0:1", "given": "T=1,Process=NS"}, most=1000)
    stepped = candidate_rows(COLUMNS, TRAINED, {"over": "K=0:1:0.05,Na=0:1:0.05", "given": "T=1,Process=NS"}, most=1000)

    assert [fix.split("=")[0] for fix in fixes] == ["Process", "Na", "T"]
    assert fixed.notes == stepped.notes == ()
    assert not fixed.filled
    assert len(sampled.notes) == 1


def test_what_is_advised_where_one_value_is_given_and_where_nothing_is_searched_is_taken():
    with pytest.raises(ConfigurationError) as several:
        candidate_rows(COLUMNS, TRAINED, {"given": "Process=[NS,QS]"})
    with pytest.raises(ConfigurationError) as nothing:
        candidate_rows(COLUMNS, TRAINED, {})

    for caught, fewest in ((several, 2), (nothing, 2 * 25)):
        over = re.search(r"over='([^']*)'", str(caught.value))[1]
        assert len(candidate_rows(COLUMNS, TRAINED, {"over": over}).rows) >= fewest


FORMULAS = Columns(
    ["T"], ["d33"], composition="Component", elements=["K", "Na"], descriptors=["tolerance factor", "A radius"]
)
MEASURED = pd.DataFrame(
    {
        "Component": ["K0.5Na0.5NbO3", "KNN", "0.94(K0.5Na0.5)NbO3-0.06BaTiO3", "KNbO3", "NaNbO3"],
        "T": [1100, 1120, 1150, 1000, 1200],
    }
)


def test_a_composition_that_nobody_named_takes_the_formulas_of_the_training_rows():
    candidates = candidate_rows(FORMULAS, MEASURED, {"over": "T=[1100,1200]"})

    assert candidates.rows.to_numpy().tolist() == [
        [formula, T] for T in (1100, 1200) for formula in MEASURED["Component"].iloc[[0, 2, 3, 4]]
    ]
    assert candidates.notes == (
        "Component is not named: the 4 formulas of the training rows are tried; "
        "given='Component=K0.5Na0.5NbO3' fixes it",
    )
    fixed = candidate_rows(FORMULAS, MEASURED, {"over": "T=[1100,1200]", "given": "Component=K0.5Na0.5NbO3"})
    assert fixed.notes == ()
    assert len(fixed.rows) == 2


def test_formulas_are_mixed_and_the_rest_comes_from_rows_of_near_compositions():
    candidates = candidate_rows(FORMULAS, MEASURED, {"over": "NaNbO3:KNbO3=0:1:0.25"})

    assert candidates.rows["Component"].tolist()[1:3] == ["0.75NaNbO3-0.25KNbO3", "0.5NaNbO3-0.5KNbO3"]
    np.testing.assert_allclose(candidates.rows["T"].iloc[[0, 2, 4]], [1200, 1115, 1000], atol=15)


def test_amounts_of_elements_are_related_in_formulas():
    over = "Na0.5Bi0.5TiO3:K0.5Bi0.5TiO3:KNbO3=0:0.5:0.25"

    rows = candidate_rows(FORMULAS, MEASURED, {"over": over, "given": "T=1100", "constraint": "K+Na=0.625,Bi<0.4"}).rows

    assert rows["Component"].tolist() == [
        "0.75Na0.5Bi0.5TiO3-0.25KNbO3",
        "0.5Na0.5Bi0.5TiO3-0.25K0.5Bi0.5TiO3-0.25KNbO3",
        "0.25Na0.5Bi0.5TiO3-0.5K0.5Bi0.5TiO3-0.25KNbO3",
    ]


def test_elements_of_no_training_row_are_said():
    candidates = candidate_rows(FORMULAS, MEASURED, {"over": "KNN:BaHfO3=0:0.1:0.05", "given": "T=1100"})

    assert candidates.notes == ("no training row holds Hf: predictions for candidates with it are guesses",)


def test_a_table_of_formulas_is_read_and_bad_ones_are_named(tmp_path):
    path = tmp_path / "powders.csv"
    path.write_text("Component,T\n KNbO3,1100\n0.9KNN–0.1BT,1150\n")

    assert candidate_rows(FORMULAS, MEASURED, {"candidates": str(path)}).rows["Component"].tolist() == [
        "KNbO3",
        "0.9KNN–0.1BT",
    ]
    path.write_text("Component,T\nKNbO3,1100\nKXbO3,1150\n")
    with pytest.raises(
        DataError, match=r"^powders.csv: row 3, column 'Component' cannot be read: 'KXbO3', character 2"
    ):
        candidate_rows(FORMULAS, MEASURED, {"candidates": str(path)})


def test_a_single_candidate_may_be_given():
    candidates = candidate_rows(COLUMNS, TRAINED, {"given": "K=0.4,Na=0.6,T=1100,Process=NS"})

    assert candidates.rows.to_numpy().tolist() == [[0.4, 0.6, 1100, "NS"]]


def test_units_do_not_matter():
    factors = {"K": 1e12, "Na": 1e-12, "T": 1e-12}
    other = TRAINED.assign(**{name: TRAINED[name] * factor for name, factor in factors.items()})
    columns = Columns(["K", "Na", "T"], ["d33"])

    here = candidate_rows(columns, TRAINED, {"over": "K=0.2:0.8:0.1", "constraint": "K+Na=1"})
    there = candidate_rows(columns, other, {"over": "K=2e11:8e11:1e11", "constraint": "1e-12*K+1e12*Na=1"})

    np.testing.assert_allclose(there.rows / [factors[name] for name in there.rows], here.rows, rtol=1e-9)
    np.testing.assert_allclose(there.filled["T"] / 1e-12, here.filled["T"], rtol=1e-9)
    np.testing.assert_allclose(there.weights, here.weights, rtol=1e-6)


def test_odd_names_are_quoted_in_what_is_advised():
    columns = Columns(["x = [Ba]", "T, hot", "route"], ["d33"], {"route": ["a", "b"]})
    trained = pd.DataFrame({"x = [Ba]": [0.0, 0.1], "T, hot": [1, 2], "route": ["a", "b"]})
    with pytest.raises(ConfigurationError) as nothing:
        candidate_rows(columns, trained, {})
    over = re.search(r"over='(.*)'$", str(nothing.value))[1]

    notes = candidate_rows(columns, trained, {"over": over}).notes
    given = ",".join(re.search(r"given='(.*)' fixes it$", note)[1] for note in notes)

    assert over == '"x = [Ba]"=0:0.1'
    assert candidate_rows(columns, trained, {"over": over, "given": given}).notes == ()
