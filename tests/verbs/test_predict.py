import pandas as pd
import pytest

from remanence.studies.predictions import write_predictions


@pytest.fixture
def trained(train, table):
    """The id of a linear model of two targets by a number and a category."""
    run = train(
        f"data.path={table()}", "data.features=[x,kind]", "data.categorical=[kind]", "data.target=[d33,eps_r]",
        "model=linear", "~baselines.random_forest", experiment="piezo/table",
    )  # fmt: skip
    return run.info.run_id


@pytest.fixture
def predict(command, trained, tmp_path):
    """Predict ``frame`` through files of the given kinds."""

    def run(frame, kind_in=".csv", kind_out=".csv"):
        path, out = tmp_path / f"in{kind_in}", tmp_path / f"out{kind_out}"
        {".csv": frame.to_csv, ".xlsx": frame.to_excel, ".parquet": frame.to_parquet}[kind_in](path, index=False)
        result = command("predict", f"run={trained}", f"input={path}", f"output={out}")
        assert result.code == 0, result.err
        return {".csv": pd.read_csv, ".xlsx": pd.read_excel, ".parquet": pd.read_parquet}[kind_out](out)

    return run


ENDS = ("d33_low", "d33_high", "eps_r_low", "eps_r_high")


def rows(**columns):
    return pd.DataFrame({"x": [0.05, 0.15, 0.25], "kind": ["NS", "QS", "NS"], **columns})


def test_further_columns_and_their_order_are_kept(predict):
    frame = rows(name=["a", "b", "c"], remark=["", "good, they say", "ü"])[["remark", "kind", "name", "x"]]

    predicted = predict(frame)

    assert list(predicted.columns) == [*frame.columns, "d33", "eps_r", *ENDS, "distance", "extrapolated"]
    assert predicted["name"].tolist() == ["a", "b", "c"]
    assert predicted["remark"].tolist()[1:] == ["good, they say", "ü"]
    assert predicted["x"].tolist() == frame["x"].tolist()


def test_rows_far_from_home_are_marked_have_wider_intervals_and_a_line_says_how_many(command, trained, tmp_path):
    frame = pd.DataFrame({"x": [0.15, 0.5, 2.0], "kind": ["NS", "NS", "NS"]})
    frame.to_csv(tmp_path / "in.csv", index=False)

    result = command("predict", f"run={trained}", f"input={tmp_path}/in.csv", f"output={tmp_path}/out.csv")

    said = " ".join(result.out.split())
    assert "2 of 3 rows lie outside the training rows (2 beyond the range of x): rows 3, 4; whether" in said
    predicted = pd.read_csv(tmp_path / "out.csv")
    assert predicted["extrapolated"].tolist() == ["no", "yes", "yes"]
    assert predicted["distance"].is_monotonic_increasing
    for target in ("d33", "eps_r"):
        assert (predicted[f"{target}_high"] - predicted[f"{target}_low"]).is_monotonic_increasing


@pytest.mark.parametrize("kind_in", [".csv", ".xlsx", ".parquet"])
@pytest.mark.parametrize("kind_out", [".csv", ".xlsx", ".parquet"])
def test_every_kind_of_table_gives_the_same_numbers(predict, kind_in, kind_out):
    expected = predict(rows())

    predicted = predict(rows(), kind_in, kind_out)

    for name in ("d33", "eps_r", *ENDS, "distance"):
        assert predicted[name].tolist() == pytest.approx(expected[name].tolist(), rel=1e-12)
    assert predicted["kind"].tolist() == ["NS", "QS", "NS"]


def test_a_row_is_predicted_alike_alone_and_among_others(predict):
    together = predict(rows())["d33"].tolist()

    alone = [predict(rows().iloc[[row]])["d33"].item() for row in range(3)]

    assert alone == pytest.approx(together, rel=1e-12)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (rows(kind=["NS", "Sr", "NS"]), "row 3, column 'kind' is 'Sr'; known values: NS, QS"),
        (rows(kind=["NS", "QS", ""]), "row 4, column 'kind' is empty"),
        (rows(x=[0.1, 0.2, "much"]), "row 4, column 'x' is not a number: 'much'"),
        (rows().drop(columns="x"), "no column 'x'; it has: kind"),
    ],
)
def test_a_table_that_does_not_fit_is_one_line_and_writes_nothing(command, trained, tmp_path, frame, reason):
    frame.to_csv(tmp_path / "in.csv", index=False)

    result = command("predict", f"run={trained}", f"input={tmp_path}/in.csv", f"output={tmp_path}/out.csv")

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert "in.csv" in line
    assert reason in line
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("nowhere.csv", "out.csv", "no such file"),
        ("in.csv", "nowhere/out.csv", "does not exist"),
        ("in.csv", "out.docx", "cannot write '.docx'"),
        ("in.csv", "out", "cannot write ''"),
    ],
)
def test_files_that_cannot_be_read_or_written_are_named(command, trained, tmp_path, source, target, reason):
    rows().to_csv(tmp_path / "in.csv", index=False)

    result = command("predict", f"run={trained}", f"input={tmp_path}/{source}", f"output={tmp_path}/{target}")

    assert result.code == 2
    assert result.err.startswith("remanence: error: ")
    assert reason in result.err


