import numpy as np
import pandas as pd
import pytest

FEATURES = "data.features=[x,amount]"
GOOD = [(0.01 * row, row % 7, 100 + row) for row in range(30)]


def text(rows, header="x,amount,d33"):
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


def replaced(row, cells):
    return [*GOOD[:row], cells, *GOOD[row + 1 :]]


BAD_TABLES = {
    "target is not there": (text(GOOD, "x,amount,d31"), ["no column 'd33'", "x, amount, d31"]),
    "feature is not there": (text(GOOD, "x,slope,d33"), ["no column 'amount'", "x, slope, d33"]),
    "cell is no number": (text(replaced(4, (0.1, "many", 1))), ["row 6", "'amount'", "'many'"]),
    "target is no number": (text(replaced(0, (0.1, 1, "high"))), ["row 2", "'d33'", "'high'"]),
    "target is NaN": (text(replaced(9, (0.1, 1, "nan"))), ["row 11", "'d33'", "NaN"]),
    "target is empty": (text(replaced(29, (0.1, 1, ""))), ["row 31", "'d33'", "empty"]),
    "feature is infinite": (text(replaced(1, ("inf", 1, 2))), ["row 3", "'x'", "not finite"]),
    "header only": (text([]), ["no rows"]),
    "nothing at all": ("", ["empty"]),
    "row is too short": (text(replaced(2, (0.1, 1))), ["row 4", "2 cells", "3"]),
    "named column twice": (text([(*row, 1) for row in GOOD], "x,amount,d33,x"), ["'x'", "2 times"]),
    "target twice": (text([(*row, 1) for row in GOOD], "x,amount,d33,d33"), ["'d33'", "2 times"]),
    "feature is constant": (text([(x, 5, y) for x, _, y in GOOD]), ["'amount'", "constant"]),
    "fewer rows than folds": (text(GOOD[:3]), ["data.split.folds", "has 3"]),
}


@pytest.mark.parametrize(("content", "parts"), BAD_TABLES.values(), ids=BAD_TABLES)
@pytest.mark.parametrize("mode", [[], ["-m", "model.activation=tanh,relu"]], ids=["run", "sweep"])
def test_a_bad_table_is_one_line_and_no_run(command, all_runs, outputs, tmp_path, content, parts, mode):
    path = tmp_path / "mine.csv"
    path.write_text(content)

    result = command("train", *mode, "experiment=piezo/table", f"data.path={path}", "data.target=d33", FEATURES)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith("remanence: error: ")
    for part in ["mine.csv", *parts]:
        assert part in line
    assert all_runs() == []
    assert not (outputs / "runs").exists()


def test_rows_that_leave_none_to_validate_are_too_few(command, all_runs, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(text(GOOD[:4]))
    named = [f"data.path={path}", "data.target=d33", FEATURES]

    result = command("train", "experiment=piezo/table", "data/split=stratified", *named, "data.split.folds=2")

    assert result.code == 2
    assert "mine.csv: 4 rows are too few" in result.err
    assert "data.split.validation" in result.err
    assert all_runs() == []


@pytest.mark.parametrize(("path", "reason"), [("nowhere.csv", "no such file"), ("table.docx", "unknown kind of table")])
def test_a_file_that_cannot_be_a_table_is_named(command, all_runs, tmp_path, path, reason):
    (tmp_path / "table.docx").write_text("x")

    result = command(
        "train", "experiment=piezo/table", f"data.path={tmp_path}/{path}", "data.target=d33", "data.features=[x]"
    )

    assert result.code == 2
    assert path in result.err
    assert reason in result.err
    assert all_runs() == []


def test_a_path_that_was_forgotten_is_asked_for(command, all_runs):
    result = command("train", "experiment=piezo/table", "data.target=d33", "data.features=[x]")

    assert result.code == 2
    assert "data.path=" in result.err
    assert all_runs() == []


@pytest.mark.parametrize("extra", ["x", "remark"])
def test_columns_that_nobody_named_may_be_anything(command, tmp_path, extra):
    frame = pd.DataFrame(GOOD, columns=["x", "amount", "d33"])
    unnamed = pd.DataFrame({"a": ["text"] * 30, "b": [np.nan] * 30})
    path = tmp_path / "mine.csv"
    pd.concat([frame, unnamed], axis=1).to_csv(path, index=False, header=["x", "amount", "d33", "remark", "remark"])
    named = ["data.features=[amount]"] if extra == "x" else [FEATURES]

    result = command(
        "train", "experiment=piezo/table", "data/split=stratified", f"data.path={path}", "data.target=d33", *named,
        "model=linear", "baselines.random_forest.n_estimators=5",
    )  # fmt: skip

    assert result.code == 0, result.err
