from pathlib import Path

import pytest

from remanence.data.described_table import DescribedTable
from remanence.data.meant_columns import MeantColumns
from remanence.data.table_format import TableFormat
from remanence.errors import DataError

MESSY = Path(__file__).parent / "messy"


def described(name, **given):
    return DescribedTable.of(MESSY / name, TableFormat(**given))


def of_text(tmp_path, text):
    path = tmp_path / "t.csv"
    path.write_text(text)
    return DescribedTable.of(path, TableFormat())


def headers(columns):
    return [column.header for column in columns]


def test_titles_units_and_kinds_are_found():
    table = described("titles_and_units.xlsx")

    assert table.rows == 36
    assert table.found.format.header_row == 4
    assert {column.header: column.unit for column in table.columns if column.unit} == {
        "T_sint": "°C",
        "density": "g/cm³",
        "d33": "pC/N",
    }
    assert table.target.header == "d33"
    assert headers(table.features) == ["x", "Process", "T_sint", "density", "eps_r"]
    assert list(table.faults()) == []


def test_every_cell_that_cannot_be_taken_is_told_by_its_kind():
    lines = list(described("uncertain.csv").faults())

    assert any(line.startswith("d33: a bound in 1 of 36 rows: 5 ('<5', some value below 5); a bound") for line in lines)
    assert "d33: no value in 1 of 36 rows: 10 ('ND')" in lines
    assert "density: empty in 1 of 36 rows: 19" in lines
    (uncertain,) = [
        line for line in lines if line.startswith("d33: a value with its uncertainty in 33 of 36 rows: 2 ('")
    ]
    assert " and 21 more; data.uncertain=value takes" in uncertain


def test_formulas_are_counted_by_composition_and_by_elements():
    table = described("formulas.csv")

    assert table.composition.header == "Component"
    assert headers(table.features) == ["Process", "T_sint"]
    assert table.repeated() == ["36 formulas are 16 different compositions of 4 sets of elements"]


def test_repeated_rows_and_families_are_told():
    table = described("repeated.csv")

    assert table.repeated()[:2] == [
        "6 rows (32, 33, 34, 50, 51, 52) repeat another row in every column",
        "30 rows (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 and 18 more) have the inputs of another row",
    ]
    assert table.families.header == "id"
    assert described("merged_pellets.xlsx").families.header == "Pellet"
    assert described("blanks.xlsx").families is None


def test_an_uncertainty_is_beside_its_column_and_neither_feature_nor_target(tmp_path):
    table = of_text(tmp_path, "x,d33,d33_sd\n1,100,2\n2,120,3\n3,110,1\n")

    assert table.uncertainties == {"d33": "d33_sd"}
    assert (table.target.header, headers(table.features)) == ("d33", ["x"])


def test_what_explains_nothing_is_no_feature(tmp_path):
    table = of_text(tmp_path, "No,x,same,lab,y,x2,x2\n1,1,5,A,1,1,1\n2,2,5,B,2,2,1\n3,3,5,A,4,3,1\n4,5,5,B,4,5,1\n")

    assert headers(table.features) == ["x", "lab"]
    assert table.target.header == "y"


def test_of_several_properties_the_one_that_most_are_after_is_the_target(tmp_path):
    assert of_text(tmp_path, "x,d33 (pC/N),tan d\n1,2,3\n2,3,4\n").target.header == "d33 (pC/N)"
    assert of_text(tmp_path, "x,eps_r,note\n1,2,a\n2,3,a\n").target.header == "eps_r"
    assert of_text(tmp_path, "x,y,z\n1,2,<3\n2,3,4\n").target.header == "y"
    assert of_text(tmp_path, "note\na\nb\n").target is None


def test_what_is_given_of_the_file_is_used():
    assert described("sheets.xlsx", sheet="QS").found.format.sheet == "QS"
    with pytest.raises(DataError, match="no such file"):
        DescribedTable.of("nowhere.csv", TableFormat())


def test_amounts_of_elements_beside_formulas_are_compared_with_them_and_no_features(tmp_path):
    rows = ["KNbO3,1,0,0,1,1100,80", "0.9KNN–0.1BaTiO3,.45,.45,0,.9,1110,200", "NaNbO3,0,1,0,1,1120,90"]
    table = of_text(tmp_path, "\n".join(["Component,K,Na,Ba,Nb,T,d33", *rows]))

    assert headers(table.features) == ["T"]
    assert table.repeated()[-1] == (
        "the columns of elements (K to Nb) disagree with Component in row 3; the formulas are read instead"
    )


def test_a_column_that_is_mostly_empty_is_no_feature(tmp_path):
    table = of_text(tmp_path, "x,eps,half,d33\n1,400,,1\n2,,5,2\n3,,6,3\n4,500,,4\n5,,7,5\n6,,,6\n")

    assert headers(table.features) == ["x", "half"]


def test_names_that_can_be_read_as_formulas_are_names_if_they_are_one_composition(tmp_path):
    rows = [f"BT{row:02d},0.{90 + row}Bi0.5Na0.5TiO3-0.{10 - row:02d}BaTiO3,{1100 + row},{row}" for row in range(1, 10)]
    table = of_text(tmp_path, "\n".join(["Probe,formula,T_sint,d33", *rows]))

    assert [column.kind for column in table.columns[:2]] == ["name", "formula"]
    assert table.composition.header == "formula"
    assert table.names.header == "Probe"


def test_the_column_with_most_compositions_is_the_composition(tmp_path):
    bases = ["BaTiO3", "PbTiO3"]
    rows = [f"{bases[row % 2]},0.{90 + row}BaTiO3-0.{10 - row:02d}SrTiO3,{row}" for row in range(1, 10)]

    assert of_text(tmp_path, "\n".join(["base,formula,d33", *rows])).composition.header == "formula"


def test_columns_that_are_named_are_used_and_names_of_ones_own_are_read(tmp_path):
    rows = ["what,other,T,d33,eps"] + [f"0.9KNLN-0.1BT,BaTiO3,{t},{300 + t},{t * t}" for t in range(3)]
    rows += [f"0.8KNLN-0.2BT,SrTiO3,{t},{200 + t},{t * t}" for t in range(3)]
    (tmp_path / "t.csv").write_text("\n".join(rows))
    named = MeantColumns(
        targets=["eps"], composition="what", features=["T"], abbreviations={"KNLN": "K0.48Na0.48Li0.04NbO3"}
    )

    chosen = DescribedTable.of(tmp_path / "t.csv", TableFormat())
    told = DescribedTable.of(tmp_path / "t.csv", TableFormat(), named)

    assert (chosen.target.header, chosen.composition.header) == ("d33", "other")
    assert (told.target.header, told.composition.header) == ("eps", "what")
    assert [column.header for column in told.features] == ["T"]
    assert len(told.composition.formulas.read) == 6
    assert list(told.faults()) == []


def test_what_is_assumed_of_formulas_is_told(tmp_path):
    rows = ["what,d33"] + [f"{x};{300 + k}" for k, x in enumerate(["0,94NBT-0,06BT", "0,9NBT-0,1BT", "NBT"] * 2)]
    (tmp_path / "t.csv").write_text("\n".join(rows).replace("what,d33", "what;d33"))

    (line,) = DescribedTable.of(tmp_path / "t.csv", TableFormat()).assumed()

    assert line == (
        "column 'what', rows 2, 3, 5, 6: a comma between digits is read as a decimal comma "
        "(0,94 as 0.94; 0,06 as 0.06; 0,9 as 0.9; 0,1 as 0.1)"
    )
