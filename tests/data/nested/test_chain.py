import hashlib

import numpy as np
import pandas as pd
import pytest
from small_tables import SPLIT, open_chain, scale, table

from remanence.data.nested.chain import Chain
from remanence.data.nested.compositions import UNITS
from remanence.errors import ConfigurationError, DataError
from remanence.science.nested.composition import ion_fractions
from remanence.science.nested.descriptors import FEATURES, describe
from remanence.science.nested.ions import IONS

FORMULAS = ["MAPbI3", "CsSnBr3", "FA0.5MA0.5PbBr3", "CsGeCl3", "KPbICl2"] * 6


@pytest.fixture
def opened(tmp_path):
    """Open a chain on tables written as CSV."""
    return lambda *arguments, **keys: open_chain(tmp_path, *arguments, **keys)


@pytest.fixture
def refused(opened):
    """Return what a chain that cannot be opened says."""

    def run(*arguments, error=ConfigurationError, **keys):
        with pytest.raises(error) as caught:
            opened(*arguments, **keys)
        (line,) = str(caught.value).splitlines()
        return line

    return run


def test_a_scale_takes_its_columns_and_those_of_its_parents_from_its_own_table(opened):
    fine, coarse = table("u", "v", "y"), table("z", "u", "w", rows=40)

    chain = opened(
        {"fine": fine, "coarse": coarse, "unused": table("a")},
        {"top": scale("coarse", ["w"], "z", parents=["base"]), "base": scale("fine", ["u"])},
    )

    assert list(chain.rows) == ["base", "top"]
    assert chain.coarsest is chain.rows["top"]
    np.testing.assert_array_equal(chain.rows["base"].x, fine[["u"]])
    np.testing.assert_array_equal(chain.coarsest.x, coarse[["u", "w"]])
    np.testing.assert_array_equal(chain.coarsest.y, coarse[["z"]])
    assert chain.flat_shape == {"n_features": 2, "n_targets": 1}
    assert chain.shape == {"layout": {name: level.layout for name, level in chain.rows.items()}}
    assert chain.synthetic is False


def test_every_file_read_is_a_source_with_its_digest(opened, tmp_path):
    chain = opened(
        {"fine": table("u", "y"), "coarse": table("u", "w", "y")},
        {"a": scale("fine", ["u"]), "b": scale("coarse", ["w"], parents=["a"]), "c": scale("coarse", ["u"])},
    )

    assert [source.name for source in chain.sources] == ["fine.csv", "coarse.csv"]
    for source in chain.sources:
        assert source.digest == hashlib.sha256((tmp_path / source.name).read_bytes()).hexdigest()
        assert source.location == str(tmp_path / source.name)
        assert source.kind == "local"


@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_marks_at_the_start_and_unnamed_and_repeated_columns_do_not_matter(tmp_path, start, delimiter):
    path, frame = tmp_path / "own.csv", table("u", "y")
    lines = ["u,,note,note,,y\n", *(f"{u},7,a,b,8,{y}\n" for u, y in frame.to_numpy())]
    path.write_text(start + "".join(lines).replace(",", delimiter), encoding="utf-8")

    chain = Chain(tables={"own": {"path": str(path)}}, scales={"a": scale("own", ["u"])}, split=SPLIT).open()

    np.testing.assert_array_equal(chain.rows["a"].x, frame[["u"]])
    np.testing.assert_array_equal(chain.rows["a"].y, frame[["y"]])


@pytest.mark.parametrize("twice", ["u", "w", "y"])
def test_a_column_that_a_scale_or_its_parent_takes_must_not_stand_twice(tmp_path, twice):
    for name, columns in (("fine", ["u", "y"]), ("coarse", ["u", "w", "y"])):
        table(*columns).to_csv(tmp_path / f"{name}.csv", index=False)
    path = tmp_path / "coarse.csv"
    path.write_text(
        "\n".join(f"{line},{twice if row == 0 else 1}" for row, line in enumerate(path.read_text().split()))
    )
    nodes = {name: {"path": str(tmp_path / f"{name}.csv")} for name in ("fine", "coarse")}
    scales = {"a": scale("fine", ["u"]), "b": scale("coarse", ["w"], parents=["a"])}

    with pytest.raises(DataError, match=rf"coarse.csv: column '{twice}' stands 2 times in the header"):
        Chain(tables=nodes, scales=scales, split=SPLIT).open()


def test_descriptors_are_computed_from_a_column_of_formulas(opened):
    frame = table("y", "B_EA", composition=FORMULAS)  # a descriptor that the file has as well gives way
    inputs = ["A_IONRAD", "B_EA", "X_En_SD", "Pb"]

    chain = opened(
        {"own": frame},
        {"a": scale("own", inputs)},
        described={"own": {"composition": "composition", "units": {"y": "K"}}},
    )

    fractions = ion_fractions(FORMULAS)
    expected = [describe(fractions)[:, FEATURES.index(name)] for name in inputs[:3]]
    np.testing.assert_array_equal(chain.rows["a"].x, np.stack([*expected, fractions[:, IONS.index("Pb")]], axis=1))
    assert chain.rows["a"].columns.units["A_IONRAD"] == UNITS["A_IONRAD"]
    assert chain.rows["a"].columns.label("y") == "y (K)"


