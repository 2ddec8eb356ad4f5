import itertools

import numpy as np
import pandas as pd
import pytest
from small_tables import open_chain, scale, table

from remanence.errors import ConfigurationError, DataError

ROWS = 30


@pytest.fixture
def opened(tmp_path):
    """Open a chain on tables written as CSV."""
    return lambda *arguments, **keys: open_chain(tmp_path, *arguments, **keys)


def shuffled(seed, rows=ROWS):
    return np.random.default_rng(seed).permutation(rows)


def pair(key="id", **keys):
    """Describe a scale on the table ``fine`` and one on ``coarse`` that is joined with it."""
    return {
        "a": scale("fine", ["u"]),
        "b": scale("coarse", ["w"], parents=["a"], join={"a": key}, **keys),
    }


def test_a_joined_row_has_the_inputs_of_the_row_with_its_key(opened):
    fine, coarse = table("u", "y", rows=10, id=shuffled(1, 10)), table("w", "y", id=np.arange(ROWS) % 10)

    chain = opened({"fine": fine, "coarse": coarse}, pair())

    level = chain.rows["b"]
    assert (level.columns.inputs, level.targets) == (["a.u", "b.w"], ["b.y"])
    merged = coarse.merge(fine, on="id", suffixes=("", "_fine"))
    expected = merged.sort_values("w")[["u", "w"]].to_numpy()
    np.testing.assert_array_equal(level.x[np.argsort(level.x[:, 1])], expected)
    assert len(chain.rows["a"].x) == 10


def test_keys_of_text_and_numbers_join(opened, tmp_path):
    names = [f"S{number}" for number in shuffled(0)]
    fine, coarse = table("u", "y", id=names), table("w", "y", id=sorted(names))

    level = opened({"fine": fine, "coarse": coarse}, pair()).rows["b"]

    expected = coarse.merge(fine, on="id")
    np.testing.assert_array_equal(level.frame["id"], sorted(names))
    np.testing.assert_array_equal(level.x[:, 0], expected["u"])


def same(chain, *names):
    """Whether scales are held out together."""
    first, *others = [chain.rows[name] for name in names]
    parts = [
        [np.concatenate([fold.train, [-1], fold.validation, [-1], fold.test]).tolist() for fold in level.folds]
        for level in (first, *others)
    ]
    return all(own == parts[0] for own in parts[1:]) and all(level.rows is first.rows for level in others)


def test_samples_whose_numbers_are_written_otherwise_are_held_out_together(opened):
    fine, coarse = table("u", "y", id=np.arange(ROWS)), table("w", "y", id=shuffled(3).astype(float))

    chain = opened({"fine": fine, "coarse": coarse}, pair())

    assert same(chain, "a", "b")
    assert samples(chain.rows["a"], "id") == samples(chain.rows["b"], "id")


def test_units_of_the_headers_are_kept_and_two_units_of_an_input_are_refused(opened):
    scales = {"a": scale("fine", ["u"]), "b": scale("coarse", ["w"], parents=["a"])}
    fine = table("u", "y").rename(columns={"u": "u (nm)", "y": "y / eV"})
    coarse = table("u", "w", "y")

    same_unit = opened({"fine": fine, "coarse": coarse.rename(columns={"u": "u [nm]"})}, scales)
    assert same_unit.rows["a"].columns.units == {"u": "nm", "y": "eV"}
    opened({"fine": fine, "coarse": coarse}, scales)
    with pytest.raises(DataError, match=r"^coarse.csv: column 'u' is in pm, that of fine.csv in nm; convert it$"):
        opened({"fine": fine, "coarse": coarse.rename(columns={"u": "u (pm)"})}, scales)


def samples(level, key):
    return level.frame[key].map(float).map(int).tolist()