def test_a_path_with_an_equals_sign_is_split_at_the_first(command, trained, tmp_path):
    rows().to_csv(tmp_path / "a=b.csv", index=False)

    result = command("predict", f"run={trained}", f"input={tmp_path}/a=b.csv", f"output={tmp_path}/c=d.csv")

    assert result.code == 0, result.err
    assert len(pd.read_csv(tmp_path / "c=d.csv")) == 3


def test_a_column_in_another_unit_is_not_taken(command, trained, tmp_path):
    rows().rename(columns={"x": "x [mol%]"}).to_csv(tmp_path / "in.csv", index=False)

    result = command("predict", f"run={trained}", f"input={tmp_path}/in.csv", f"output={tmp_path}/out.csv")

    assert result.code == 2
    assert "in.csv: column 'x [mol%]' is in mol%, the model was trained on 'x' in no declared unit" in result.err


def test_the_input_is_not_written_over(command, trained, tmp_path):
    rows().to_csv(tmp_path / "in.csv", index=False)

    result = command(
        "predict", f"run={trained}", f"input={tmp_path}/in.csv", f"output={tmp_path}/../{tmp_path.name}/in.csv"
    )

    assert result.code == 2
    assert "is the input, which would be lost" in result.err
    assert pd.read_csv(tmp_path / "in.csv").columns.tolist() == ["x", "kind"]


def test_a_registered_model_predicts_by_its_address(command, trained, tmp_path):
    rows().to_csv(tmp_path / "in.csv", index=False)
    assert command("register", f"run={trained}", "name=properties").code == 0

    for number, run in enumerate((trained, "models:/properties/1")):
        result = command("predict", f"run={run}", f"input={tmp_path}/in.csv", f"output={tmp_path}/{number}.csv")
        assert result.code == 0, result.err

    assert (tmp_path / "0.csv").read_text() == (tmp_path / "1.csv").read_text()


def test_a_second_file_beside_the_input_is_refused(command, trained, tmp_path):
    rows().to_csv(tmp_path / "in.csv", index=False)

    for second in ("data.path=other.h5", "data.dir=folder", "data.image=a.png"):
        result = command("predict", f"run={trained}", f"input={tmp_path}/in.csv", f"output={tmp_path}/out.csv", second)
        assert result.code == 2
        assert f"predict: {second}: what is read is named already" in result.err


@pytest.mark.parametrize("kind_out", [".xlsx", ".parquet"])
def test_numbers_of_a_text_file_are_written_as_numbers(predict, kind_out):
    frame = rows(mixed=["1", "two", ""], size=["1.50", "", "2"])

    predicted = predict(frame, kind_out=kind_out)

    assert predicted["x"].tolist() == [0.05, 0.15, 0.25]
    assert [str(cell) for cell in predicted["mixed"][:2]] == ["1", "two"]
    assert predicted["size"].tolist()[::2] == [1.5, 2]
    assert predicted["size"].isna().tolist() == [False, True, False]


def test_an_output_that_is_a_folder_is_known_before_anything_is_read(command, trained, tmp_path):
    (tmp_path / "out.csv").mkdir()

    result = command("predict", f"run={trained}", "input=nowhere.csv", f"output={tmp_path}/out.csv")

    assert (result.code, result.err) == (2, f"remanence: error: {tmp_path}/out.csv: is a folder; name a file\n")


