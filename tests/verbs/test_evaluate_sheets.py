"""A workbook with a series on each sheet: trained on one, evaluated and predicted on another."""

from pathlib import Path

import pandas as pd

SHEETS = Path(__file__).parents[1] / "data" / "messy" / "sheets.xlsx"
NAMED = ("data.target=d33", "data.features=[x,T_sint]", "data.sheet=NS", "data.id=Sample")


def test_what_is_known_of_a_file_is_said_to_every_verb(train, command, tmp_path):
    named = (*NAMED, "model=linear", "ensemble=single", "data.split.folds=3")
    run = train(f"data.path={SHEETS}", *named, experiment="piezo/table")

    evaluated = command("evaluate", f"run={run.info.run_id}", f"data.path={SHEETS}", "data.sheet=QS")
    output = tmp_path / "out.csv"
    predicted = command("predict", f"run={run.info.run_id}", f"input={SHEETS}", f"output={output}", "data.sheet=3")
    refused = command("predict", f"run={run.info.run_id}", f"input={SHEETS}", f"output={output}", "data.sheet=4")

    assert evaluated.code == 0, evaluated.err
    assert predicted.code == 0, predicted.err
    table = pd.read_csv(output)
    assert table["Sample"].tolist() == pd.read_excel(SHEETS, sheet_name="QS")["Sample"].tolist()
    assert (refused.code, "no sheet '4'; it has: Notes, NS, QS" in refused.err) == (2, True)
