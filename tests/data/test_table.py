import numpy as np
import pandas as pd
import pytest

from remanence.data.table import Table
from remanence.data.table_file import digest_of, write_table
from remanence.errors import ConfigurationError, DataError

SPLIT = {"folds": 5, "fold": 0, "validation": 0.2, "bins": 5, "seed": 0}
FEATURES = ["x", "kind"]


def frame(rows=30, **columns):
    values = {
        "x": np.linspace(0.02, 0.25, rows).round(6),  # a workbook keeps 16 digits, not all 17
        "amount": np.arange(rows) % 7,
        "kind": np.array(["QS", "NS", "Sr"])[np.arange(rows) % 3],
        "d33": 120.0 + np.arange(rows) ** 2 % 11,
        "eps_r": 900.0 + np.arange(rows),
    }
    return pd.DataFrame(values | columns)


@pytest.fixture
def table(tmp_path):
    """An unopened table on a file; keyword arguments are those of ``Table``, ``split`` those of the split."""

    def make(cells=None, *, name="mine.csv", split=(), **arguments):
        if cells is not None:
            write_table(cells, tmp_path / name)
        given = {"target": "d33", "features": ["x", "amount"], "path": str(tmp_path / name)} | arguments
        return Table(**given, split=SPLIT | dict(split))

    return make


def error_of(table, kind=DataError):
    with pytest.raises(kind) as caught:
        table.open()
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_an_opened_table_holds_inputs_targets_and_parts_in_physical_units(table):
    cells = frame()
    data = table(cells, target=["d33", "eps_r"], features=FEATURES, categorical=["kind"]).open()

    one_hot = [(cells["kind"] == level).to_numpy(float) for level in ("NS", "QS", "Sr")]
    np.testing.assert_array_equal(data.x, np.stack([cells["x"], *one_hot], axis=1))
    np.testing.assert_array_equal(data.y, cells[["d33", "eps_r"]])
    assert data.columns.inputs == ["x", "kind=NS", "kind=QS", "kind=Sr"]
    for part in ("train", "validation", "test"):
        x, y = data.part(part)
        np.testing.assert_array_equal(x, data.x[getattr(data.fold, part)])
        np.testing.assert_array_equal(y, data.y[getattr(data.fold, part)])


@pytest.mark.parametrize("name", ["lr=0.1 Größe 5 µm.csv", "a=b=c.xlsx", "große Proben.parquet"])
def test_a_path_may_hold_spaces_umlauts_and_equals_signs(table, tmp_path, name):
    data = table(frame(), name=name).open()

    assert data.source.name == name
    assert data.source.location == str(tmp_path / name)
    assert data.source.digest == digest_of(tmp_path / name)
    assert data.source.kind == "local"
    assert len(data.frame) == 30


def test_every_format_gives_the_same_numbers(table):
    arguments = {"target": ["d33", "eps_r"], "features": ["x", "kind", "amount"], "categorical": ["kind", "amount"]}
    first, *others = [table(frame(), name=name, **arguments).open() for name in ("a.csv", "a.xlsx", "a.parquet")]

    for other in others:
        assert other.columns == first.columns
        np.testing.assert_array_equal(other.x, first.x)
        np.testing.assert_array_equal(other.y, first.y)
        np.testing.assert_array_equal(other.fold.test, first.fold.test)


@pytest.mark.parametrize("cells", [[5] * 30, [5, 5.0, "5.00"] * 10], ids=["same text", "same number"])
def test_a_constant_feature_is_refused(table, cells):
    message = error_of(table(frame(amount=cells)))

    assert message.startswith("mine.csv: column 'amount' is constant (5)")


def test_a_constant_category_is_refused(table):
    message = error_of(table(frame(kind=["NS"] * 30), features=FEATURES, categorical=["kind"]))

    assert message.startswith("mine.csv: column 'kind' is constant (NS)")


def test_a_constant_target_is_no_error(table):
    assert np.ptp(table(frame(d33=[100.0] * 30)).open().y) == 0


