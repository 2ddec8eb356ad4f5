"""A table whose inputs are formulas, from the command that trains to the files that are predicted."""

import numpy as np
import pandas as pd
import pytest

from remanence import load

SHARES = np.linspace(0, 0.12, 30)
NAMED = [
    "data.target=d33",
    "data.composition=Component",
    "data/split=stratified",
    "model=ridge",
    "~baselines.random_forest",
]


def test_formulas_in_any_way_of_writing_are_predicted_and_others_refused(train, command, tmp_path):
    heat = 1100 + np.arange(30) % 5 * 10
    d33 = 150 + 2000 * SHARES + 0.1 * (heat - 1100)
    formulas = [f"{1 - x:.4f}KNN–{x:.4f}BaZrO3" for x in SHARES]
    pd.DataFrame({"Component": formulas, "T": heat, "d33": d33}).to_csv(tmp_path / "mine.csv", index=False)
    run = train(f"data.path={tmp_path / 'mine.csv'}", *NAMED, "data.features=[T]", experiment="piezo/table").info.run_id

    def predict(**columns):
        pd.DataFrame(columns).to_csv(tmp_path / "new.csv", index=False)
        return command("predict", f"run={run}", f"input={tmp_path / 'new.csv'}", f"output={tmp_path / 'out.csv'}")

    result = predict(Component=["KNN", "0.95KNN-0.05XX"], T=[1120, 1120])
    assert result.code == 2
    assert "new.csv: row 3, column 'Component' cannot be read: '0.95KNN-0.05XX', character 13 ('XX')" in result.err
    assert result.err.count("\n") == 1
    result = predict(T=[1120])
    assert result.code == 2
    assert "no column 'Component'" in result.err
    assert not (tmp_path / "out.csv").exists()

    result = predict(Component=["0.95KNN-0.05BZ", "0.999KNN-0.001ErFeO3"], T=[1120, 1120])
    assert (
        "1 of 2 rows hold elements of no training row (Er, Fe): row 3; the model has learnt nothing of them"
        in result.out
    )
    assert pd.read_csv(tmp_path / "out.csv")["extrapolated"].tolist() == ["no", "yes"]

    result = predict(Component=["0.95KNN-0.05BZ", "(K0.5Na0.5)0.95Ba0.05Nb0.95Zr0.05O3"], T=[1120, 1120])
    assert result.code == 0, result.err
    predicted = pd.read_csv(tmp_path / "out.csv").filter(regex="^d33").iloc[:, 0]
    assert predicted.tolist() == pytest.approx([252, 252], abs=3)
    assert predicted[0] == predicted[1]  # two ways to write one ceramic
    in_python = load(run).predict(pd.DataFrame({"Component": ["0.95KNN-0.05BZ"], "T": [1120]}))["d33"][0]
    assert in_python == pytest.approx(predicted[0])


def test_formulas_alone_are_enough_and_names_can_be_added(train, table):
    names = [f"0.{90 + k % 9}AB-0.{10 - k % 9:02d}CD" for k in range(30)]
    path = table(Component=names)

    run = train(
        f"data.path={path}",
        *NAMED,
        'data.abbreviations={AB: KNbO3, CD: "(Ba)TiO3"}',
        "data.descriptors=[tolerance factor]",
        experiment="piezo/table",
    )
    description = load(run.info.run_id)._apply().model.columns.inputs
    assert description == ["Ba", "K", "Nb", "Ti", "tolerance factor"]


@pytest.mark.parametrize(
    ("further", "message"),
    [
        (["data.composition=remark"], "no column 'remark'"),
        (["data.composition=d33"], "data.composition: column 'd33' is a feature or target as well"),
        (["data.descriptors=[radius]"], "data.descriptors: no 'radius'; there are: A radius, A radius spread"),
        (
            ["data.abbreviations={AB: KNbO3, CD: 0.5AB-0.5Xy}"],
            "data.abbreviations.CD: '0.5AB-0.5Xy', character 10 ('Xy')",
        ),
        (["data.composition=kind"], "column 'kind' cannot be read: 'QS', character 1"),
    ],
)
def test_wrong_keys_are_answered(command, table, further, message):
    path = table(Component=["KNN", "BT"] * 15)
    result = command("train", "experiment=piezo/table", f"data.path={path}", *NAMED, *further)

    assert result.code == 2
    assert message in result.err
