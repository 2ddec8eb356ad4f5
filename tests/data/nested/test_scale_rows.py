import numpy as np
import pandas as pd
import pytest
from small_tables import SPLIT

from remanence.data.nested.scale_rows import ScaleTable
from remanence.data.source import Source
from remanence.errors import ConfigurationError, DataError

ROWS = 24
SOURCE = Source("own.csv", "own.csv", "0", "local")


def rows(**columns):
    """Return rows of a coarse scale: a finer one takes u and kind, itself it takes w, site and u."""
    random = np.random.default_rng(0)
    frame = {
        "w": random.normal(size=ROWS),
        "kind": np.array(["p", "q", "q"])[np.arange(ROWS) % 3],
        "u": random.normal(size=ROWS),
        "site": np.array(["top", "edge"])[np.arange(ROWS) % 2],
        "y": random.normal(size=ROWS),
        "phase": np.array(["R", "T", "C"])[np.arange(ROWS) % 3],
        "share_R": np.arange(ROWS) / ROWS,
        "share_T": 1 - np.arange(ROWS) / ROWS,
        "v": random.normal(size=ROWS),
    }
    return pd.DataFrame({**frame, **columns})


INPUTS = {"fine": ["u", "kind"], "own": ["w", "site", "u"]}
PHASE = {"kind": "classification", "columns": ["phase"]}
SHARES = {"kind": "classification", "columns": ["share_T", "share_R"]}
REGRESSION = {"kind": "regression", "columns": ["y"]}


def level(frame=None, heads=None, inputs=INPUTS, **keys):
    keys = {"categorical": ["site", "kind"], "levels": {}, "batch_size": 8, "split": SPLIT, **keys}
    frame = rows() if frame is None else frame
    heads = {"h": REGRESSION} if heads is None else heads
    return ScaleTable(name="own", frame=frame, source=SOURCE, inputs=inputs, heads=heads, **keys)


def test_blocks_are_the_columns_of_each_scale_among_the_inputs():
    opened = level().open()

    assert opened.columns.inputs == ["u", "kind=p", "kind=q", "w", "site=edge", "site=top"]
    assert opened.layout["blocks"] == {"fine": [0, 1, 2], "own": [3, 4, 5, 0]}
    frame = rows()
    np.testing.assert_array_equal(opened.x[:, 0], frame["u"])
    np.testing.assert_array_equal(opened.x[:, 1], frame["kind"] == "p")
    np.testing.assert_array_equal(opened.x[:, 5], frame["site"] == "top")


def test_categories_are_one_hot_groups_among_the_scales_own_inputs():
    opened = level(inputs={"fine": ["u"], "own": ["w", "site", "u", "kind"]}).open()

    own = [opened.columns.inputs[index] for index in opened.layout["blocks"]["own"]]
    assert own == ["w", "site=edge", "site=top", "u", "kind=p", "kind=q"]
    assert opened.layout["categories"] == [[1, 2], [4, 5]]


def test_heads_are_columns_of_what_is_learnt_and_regressions_are_the_targets():
    heads = {"phase": PHASE, "h": REGRESSION, "shares": SHARES, "v": {"kind": "regression", "columns": ["v"]}}

    opened = level(heads=heads).open()

    assert opened.targets == ["y", "v"]
    assert opened.layout["heads"] == {"phase": [2, 3, 4], "h": [0], "shares": [5, 6], "v": [1]}
    frame = rows()
    np.testing.assert_array_equal(opened.learnt[:, :2], frame[["y", "v"]])
    np.testing.assert_array_equal(opened.learnt[:, 2:5], pd.get_dummies(frame["phase"])[["C", "R", "T"]])
    np.testing.assert_array_equal(opened.learnt[:, 5:], frame[["share_T", "share_R"]])
    np.testing.assert_array_equal(opened.y, frame[["y", "v"]])


def test_categories_of_a_finer_scale_keep_its_levels():
    opened = level(levels={"kind": ["q", "o", "p"]}, categorical=["site"]).open()

    assert opened.columns.levels == {"kind": ["q", "o", "p"], "site": ["edge", "top"]}
    assert opened.x[:, opened.columns.inputs.index("kind=o")].sum() == 0


