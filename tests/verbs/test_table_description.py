import shlex
from pathlib import Path

import pytest

import remanence as rm
from remanence.verbs import table_description

MESSY = Path(__file__).parents[1] / "data" / "messy"
QUICK = ("data/split=stratified", "model=linear", "baselines=none", "figures=brief", "ensemble=single")


def advised(result):
    (line,) = [line for line in result.out.splitlines() if line.startswith("train   remanence train ")]
    return shlex.split(line.removeprefix("train   remanence "))


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("titles_and_units.xlsx", {"data.features": "[x,Process,T_sint,density,eps_r]", "data.target": "d33"}),
        ("formulas.csv", {"data.composition": "Component", "data.features": "[Process,T_sint]"}),
        ("merged_pellets.xlsx", {"data.groups": "Pellet", "data.target": "d33", "data.features": "[x,Process]"}),
        ("latin_1.csv", {"data.features": '[x,"température","procédé"]'}),
        ("instrument.txt", {"data.features": "[x,T_sint]", "data.target": "d33"}),
        ("odd_names.csv", {"data.features": '["x = [Ba]","T sint. (°C)",process/route,"tan δ"]'}),
    ],
)
def test_the_command_that_is_printed_trains(command, name, keys):
    described = command("data", "describe", str(MESSY / name))

    assert described.code == 0, described.err
    arguments = advised(described)
    assert keys.items() <= dict(argument.split("=", 1) for argument in arguments if "=" in argument).items()
    trained = command(*arguments, *QUICK)
    assert trained.code == 0, trained.err


def test_what_the_cells_need_is_part_of_the_command(command, tmp_path):
    path = tmp_path / "mine.csv"
    rows = [f"{x},{x % 5},{100 + x}±2" for x in range(30)]
    path.write_text("\n".join(["x,n,d33,rare", "ND,1,90,", *(f"{row},{'5' if row[0] == '1' else ''}" for row in rows)]))

    described = command("data", "describe", str(path))

    arguments = advised(described)
    assert "because more than half of their cells are empty: rare" in described.out
    assert arguments[-2:] == ["data.missing=drop", "data.uncertain=value"]
    trained = command(*arguments, *QUICK)
    assert trained.code == 0, trained.err
    assert "1 of 31 rows lack a value and are left out: 2" in trained.out


def test_columns_that_are_named_are_described_and_part_of_the_command(command, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(
        "\n".join(["what,T,d33,eps", *[f"0.{x}KNLN-0.{10 - x}BT,{1100 + x},{x},{x * x}" for x in range(1, 10)]])
    )
    keys = ["data.composition=what", "data.abbreviations={KNLN: K0.48Na0.48Li0.04NbO3}", "data.target=eps"]

    described = command("data", "describe", str(path), *keys, "data.features=[T]")
    misspelt = command("data", "describe", str(path), "data.compositon=what")

    assert described.code == 0, described.err
    assert {*keys, "data.features=[T]", f"data.path={path}"} <= set(advised(described))
    assert "9 formulas are 9 different compositions" in described.out
    assert misspelt.code == 2
    assert "got 'data.compositon=what'; did you mean 'data.composition'?" in misspelt.err


@pytest.mark.parametrize("typed", ["KNLN", "{KNLN"])
def test_abbreviations_that_are_no_names_with_formulas_are_refused(command, typed):
    refused = command("data", "describe", str(MESSY / "formulas.csv"), f"data.abbreviations={typed}")

    assert refused.code == 2
    assert "data.abbreviations: " in refused.err
    assert refused.err.count("\n") == 1


def test_a_long_table_is_trained_on_once(command, tmp_path, monkeypatch):
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(["x,n,d33", *[f"{x},{x % 5},{100 + x}" for x in range(30)]]))
    assert "data/split=stratified" not in advised(command("data", "describe", str(path)))
    monkeypatch.setattr(table_description, "LONG", 30)

    described = command("data", "describe", str(path))

    assert advised(described)[:4] == ["train", "experiment=piezo/table", "data/split=stratified", "ensemble=single"]
    assert "so many rows need neither repeated folds nor an ensemble: data/split=stratified" in described.out
    trained = command(*advised(described), "model=linear", "baselines=none", "figures=brief")
    assert trained.code == 0, trained.err


def test_what_has_to_be_mended_first_is_said(command):
    result = command("data", "describe", str(MESSY / "uncertain.csv"))

    assert result.code == 0, result.err
    assert "d33: a bound in 1 of 36 rows: 5 ('<5', some value below 5)" in result.out
    assert "first mend the cells of d33 that are listed above" in result.out


def test_what_is_known_of_the_file_is_taken_and_repeated_in_the_command(command):
    result = command("data", "describe", str(MESSY / "sheets.xlsx"), "data.sheet=QS")

    assert result.code == 0, result.err
    assert "sheet 'QS' of Notes, NS, QS; 18 rows of 4 columns; names in row 1" in result.out
    assert "data.sheet=QS" in advised(result)


@pytest.mark.parametrize("argument", ["data.sheets=2", "seed=1", "data.sheet="])
def test_any_other_argument_is_refused(command, argument):
    result = command("data", "describe", str(MESSY / "sheets.xlsx"), argument)

    assert result.code == 2
    assert f"got '{argument}'" in result.err
    assert "data.header_row=" in result.err


def test_a_table_of_names_cannot_be_trained_on(command, tmp_path):
    path = tmp_path / "names.csv"
    path.write_text("a,b\nx,y\nz,w\n")

    assert "nothing in it can be predicted" in command("data", "describe", str(path)).out


ODD = ("experiment=piezo/table", f"data.path={MESSY / 'odd_names.csv'}", "data.target=d33")


@pytest.mark.parametrize("features", ["[x = [Ba],T sint. (°C),process/route]", "['x = [Ba]',T sint. (°C)]"])
def test_names_without_quotes_get_the_command_that_works(command, features):
    refused = command("train", *ODD, f"data.features={features}")

    assert refused.code == 2
    before, _, corrected = refused.err.strip().partition("need quotes: ")
    assert before.endswith(f"cannot read 'data.features={features}': names with blanks, brackets or signs ")
    (argument,) = shlex.split(corrected)
    trained = command("train", *ODD, argument, *QUICK)
    assert trained.code == 0, trained.err


def test_a_name_with_a_comma_is_told_how_to_quote_it(command):
    refused = command("train", *ODD, "data.features=[Sample, No.]")

    assert refused.code == 2
    assert "no column 'No.'; it has: Sample, No., x = [Ba], " in refused.err
    assert refused.err.strip().endswith('a name with a comma is quoted: "Sample, No."')


@pytest.mark.parametrize(("mark", "first"), [(".", 1648), (",", 1.648)])
def test_a_comma_means_what_is_said_of_it(command, mark, first):
    thousands = (
        "experiment=piezo/table",
        f"data.path={MESSY / 'thousands.csv'}",
        "data.target=eps_r",
        "data.features=[x]",
    )
    keys = (*thousands, "data/split=stratified", *QUICK)

    refused = command("train", *keys)
    assert refused.code == 2
    assert "'1,648' (1648 or 1.648)" in refused.err
    assert f"data.decimal={mark}" in refused.err
    trained = command("train", *keys, f"data.decimal={mark}")
    assert trained.code == 0, trained.err
    data = rm.open_data("piezo/table", *thousands[1:], f"data.decimal={mark}")
    assert data.y[0, 0] == first