@pytest.mark.parametrize("above", [["u [°C],y (K),note (s)"], ["u,y,note", "°C,K,s"]], ids=["beside", "below"])
def test_the_units_that_a_table_states_are_those_of_its_scale(tmp_path, above):
    path = tmp_path / "own.csv"
    path.write_text("\n".join([*above, *table("u", "y", "note").to_csv(index=False).splitlines()[1:]]))
    tables = {"own": {"path": str(path)}}

    chain = Chain(tables=tables, scales={"a": scale("own", ["u"])}, split=SPLIT).open()

    assert chain.rows["a"].columns.units == {"u": "°C", "y": "K"}
    tables["own"]["units"] = {"y": "eV"}
    with pytest.raises(DataError, match=r"own.csv: column 'y' is in K, data.tables.own.units says eV"):
        Chain(tables=tables, scales={"a": scale("own", ["u"])}, split=SPLIT).open()


def test_what_a_parent_takes_is_found_in_the_table_of_its_child_without_the_unit_behind_its_name(opened):
    coarse = table("u", "w", "y")

    chain = opened(
        {"fine": table("u", "z"), "coarse": coarse.rename(columns={"u": "u (nm)", "w": "w [K]"})},
        {"a": scale("fine", ["u"], "z"), "b": scale("coarse", ["w"], parents=["a"])},
    )

    np.testing.assert_array_equal(chain.rows["b"].x, coarse[["u", "w"]])
    assert chain.rows["b"].columns.units == {"u": "nm", "w": "K"}


@pytest.mark.parametrize(
    ("formula", "reason"),
    [("MAPbF3", "unknown ion 'F'"), ("MAPbI2", "composition 'MAPbI2'"), ("", " is empty"), ("water", "'water'")],
)
def test_a_bad_formula_is_named_by_file_row_and_column(refused, formula, reason):
    frame = table("y", name=[*FORMULAS[:4], formula, *FORMULAS[5:]])

    message = refused(
        {"own": frame}, {"a": scale("own", ["A_IONRAD"])}, described={"own": {"composition": "name"}}, error=DataError
    )

    assert message.startswith("own.csv: row 6, column 'name'")
    assert reason in message


def test_a_finer_scale_says_which_columns_are_categories(opened):
    kinds = np.array(["p", "q", "r"])[np.arange(30) % 3]
    fine = table("y", kind=kinds, year=[2020, 2021] * 15)
    coarse = table("y", kind="q", year=[2021] * 30, site=["top", "edge"] * 15)

    chain = opened(
        {"fine": fine, "coarse": coarse},
        {"a": scale("fine", ["kind", "year"]), "b": scale("coarse", ["site"], parents=["a"])},
        described={"fine": {"categorical": ["kind"]}, "coarse": {"categorical": ["year", "site"]}},
    )

    assert chain.rows["a"].columns.inputs == ["kind=p", "kind=q", "kind=r", "year"]
    assert chain.rows["b"].columns.inputs == ["kind=p", "kind=q", "kind=r", "year", "site=edge", "site=top"]
    assert (chain.rows["b"].x[:, :4] == [0, 1, 0, 2021]).all()


def test_a_category_that_a_finer_scale_has_not_seen_is_named(refused):
    coarse = table("w", "y", kind=["p"] * 29 + ["s"])

    message = refused(
        {"fine": table("y", kind=["p", "q"] * 15), "coarse": coarse},
        {"a": scale("fine", ["kind"]), "b": scale("coarse", ["w"], parents=["a"])},
        described={"fine": {"categorical": ["kind"]}},
        error=DataError,
    )

    assert message == "coarse.csv: row 31, column 'kind' is 's'; known values: p, q"


TABLES = {"fine": table("u", "y"), "coarse": table("w", "y")}
FINE = scale("fine", ["u"])


@pytest.mark.parametrize(
    ("scales", "keys", "message"),
    [
        ({"a": scale("fin", ["u"])}, {}, "model.scales.a.data: unknown table 'fin'; there are: fine, coarse"),
        ({"a": FINE, "b": scale("coarse", ["w"], parents=["a"])}, {},
         "model.scales.b.parents: rows of table 'coarse' have no 'u' to encode scale 'a' with; add the column, or "
         "model.scales.b.join.a=<key column of both tables>"),
        ({"a": {**FINE, "heads": {}}}, {}, "model.scales.a.heads: at least one must be a regression"),
        ({"a": scale("fine", ["u"], ["y"], kind="classification")}, {},
         "model.scales.a.heads: at least one must be a regression"),
        ({"a": FINE}, {"bins": {"fin": 3}}, "data.bins: unknown table 'fin'; there are: fine, coarse"),
        ({"a": scale("fine", ["u", "y"])}, {}, "model.scales.a: column 'y' is both input and property"),
        ({"a": scale("fine", ["u"], parents=["a"])}, {}, "model.scales: a cycle of parents: a → a"),
    ],
)  # fmt: skip
def test_a_scale_that_asks_for_what_is_not_there_is_named(refused, scales, keys, message):
    assert refused(TABLES, scales, **keys) == message