def test_scales_of_the_same_samples_are_held_out_together_in_whatever_order_they_lie(opened):
    tables = {"fine": table("u", "y", id=shuffled(1)), "coarse": table("w", "y", id=shuffled(2))}

    chain = opened(tables, pair())

    fine, coarse = chain.rows["a"], chain.rows["b"]
    assert samples(fine, "id") == samples(coarse, "id")
    assert same(chain, "a", "b")
    values = tables["fine"].set_index("id")["u"]
    np.testing.assert_array_equal(fine.x[:, 0], values[samples(fine, "id")])
    np.testing.assert_array_equal(coarse.x[:, 0], values[samples(coarse, "id")])


def test_samples_that_are_named_anew_from_scale_to_scale_are_held_out_together(opened):
    tables = {
        "fine": table("u", "y", small=shuffled(1)),
        "middle": table("v", "y", small=shuffled(2), large=shuffled(3)),
        "coarse": table("w", "y", large=shuffled(4)),
    }
    scales = {
        "a": scale("fine", ["u"]),
        "b": scale("middle", ["v"], parents=["a"], join={"a": "small"}),
        "c": scale("coarse", ["w"], parents=["b"], join={"b": "large"}),
    }

    chain = opened(tables, scales)

    assert same(chain, "a", "b", "c")
    assert samples(chain.rows["a"], "small") == samples(chain.rows["b"], "small")
    assert samples(chain.rows["b"], "large") == samples(chain.rows["c"], "large")
    merged = tables["coarse"].merge(tables["middle"], on="large").merge(tables["fine"], on="small")
    expected = merged.set_index("large").loc[samples(chain.rows["c"], "large"), ["u", "v", "w"]]
    np.testing.assert_array_equal(chain.rows["c"].x, expected)


@pytest.mark.parametrize(("coarse_rows", "shared"), [(ROWS, True), (ROWS - 1, False)])
def test_two_scales_on_one_are_held_out_together_where_all_samples_are_the_same(opened, coarse_rows, shared):
    tables = {
        "fine": table("u", "y", id=shuffled(1)),
        "left": table("v", "y", id=shuffled(2)),
        "right": table("w", "y", id=shuffled(3), rows=ROWS).iloc[:coarse_rows],
    }
    joined = {"parents": ["a"], "join": {"a": "id"}}
    scales = {
        "a": scale("fine", ["u"]),
        "left": scale("left", ["v"], **joined),
        "right": scale("right", ["w"], **joined),
    }

    chain = opened(tables, scales)

    assert same(chain, "a", "left")
    assert same(chain, "a", "right") == shared


def test_scales_on_one_table_are_held_out_together(opened):
    frame = table("u", "w", "y", "z")

    chain = opened({"own": frame}, {"a": scale("own", ["u"]), "b": scale("own", ["w"], "z", parents=["a"])})

    assert same(chain, "a", "b")
    assert chain.rows["a"].rows is chain.coarsest.rows


def test_tables_of_other_rows_are_split_by_their_own_property(opened):
    tables = {"fine": table("u", "y"), "coarse": table("u", "w", "y", rows=20)}

    chain = opened(tables, {"a": scale("fine", ["u"]), "b": scale("coarse", ["w"], parents=["a"])})

    for level, rows in zip(chain.rows.values(), (30, 20), strict=True):
        tests = np.concatenate([fold.test for fold in level.folds])
        assert sorted(tests) == list(range(rows))
    assert chain.folds is chain.coarsest.folds
    assert chain.fold is chain.coarsest.folds[0]


def test_quantile_bins_are_those_of_the_table_where_it_has_some(opened):
    tables = {"fine": table("u", "y", rows=60), "coarse": table("u", "w", "y", rows=60)}
    scales = {"a": scale("fine", ["u"]), "b": scale("coarse", ["w"], parents=["a"])}

    chain = opened(tables, scales, bins={"fine": 20})

    assert (chain.rows["a"].split["bins"], chain.rows["b"].split["bins"]) == (20, 3)
    order = np.argsort(np.argsort(chain.rows["a"].y[:, 0])) // 3  # twenty bins of three rows, one for each fold
    assert all(sorted(order[fold.test]) == list(range(20)) for fold in chain.rows["a"].folds)


