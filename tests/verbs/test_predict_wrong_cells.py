"""A table with holes and uncertainties from the file to predictions: what is filled or left out is said each time."""

import pandas as pd

import remanence as rm

KEYS = ("data.target=d33", "data.features=[x,T,kind]", "data.missing=impute", "data.uncertain=value")


def test_holes_and_uncertainties_are_taken_alike_by_every_verb(train, command, tmp_path):
    path, new, output = tmp_path / "mine.csv", tmp_path / "new.csv", tmp_path / "out.csv"
    rows = [
        f"S{row},{row % 9},{1100 + row}±5,{'NS' if row % 2 else 'QS'},{100 + row}±{1 + row % 3}" for row in range(30)
    ]
    path.write_text(
        "\n".join(["id,x,T (K),kind,d33", "H1,ND,1100,NS,100", "H2,3,~1100,,120", "H3,4,1100,NS,n/a", *rows])
    )
    new.write_text("id,x,T [K],kind\nA,3,1110,NS\nB,,1120±2,NS\nC,4,1130,\n")

    run = train(f"data.path={path}", *KEYS, "model=linear", "ensemble=single", experiment="piezo/table")
    evaluated = command("evaluate", f"run={run.info.run_id}", f"data.path={path}")
    predicted = command("predict", f"run={run.info.run_id}", f"input={new}", f"output={output}")

    assert evaluated.code == 0, evaluated.err
    assert "mine.csv: 1 of 33 rows lack a value and are left out: 4" in evaluated.out
    assert predicted.code == 0, predicted.err
    filled = "median of the training table: 1 of 'x' with 3.5, 1 of 'kind' as unknown"
    assert filled in predicted.out
    table = pd.read_csv(output)
    assert table.columns.tolist()[:4] == ["id", "x", "T [K]", "kind"]
    assert rm.load(run.info.run_id).table("test_predictions").attrs["units"] == {"T": "K"}
    assert table["id"].tolist() == ["A", "B", "C"]
    assert table.filter(like="d33").iloc[:, 0].notna().all()