@pytest.mark.parametrize(
    ("scales", "keys", "message"),
    [
        ({"a": scale("fine", ["x"])}, {}, "fine.csv: no column 'x'; it has: u, y"),
        ({"a": scale("fine", ["u"], ["z"])}, {}, "fine.csv: no column 'z'; it has: u, y"),
        ({"a": FINE}, {"groups": "lot"}, "fine.csv: no column 'lot'; it has: u, y"),
        ({"a": FINE, "b": scale("coarse", ["w"], parents=["a"], join={"a": "id"})}, {}, "fine.csv: no column 'id'"),
    ],
)
def test_a_column_that_a_file_lacks_is_named(refused, scales, keys, message):
    assert message in refused(TABLES, scales, error=DataError, **keys)


def test_a_file_that_is_not_there_is_named(tmp_path):
    chain = Chain(tables={"own": {"path": str(tmp_path / "no.csv")}}, scales={"a": scale("own", ["u"])}, split=SPLIT)

    with pytest.raises(DataError, match=r"no.csv: no such file"):
        chain.check()


def test_other_kinds_of_files_are_tables_as_well(tmp_path):
    frame = table("u", "y", kind=["p", "q"] * 15)
    frame.to_parquet(tmp_path / "own.parquet")
    frame.to_excel(tmp_path / "own.xlsx", index=False)
    scales = {"a": scale("own", ["u", "kind"])}

    for name in ("own.parquet", "own.xlsx"):
        node = {"path": str(tmp_path / name), "categorical": ["kind"]}
        (level,) = Chain(tables={"own": node}, scales=scales, split=SPLIT).open().rows.values()
        np.testing.assert_array_equal(level.x[:, 0], frame["u"])
        np.testing.assert_array_equal(level.x[:, 1:], pd.get_dummies(frame["kind"]))


def test_each_value_of_a_left_out_column_is_held_out_once_in_its_table_only(opened):
    coarse = table("w", "z", rows=40, solvent=["a", "b", "c", "d"] * 10, u=np.arange(40) % 7)
    scales = {"base": scale("fine", ["u"]), "top": scale("coarse", ["w"], "z", parents=["base"])}

    chain = opened({"fine": table("u", "y"), "coarse": coarse}, scales, leave_out={"coarse": "solvent"})

    assert [len(fold.test) for fold in chain.rows["base"].folds] == [10, 10, 10]
    held = [set(coarse["solvent"].iloc[fold.test]) for fold in chain.rows["top"].folds]
    assert held == [{"a"}, {"b"}, {"c"}, {"d"}]
    for fold in chain.rows["top"].folds:  # validation rows are of solvents that are not trained on, too
        assert not set(coarse["solvent"].iloc[fold.train]) & set(coarse["solvent"].iloc[fold.validation])


def test_one_of_the_left_out_values_is_tested_alone_if_asked(opened):
    coarse = table("w", "z", rows=40, solvent=["a", "b", "c", "d"] * 10)

    chain = opened(
        {"coarse": coarse},
        {"top": scale("coarse", ["w"], "z")},
        leave_out={"coarse": "solvent"},
        split=SPLIT | {"only": 2},
    )

    (fold,) = chain.rows["top"].folds
    assert set(coarse["solvent"].iloc[fold.test]) == {"c"}


def test_a_left_out_table_or_column_that_is_not_there_is_named(refused):
    tables, scales = {"fine": table("u", "y")}, {"a": scale("fine", ["u"])}

    said = refused(tables, scales, leave_out={"fin": "w"})
    assert said == "data.leave_out: no scale has a table 'fin'; they have: fine"
    assert "'v'" in refused(tables, scales, error=DataError, leave_out={"fine": "v"})


def test_rows_with_equal_inputs_are_held_out_together_only_if_asked(opened, capsys):
    frame = table("y", u=np.repeat(np.arange(15), 2))
    scales = {"a": scale("fine", ["u"])}

    def torn(**arguments):
        return opened({"fine": frame}, scales, **arguments).rows["a"].torn

    assert torn() > 0
    assert "may stand on both sides of a split" in capsys.readouterr().out
    assert torn(duplicates="together") == 0
    assert "30 of 30 rows stand in 15 sets of equal inputs" in capsys.readouterr().out


def test_a_finer_scale_whose_equal_inputs_are_torn_by_the_folds_of_a_coarser_one_is_told(opened, capsys):
    frame = table("w", "y", "z", u=np.repeat(np.arange(15), 2))
    scales = {"a": scale("own", ["u"]), "b": scale("own", ["w"], "z", parents=["a"])}

    chain = opened({"own": frame}, scales, duplicates="together")

    assert chain.rows["a"].torn > 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"scale 'a': {chain.rows['a'].torn} of 30 rows are tested beside equal inputs in the training" in said
    assert "folds are those of 'b'" in said