@pytest.mark.parametrize("options", [{"folds": 3, "repeats": 1}, {"folds": 3}, {}], ids=["kfold", "grouped", "each"])
def test_families_stay_together_in_every_table(opened, options):
    kind = "kfold" if "repeats" in options else "grouped" if options else "leave_one_group_out"
    split = {"kind": kind, "validation": 0.2, "bins": 3, "seed": 0, **options}
    families = np.array(["A", "B", "C", "D", "E", "F"])
    fine = table("u", "y", lot=families[np.arange(30) % 6])
    coarse = table("u", "w", "y", rows=24, lot=np.repeat(families, 4))
    scales = {"a": scale("fine", ["u"]), "b": scale("coarse", ["w"], parents=["a"])}

    chain = opened({"fine": fine, "coarse": coarse}, scales, groups="lot", split=split)

    for level in chain.rows.values():
        lots = level.frame["lot"].to_numpy()
        for fold in level.folds:
            parts = [set(lots[rows]) for rows in (fold.train, fold.validation, fold.test)]
            assert all(not one & other for one, other in itertools.combinations(parts, 2))


def test_a_scale_may_be_reached_in_two_ways(opened):
    tables = {name: table(name, "y", id=shuffled(seed)) for seed, name in enumerate("uvwx")}
    scales = {
        "fine": scale("u", ["u"]),
        "left": scale("v", ["v"], parents=["fine"], join={"fine": "id"}),
        "right": scale("w", ["w"], parents=["fine"], join={"fine": "id"}),
        "coarse": scale("x", ["x"], parents=["left", "right"], join={"left": "id", "right": "id"}),
    }

    chain = opened(tables, scales)

    level = chain.coarsest
    assert level.name == "coarse"
    assert level.columns.inputs == ["fine.u", "left.v", "right.w", "coarse.x"]
    assert level.layout["blocks"] == {"fine": [0], "left": [1], "right": [2], "coarse": [3]}
    ids = samples(level, "id")
    for column, name in enumerate("uvwx"):
        np.testing.assert_array_equal(level.x[:, column], tables[name].set_index("id")[name][ids])
    assert same(chain, *scales)


def test_two_ways_to_different_rows_are_refused(opened):
    tables = {name: table(name, "y", id=np.arange(ROWS)) for name in "uvwx"}
    tables["w"]["id_of_u"], tables["u"]["id_of_u"] = shuffled(1), np.arange(ROWS)
    scales = {
        "fine": scale("u", ["u"]),
        "left": scale("v", ["v"], parents=["fine"], join={"fine": "id"}),
        "right": scale("w", ["w"], parents=["fine"], join={"fine": "id_of_u"}),
        "coarse": scale("x", ["x"], parents=["left", "right"], join={"left": "id", "right": "id"}),
    }

    with pytest.raises(ConfigurationError, match=r"^model.scales.coarse: its joins lead to different rows of 'fine'$"):
        opened(tables, scales)


@pytest.mark.parametrize(
    ("fine", "coarse", "error", "message"),
    [
        (range(ROWS), range(100, 100 + ROWS), ConfigurationError, "model.scales.b.join.a: no row matches"),
        (range(ROWS), [*range(ROWS - 1), 77], DataError,
         "coarse.csv: row 31, column 'id' is '77', which no row of 'a' has; so are 1 of 30 rows"),
        (range(ROWS), [0, "", *range(2, ROWS)], DataError, "coarse.csv: row 3, column 'id' is empty"),
        ([0, *range(ROWS - 1)], range(ROWS), DataError, "model.scales.b.join.a: 'id' must tell the rows of 'a' apart"),
    ],
)  # fmt: skip
def test_a_join_that_fails_names_the_scale_or_the_row(opened, fine, coarse, error, message):
    tables = {"fine": table("u", "y", id=fine), "coarse": table("w", "y", id=pd.Series(coarse, dtype=object))}

    with pytest.raises(error) as caught:
        opened(tables, pair())

    assert str(caught.value).startswith(message)