def test_an_empty_category_is_not_listed_as_known(table):
    cells = frame()
    cells.loc[4, "kind"] = None

    for name in ("mine.xlsx", "mine.parquet", "mine.csv"):
        message = error_of(table(cells, name=name, features=FEATURES, categorical=["kind"]))
        known = f"{name}: row 6, column 'kind' is empty; known values: NS, QS, Sr; "
        assert message.startswith(f"{known}data.missing=drop leaves out")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"features": []}, "data.features: name at least one column"),
        ({"target": []}, "data.target: name at least one column"),
        ({"target": ["d33", "d33"]}, "column 'd33' is named twice"),
        ({"features": ["x", "x"]}, "column 'x' is named twice"),
        ({"features": ["x", "d33"]}, "column 'd33' is named twice"),
        ({"categorical": ["kind"]}, "data.categorical: 'kind' is not one of data.features"),
    ],
)
def test_names_that_contradict_each_other_are_refused_before_any_file_is_read(table, arguments, message):
    with pytest.raises(ConfigurationError, match=message):
        table(name="missing.csv", **arguments)


def test_without_a_file_the_key_to_give_is_named():
    with pytest.raises(DataError, match=r"^data\.path: no table given"):
        Table(target="d33", features=["x"], split=SPLIT).open()


@pytest.mark.parametrize(("column", "role"), [("d31", "target"), ("family", "groups")])
def test_every_named_column_is_looked_for(table, column, role):
    assert f"no column '{column}'; it has: x, amount, kind, d33, eps_r" in error_of(table(frame(), **{role: column}))


def test_faults_are_reported_in_the_order_path_header_cells_counts(table, tmp_path):
    split = {"folds": 40, "fold": 50}
    faults = frame(amount=5, d33=["bad", *[100.0] * 29])

    assert "no such file" in error_of(table(split=split))
    assert "no column 'amount'" in error_of(table(faults.drop(columns="amount"), split=split))
    assert "row 2, column 'd33' is not a number: 'bad'" in error_of(table(faults, split=split))
    assert "column 'amount' is constant" in error_of(table(frame(amount=5), split=split))
    assert "data.split.fold: must be less than" in error_of(table(frame(), split=split), ConfigurationError)
    few = error_of(table(frame(), split=split | {"fold": 0}))
    assert "data.split.folds: 40 folds need at least 40 rows, mine.csv has 30" in few
    assert "rows are too few" in error_of(table(frame(5), split={"validation": 0.9}))
    assert len(table(frame(5)).open().fold.test) == 1


def test_what_fills_a_cell_without_a_value_is_said_by_what_its_column_is(table):
    assert "impute" not in error_of(table(frame(d33=["", *map(str, range(29))])))  # no target is filled
    text = frame(amount=["", *["a", "b"] * 14, "a"])
    assert "data.missing=impute takes an empty category as none of" in error_of(table(text, categorical=["amount"]))
    taken = table(text, categorical=["amount"], missing="impute").open()
    known = [n for n, name in enumerate(taken.columns.inputs) if name.startswith("amount")]
    assert len(known) == 2
    assert not taken.x[0, known].any()
    assert (taken.x[1:, known].sum(axis=1) == 1).all()


def test_cells_without_a_value_are_left_out_or_filled_as_the_message_says(table, capsys):
    cells = frame(amount=["ND", *map(str, range(29))], d33=["", "n/a", *map(str, range(28))])

    assert "data.missing=drop leaves out the rows that lack a value" in error_of(table(cells))
    assert len(table(missing="drop").open().x) == 28
    assert "2 of 30 rows lack a value and are left out: 2, 3" in capsys.readouterr().out
    cells.loc[5, "amount"] = "-"
    filled = table(cells, missing="impute").open()
    assert filled.x[3, 1] == np.median([value for value in range(29) if value != 4])
    assert filled.columns.fill["amount"] == filled.x[3, 1]