def test_a_category_that_the_finer_scale_does_not_know_is_named_by_its_row():
    where = "rows 3, 4, 6, 7, 9, 10, 12, 13, 15, 16, column 'kind'"
    unknown = rf"^own.csv: 16 cells cannot be taken: {where} is 'q'; and 6 more; known values: o, p$"
    with pytest.raises(DataError, match=unknown):
        level(levels={"kind": ["o", "p"]}).open()


def test_an_input_may_be_the_same_in_every_row():
    opened = level(rows(u=1.5, kind="p")).open()

    assert opened.columns.inputs[:2] == ["u", "kind=p"]
    assert (opened.x[:, :2] == [1.5, 1]).all()


@pytest.mark.parametrize(
    ("heads", "inputs", "message"),
    [
        ({"h": REGRESSION}, {"own": ["w", "y"]}, "model.scales.own: column 'y' is both input and property"),
        ({"h": REGRESSION}, {"fine": ["u", "y"], "own": ["w"]}, "column 'y' is a property, and input of 'fine'"),
        ({"h": REGRESSION, "k": REGRESSION}, INPUTS, "model.scales.own.heads: column 'y' is named twice"),
        ({"h": REGRESSION}, {"own": ["w", "u", "w"]}, "model.scales.own.inputs: column 'w' is named twice"),
    ],
)
def test_columns_that_cannot_be_what_they_are_said_to_be_are_named(heads, inputs, message):
    with pytest.raises(ConfigurationError) as caught:
        level(heads=heads, inputs=inputs)

    assert message in str(caught.value)


@pytest.mark.parametrize("change", [{"share_R": np.full(ROWS, 0.3)}, {"share_R": -0.5, "share_T": 1.5}])
def test_shares_must_sum_to_one(change):
    expected = "model.scales.own.heads.s: columns share_T, share_R are no shares; each row must sum to 1"

    with pytest.raises(ConfigurationError, match=expected):
        level(rows(**change), heads={"h": REGRESSION, "s": SHARES}).open()


FIRST_TEN = "rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"


@pytest.mark.parametrize(
    ("change", "heads", "message"),
    [
        ({"y": [1.0, "x", *range(ROWS - 2)]}, {}, "row 3, column 'y' is not a number: 'x'"),
        ({"phase": ["R", ""] * (ROWS // 2)}, {"p": PHASE}, "row 3, column 'phase' is empty; known values: R"),
        ({"share_R": [0.5] + ["-"] * (ROWS - 1)}, {"s": SHARES}, "row 3, column 'share_R' is not a number: '-'"),
        (
            {"u": [np.nan] * ROWS},
            {},
            f"{ROWS} cells cannot be taken: {FIRST_TEN}, column 'u' is empty or NaN; and 14 more",
        ),
    ],
)
def test_a_bad_cell_is_named_by_file_row_and_column(change, heads, message):
    with pytest.raises(DataError) as caught:
        level(rows(**change), heads={"h": REGRESSION, **heads}).open()

    assert str(caught.value) == f"own.csv: {message}"


def test_factors_are_composition_solvent_and_each_further_feature_with_its_categories():
    frame = rows(MA=np.arange(ROWS) % 2, X_En=np.arange(ROWS) % 4, SOLV_DPM=np.arange(ROWS) % 5)
    inputs = {"fine": ["X_En", "w"], "own": ["SOLV_DPM", "MA", "site"]}

    opened = level(frame, inputs=inputs).open()

    assert opened.columns.inputs == ["X_En", "w", "SOLV_DPM", "MA", "site=edge", "site=top"]
    assert opened.factors == [[0, 3], [1], [2], [4, 5]]


def test_where_the_composition_is_the_only_factor_its_sites_are():
    names = ["A_MASS", "MA", "B_En", "X_En", "Br", "tolerance_factor"]
    frame = rows(**{name: np.arange(ROWS) % (2 + place) for place, name in enumerate(names)})

    opened = level(frame, inputs={"own": names}).open()

    assert opened.factors == [[0, 1], [2], [3, 4], [5]]
