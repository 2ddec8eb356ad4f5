import numpy as np
import pandas as pd
import pytest

from remanence.data.columns import Columns
from remanence.data.equal_inputs import EqualInputs
from remanence.data.families import compositions_of, equal_inputs, families_of_compositions, say_repeated_ids
from remanence.data.table import Table
from remanence.errors import ConfigurationError

FORMULAS = ["K0.5Na0.5NbO3", "(K0.5Na0.5)NbO3", "K0.4Na0.6NbO3", "NaNbO3", "KNbO3", "K0.50Na0.50NbO3"]
FRAME = pd.DataFrame({"formula": FORMULAS, "T": [1100.0, 1100.0, 1100.0, 1100.0, 1100.0, 1150.0]})
COLUMNS = Columns(["T"], ["d33"], composition="formula", elements=["K", "Na"])
X = np.stack([FRAME["T"], [0.25, 0.25, 0.2, 0, 0.5, 0.25], [0.25, 0.25, 0.3, 0.5, 0, 0.25]], axis=1)
KFOLD = {"kind": "kfold", "folds": 3, "repeats": 2, "validation": 0.2, "bins": 5, "seed": 0}
COMPOSITIONS = compositions_of(FRAME, COLUMNS)


def test_inputs_are_equal_if_the_formulas_hold_the_same_and_the_other_inputs_are_equal():
    assert equal_inputs(X, COLUMNS, COMPOSITIONS).sets.tolist() == [0, 0, 1, 2, 3, 4]
    site_means_differ = X.copy()
    site_means_differ[1, 1] += 0.01  # descriptors of sites may depend on how a formula is written
    assert equal_inputs(site_means_differ, COLUMNS, COMPOSITIONS).sets.tolist() == [0, 0, 1, 2, 3, 4]


def test_without_formulas_inputs_are_compared_as_numbers():
    assert compositions_of(FRAME, Columns(["T"], ["d33"])) is None
    assert equal_inputs(X[:, :1], Columns(["T"], ["d33"]), None).sets.tolist() == [0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("kind", "expected", "said"),
    [
        ("formula", [0, 0, 2, 3, 4, 0], "4 families of equal formulas"),
        ("elements", ["K Na Nb O"] * 3 + ["Na Nb O", "K Nb O", "K Na Nb O"], "3 families of formulas of the same"),
    ],
)
def test_families_are_equal_formulas_or_formulas_of_equal_elements(capsys, kind, expected, said):
    families = families_of_compositions(COMPOSITIONS, FRAME, COLUMNS, kind, "t.csv")

    assert families.tolist() == [FORMULAS[name] if isinstance(name, int) else name for name in expected]
    assert f"t.csv: {said}" in capsys.readouterr().out
    assert families_of_compositions(COMPOSITIONS, FRAME, COLUMNS, "none", "t.csv") is None


@pytest.fixture
def knn(shared_data):
    def opened(**given):
        path = shared_data / "piezo" / "knn_d33_train.csv"
        slip = {"B0.5Na0.5TiO3": "Bi0.5Na0.5TiO3"}
        options = {"duplicates": "together", "split": KFOLD, "abbreviations": slip, **given}
        return Table(path=str(path), target="d33 (pC/N)", features=[], composition="Component", **options).open()

    return opened


def test_the_published_table_has_some_160_formulas_in_some_70_families(knn, capsys):
    data = knn(families="elements")

    assert data.equal.count == pytest.approx(161, abs=4)
    assert 23 < data.equal.noise_floor(data.y)[0] < 31
    assert np.unique(data.rows.groups).size == pytest.approx(71, abs=4)
    assert f"{np.unique(data.rows.groups).size} families of formulas of the same elements" in capsys.readouterr().out
    for fold in data.folds:
        assert not set(data.rows.groups[fold.fitting]) & set(data.rows.groups[fold.test])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"composition": None, "features": ["T"]},
            "data.families: 'elements' needs data.composition, a column of form",
        ),
        ({"groups": "T"}, "data.families, data.groups: each names the families; give one of them"),
    ],
)
def test_families_that_cannot_be_are_refused(given, message):
    options = {"composition": "formula", "features": [], **given}

    with pytest.raises(ConfigurationError, match=message):
        Table(path="t.csv", target="d33", families="elements", split=KFOLD, **options)


@pytest.mark.parametrize("name", ["id", "ID", "batch"])
def test_repeated_ids_of_different_inputs_suggest_groups(capsys, name):
    frame = pd.DataFrame({name: ["a", "b", "a", "c", "c"]})
    columns = Columns(["x"], ["d33"], id=name if name == "batch" else None)
    equal = EqualInputs.of(np.array([[1.0], [2.0], [3.0], [4.0], [4.0]]))

    say_repeated_ids(frame, columns, equal, "t.csv")

    assert capsys.readouterr().out == (
        f"t.csv: 1 values of '{name}' stand in 2 rows with different inputs; if a value names one sample, "
        f"data.groups={name} holds its rows out together\n"
    )


@pytest.mark.parametrize("frame", [{"id": ["a", "b", "a"]}, {"x": [1, 1, 1]}, {"id": ["a", "b", "c"]}])
def test_ids_of_equal_inputs_and_other_columns_suggest_nothing(capsys, frame):
    equal = EqualInputs.of(np.array([[1.0], [2.0], [1.0]]))

    say_repeated_ids(pd.DataFrame(frame), Columns(["x"], ["d33"]), equal, "t.csv")

    assert capsys.readouterr().out == ""


def test_what_is_suggested_for_repeated_ids_holds_them_out_together(table, capsys):
    path = table(rows=40, id=[f"sample {row // 4}" for row in range(40)])
    given = {"path": str(path), "target": "d33", "features": ["x"], "split": KFOLD}

    Table(**given).open()
    assert "data.groups=id holds its rows out together" in capsys.readouterr().out
    data = Table(**given, groups="id").open()

    assert capsys.readouterr().out == ""
    for fold in data.folds:
        assert not set(data.frame["id"].iloc[fold.fitting]) & set(data.frame["id"].iloc[fold.test])