def test_values_with_an_uncertainty_are_taken_as_the_message_says(table, capsys):
    cells = frame(d33=["100±5", *map(str, range(29))])

    assert "is a value with its uncertainty: '100±5'; data.uncertain=value takes" in error_of(table(cells))
    data = table(uncertain="value").open()
    assert (data.y[0, 0], data.uncertainty[0, 0]) == (100, 5)
    assert np.isnan(data.uncertainty[1:]).all()
    assert "1 of 30 values of 'd33' have an uncertainty, such as '100±5' in row 2" in capsys.readouterr().out


def test_a_column_holds_the_uncertainty_of_a_target(table):
    assert table(frame()).open().uncertainty is None
    data = table(frame(sd=np.linspace(1, 2, 30)), uncertainty={"d33": "sd"}).open()

    np.testing.assert_allclose(data.uncertainty[:, 0], np.linspace(1, 2, 30))
    assert "no column 'se'" in error_of(table(uncertainty={"d33": "se"}))
    with pytest.raises(ConfigurationError, match=r"data\.uncertainty: 'eps_r' is not one of data\.target"):
        table(uncertainty={"eps_r": "sd"})


def test_a_column_is_found_without_the_unit_behind_its_name(table):
    cells = frame().rename(columns={"d33": "d33 (pC/N)", "amount": "amount / mol"})
    data = table(cells).open()

    assert data.targets == ["d33"]
    assert data.columns.units == {"d33": "pC/N", "amount": "mol"}
    assert data.columns.label("d33") == "d33 (pC/N)"
    np.testing.assert_array_equal(data.y[:, 0], cells["d33 (pC/N)"])
    assert table(units={"d33": "pC/N", "x": "1"}).open().columns.units == {"d33": "pC/N", "amount": "mol", "x": "1"}
    assert "column 'd33' is in pC/N, data.units says m/V" in error_of(table(units={"d33": "m/V"}))
    assert "no column 'amout'" in (message := error_of(table(features=["amout"])))
    assert message.endswith("; did you mean 'amount / mol'?")


def test_a_feature_of_text_becomes_a_category(table, capsys):
    data = table(frame(), features=FEATURES).open()

    assert data.columns.levels == {"kind": ["NS", "QS", "Sr"]}
    assert "'kind' holds text and is taken as a category: NS, QS, Sr" in capsys.readouterr().out
    same = table(features=FEATURES, categorical=["kind"]).open()
    assert capsys.readouterr().out == ""
    np.testing.assert_array_equal(data.x, same.x)


def test_a_column_that_looks_like_an_uncertainty_is_used_as_the_line_says(table, capsys):
    assert table(frame(d33_sd=np.linspace(1, 2, 30))).open().uncertainty is None
    assert "data.uncertainty={d33: d33_sd} weighs each row by it" in capsys.readouterr().out
    assert table(uncertainty={"d33": "d33_sd"}).open().uncertainty.shape == (30, 1)
    assert capsys.readouterr().out == ""


def test_rows_have_names_by_the_key_or_by_the_name_of_the_column(table):
    cells = frame(Sample=[f"S{row}" for row in range(30)], lab=list("ab" * 15))

    assert table(cells).open().names.tolist() == cells["Sample"].tolist()
    assert table(id="lab").open().names.tolist() == cells["lab"].tolist()
    assert table(frame()).open().names is None
    assert "no column 'nummer'" in error_of(table(id="nummer"))


def test_plain_rows_hold_numbers_as_they_were_taken(table):
    cells = frame(amount=["n/a", "3±1", *map(str, range(28))], d33=["5", "6±1", *map(str, range(28))])
    data = table(cells, missing="impute", uncertain="value", features=["amount", "kind"]).open()

    assert data.plain["amount"].tolist()[:3] == [np.median([3, *range(28)]), 3, 0]
    assert data.plain["d33"].tolist()[:3] == [5, 6, 0]
    assert data.plain["kind"].tolist() == cells["kind"].tolist()
    assert data.frame["amount"].tolist()[:2] == ["n/a", "3±1"]
