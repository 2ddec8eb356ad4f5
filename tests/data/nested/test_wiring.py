import itertools

import pandas as pd
import pytest

from remanence.data.nested.wiring import columns_of, keys_of, match_rows, order_scales
from remanence.errors import ConfigurationError, DataError


def on(**parents):
    """Describe scales by their parents."""
    return {name: {"parents": list(above)} for name, above in parents.items()}


@pytest.mark.parametrize(
    "scales",
    [
        on(c="b", b="a", a=""),
        on(c="a", a="", b="a"),
        on(d="bc", b="a", c="a", a=""),
        on(b="", a=""),
    ],
    ids=["chain", "tree", "diamond", "apart"],
)
def test_every_scale_comes_after_its_parents(scales):
    order = order_scales(scales)

    assert sorted(order) == sorted(scales)
    for name, spec in scales.items():
        assert all(order.index(parent) < order.index(name) for parent in spec["parents"])


def test_scales_without_parents_or_joins_need_not_say_so():
    assert order_scales({"only": {"data": "a"}, "other": {"parents": None, "join": None}}) == ["only", "other"]


@pytest.mark.parametrize(
    ("scales", "message"),
    [
        (on(a="", b="x"), "model.scales.b.parents: unknown scale 'x'; there are: a, b"),
        (on(a="a"), "model.scales: a cycle of parents: a → a"),
        (on(a="", b="a") | {"b": {"join": {"a": "id"}}}, "model.scales.b.join: 'a' is not one of its parents: []"),
    ],
)
def test_a_wrong_parent_names_the_scale(scales, message):
    with pytest.raises(ConfigurationError) as caught:
        order_scales(scales)

    assert str(caught.value) == message


@pytest.mark.parametrize("scales", [on(a="", A="a"), on(best_of_repeats=""), on(a="", latents_a="a")], ids=str)
def test_a_scale_whose_metrics_or_figures_would_be_called_as_others_is_refused(scales):
    with pytest.raises(ConfigurationError, match=r"^model\.scales\.\w+: metrics or figures of this scale would be"):
        order_scales(scales)


def test_a_cycle_is_told_from_each_scale_to_its_parent():
    scales = on(root="", a=["root", "c"], b="a", c="b")

    with pytest.raises(ConfigurationError, match=r"^model.scales: a cycle of parents: ") as caught:
        order_scales(scales)

    ring = str(caught.value).rpartition(": ")[2].split(" → ")
    assert ring[0] == ring[-1]
    assert sorted(ring[1:]) == ["a", "b", "c"]
    assert all(parent in scales[name]["parents"] for name, parent in itertools.pairwise(ring))


def match(own, finer, key="id"):
    return match_rows("b", key, own, finer, parent="a", source="b.csv").tolist()


@pytest.mark.parametrize(
    ("own", "finer"),
    [
        (["x", "z", "x"], ["z", "y", "x"]),
        ([1, 3, 1], [3, 2, 1]),
        (["1", "3", "1"], [3, 2, 1]),
        ([1, 3, 1], list("321")),
        ([1.0, 3.0, 1.0], list("321")),
        (["S 1", "S\xa03 ", "S 1"], ["S 3", "S 2", " S\xa01"]),
    ],
    ids=["text", "integers", "text and integers", "integers and text", "numbers with a point and text", "blanks"],
)
def test_rows_find_the_row_with_their_key(own, finer):
    assert match(pd.DataFrame({"id": own}), pd.DataFrame({"id": finer}, index=[7, 8, 9])) == [2, 0, 2]


@pytest.mark.parametrize(
    ("own", "finer", "error", "message"),
    [
        (["x"], ["y", "z"], ConfigurationError, "no row matches: 'id' is such as 'x' here, such as 'y' in 'a'"),
        (["y"], ["y", "z", "y"], DataError, "'id' must tell the rows of 'a' apart, 'y' stands there twice"),
    ],
)
def test_keys_that_join_nothing_or_too_much_name_the_join(own, finer, error, message):
    with pytest.raises(error) as caught:
        match(pd.DataFrame({"id": own}), pd.DataFrame({"id": finer}))

    assert str(caught.value) == f"model.scales.b.join.a: {message}"


@pytest.mark.parametrize(("own", "finer", "scale"), [("id", "ID", "a"), ("ID", "id", "b")])
def test_a_table_without_the_key_is_named(own, finer, scale):
    with pytest.raises(ConfigurationError, match=rf"join.a: the table of '{scale}' has no column 'id'$"):
        match(pd.DataFrame({own: ["x"]}), pd.DataFrame({finer: ["x"]}))


def test_a_name_of_digits_is_no_number():
    with pytest.raises(ConfigurationError, match="no row matches: 'id' is such as '1' here, such as '001' in 'a'"):
        match(pd.DataFrame({"id": [1]}), pd.DataFrame({"id": ["001"]}))


def test_a_row_without_a_match_is_named_by_its_row_and_key():
    with pytest.raises(DataError) as caught:
        match(pd.DataFrame({"id": ["x", "u", "y", "v"]}, index=[0, 2, 3, 5]), pd.DataFrame({"id": ["y", "x"]}))

    message = "b.csv: row 4, column 'id' is 'u', which no row of 'a' has; so are 2 of 4 rows"
    assert str(caught.value) == message


@pytest.mark.parametrize("cell", ["", " ", None, float("nan")])
def test_a_row_without_a_key_joins_no_other_such_row(cell):
    with pytest.raises(DataError, match=r"^b.csv: row 3, column 'id' is empty$"):
        match(pd.DataFrame({"id": ["x", cell]}, dtype=object), pd.DataFrame({"id": ["x", cell]}, dtype=object))


SCALES = {
    "a": {"data": "fine", "inputs": ["u", "v"], "heads": {"h": {"columns": ["y"]}, "k": {"columns": ["y", "w"]}}},
    "b": {"data": "coarse", "inputs": ["x"], "parents": ["a"], "join": {"a": "id"}, "heads": None},
    "c": {"data": "coarse", "inputs": ["x", "z"], "parents": ["a"], "join": {"a": "number"}, "heads": {}},
}


def test_tables_have_the_keys_and_columns_that_their_scales_name():
    assert keys_of(SCALES) == {"fine": ["id", "number"], "coarse": ["id", "number"]}
    assert columns_of(SCALES, "fine") == ["u", "v", "y", "w", "id", "number"]
    assert columns_of(SCALES, "coarse") == ["x", "z", "id", "number"]
    assert columns_of({"a": SCALES["a"]}, "fine") == ["u", "v", "y", "w"]