def test_the_intervals_of_members_are_written(train, command, tmp_path):
    members = ("ensemble=stacked", "ensemble.folds=2", "ensemble.repeats=1", "trainer.max_epochs=2")
    run = train(*members, "data.features=[x]", "~baselines.random_forest")
    pd.DataFrame({"x": [0.05, 0.15]}).to_csv(tmp_path / "in.csv", index=False)

    result = command("predict", f"run={run.info.run_id}", f"input={tmp_path}/in.csv", f"output={tmp_path}/out.csv")

    assert result.code == 0, result.err
    predicted = pd.read_csv(tmp_path / "out.csv")
    assert list(predicted.columns) == ["x", "d33", "d33_low", "d33_high", "distance", "extrapolated"]
    assert (predicted["d33_low"] < predicted["d33"]).all()
    assert (predicted["d33"] < predicted["d33_high"]).all()


@pytest.mark.parametrize("link", ["hardlink_to", "symlink_to"])
def test_a_link_to_the_input_is_not_written_over(command, trained, tmp_path, link):
    rows().to_csv(tmp_path / "in.csv", index=False)
    getattr(tmp_path / "out.csv", link)(tmp_path / "in.csv")

    result = command("predict", f"run={trained}", f"input={tmp_path}/in.csv", f"output={tmp_path}/out.csv")

    assert result.code == 2
    assert result.err.splitlines() == [
        f"remanence: error: output: {tmp_path}/out.csv is the input, which would be lost: {tmp_path}/in.csv"
    ]
    assert pd.read_csv(tmp_path / "in.csv").columns.tolist() == ["x", "kind"]


def test_what_the_run_was_trained_on_is_not_written_over(command, trained, tmp_path):
    rows().to_csv(tmp_path / "in.csv", index=False)
    before = (tmp_path / "mine.csv").read_text()
    (tmp_path / "link.csv").hardlink_to(tmp_path / "mine.csv")

    for name in ("mine.csv", "link.csv"):
        result = command("predict", f"run={trained}", f"input={tmp_path}/in.csv", f"output={tmp_path}/{name}")
        assert result.code == 2
        assert f"{name} is data of run {trained}, which would be lost" in result.err

    assert (tmp_path / "mine.csv").read_text() == before


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".xlsx", ".parquet"])
def test_a_full_disk_leaves_the_earlier_table_and_one_line(command, trained, tmp_path, room, monkeypatch, ending):
    def write(*args, **named):
        room(10)
        write_predictions(*args, **named)

    monkeypatch.setattr("remanence.studies.table.apply.write_predictions", write)
    rows().to_csv(tmp_path / "in.csv", index=False)
    out = tmp_path / f"out{ending}"
    out.write_text("earlier")
    before = sorted(tmp_path.iterdir())

    result = command("predict", f"run={trained}", f"input={tmp_path}/in.csv", f"output={out}")

    assert (result.code, result.err) == (2, f"remanence: error: {out}: cannot be written: File too large\n")
    assert out.read_text() == "earlier"
    assert sorted(tmp_path.iterdir()) == before


def test_a_table_that_no_workbook_holds_is_refused_before_the_work(command, trained, tmp_path, monkeypatch):
    def predict(self, frame, **named):
        raise AssertionError("the model was asked")

    monkeypatch.setattr("remanence.studies.table.logged_model.TableModel.predict", predict)
    for frame, reason in (
        (rows(note=["a", "b" * 40_000, "c"]), "row 3, column 'note' has 40000 characters"),
        (pd.concat([rows()] * 350_000), "a workbook holds at most 1048575 rows, the table has 1050000"),
        (rows(**{f"c{number}": 0 for number in range(16_381)}), "16384 columns, the table has 16391"),
    ):
        frame.to_csv(tmp_path / "in.csv", index=False)
        result = command("predict", f"run={trained}", f"input={tmp_path}/in.csv", f"output={tmp_path}/out.xlsx")
        assert result.code == 2
        (line,) = result.err.splitlines()
        assert line.startswith(f"remanence: error: {tmp_path}/out.xlsx: ")
        assert reason in line

    assert not (tmp_path / "out.xlsx").exists()


def test_text_that_looks_like_a_formula_stays_text(predict):
    notes = ["=1+1", "#N/A", "good"]

    predicted = predict(rows(note=notes), kind_out=".xlsx")

    assert predicted["note"].tolist()[0] == "=1+1"
    assert predicted["d33"].notna().all()


def test_a_model_of_tables_takes_one_file(command, trained, tmp_path):
    for name in ("a.csv", "b.csv"):
        rows().to_csv(tmp_path / name, index=False)

    result = command("predict", f"run={trained}", f"input={tmp_path}/?.csv", f"output={tmp_path}/out.tsv")

    assert result.code == 2
    assert f"predict: input= names 2 files; the model of run {trained} takes one" in result.err
