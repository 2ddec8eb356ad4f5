import pandas as pd
import pytest

from remanence.configuration.arguments import quote_verbatim
from remanence.configuration.compose import compose

ODD_NAMES = [
    "my data=2.csv",
    "a = b.csv",
    "Räume und Größen.csv",
    "it's.csv",
    'a "quoted" name.csv',
    "a,b.csv",
    "back\\slash.csv",
    "back\\'slash.csv",
    "${seed}.csv",
    "$HOME (1) [2] {3}: #4.csv",
    "20240101",
    "1e5",
    "true",
    "ends with a backslash\\",
]


@pytest.mark.parametrize("value", ODD_NAMES)
@pytest.mark.parametrize("key", ["data.path", "data.groups", "data.target"])
def test_a_verbatim_value_arrives_as_it_was_typed(key, value):
    named = quote_verbatim(["data=table", "data.features=[x]", "data.target=d33", f"{key}={value}"])

    assert compose(named).data[key.removeprefix("data.")] == value


@pytest.mark.parametrize("value", ODD_NAMES)
@pytest.mark.parametrize(("data", "key"), [("toy", "image"), ("beps", "dir"), ("raw", "path")])
def test_a_path_of_spectra_arrives_as_it_was_typed(data, key, value):
    assert compose(quote_verbatim([f"data={data}", f"data.{key}={value}"])).data[key] == value


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("null", None),
        ("[d33,eps_r]", ["d33", "eps_r"]),
        ('[d33,"eps r (1 kHz)"]', ["d33", "eps r (1 kHz)"]),
        ("'quoted = already'", "quoted = already"),
        ('"quoted, already"', "quoted, already"),
    ],
)
def test_null_lists_and_quoted_values_keep_their_meaning(typed, meant):
    cfg = compose(quote_verbatim(["data=table", "data.features=[x]", f"data.target={typed}"]))

    assert cfg.data.target == meant


@pytest.mark.parametrize("name", [name for name in ODD_NAMES if name.endswith(".csv") and "${" not in name])
def test_a_table_is_found_under_an_odd_name(train, table, name):
    path = table(name)

    named = [f"data.path={path}", "data.target=d33", "data.features=[x]", "model=linear"]

    run = train(*named, "~baselines.random_forest", experiment="piezo/table")

    assert run.data.params["data.path"] == str(path)
    assert run.data.tags["remanence.data"] == name


def test_a_sweep_reads_a_table_under_an_odd_name(command, table, all_runs):
    path = table("a = b, it's.csv")
    named = [f"data.path={path}", "data.target=d33", "data.features=[x]", "model=linear"]

    result = command("train", "-m", "experiment=piezo/table", "data/split=stratified", *named, "seed=0,1")

    assert result.code == 0, result.err
    assert [run.data.params["data.path"] for run in all_runs() if run.data.params] == [str(path)] * 2


@pytest.mark.parametrize("target", ["d33 (pC/N)", "d33 [pC/N]", "d33, measured = 'true'", "slope [/ln Hz]"])
def test_a_target_with_an_odd_name_is_trained_and_predicted(train, table, command, tmp_path, target):
    path = table(**{target: range(30)})
    named = [f"data.path={path}", f"data.target={target}", "data.features=[x]", "model=linear"]
    run = train(*named, "~baselines.random_forest", experiment="piezo/table")

    result = command("predict", f"run={run.info.run_id}", f"input={path}", f"output={tmp_path}/out.csv")

    assert result.code == 0, result.err
    assert run.data.params["data.target"] == target
    assert f"{target}_predicted" in pd.read_csv(tmp_path / "out.csv")


def test_the_printed_table_keeps_units_in_brackets(command, table):
    path = table(**{"d33 [pC/N]": range(30)})
    named = [f"data.path={path}", "data.target=d33 [pC/N]", "data.features=[x]", "model=linear"]

    result = command(
        "train", "experiment=piezo/table", "data/split=stratified", *named, "baselines.random_forest.n_estimators=5"
    )

    assert result.code == 0, result.err
    assert "d33 [pC/N] on" in result.out


def test_features_with_odd_names_are_quoted_inside_the_list(train, table):
    path = table(**{"a b (c)": range(30)})

    run = train(
        f"data.path={path}", "data.target=d33", 'data.features=[x,"a b (c)"]', "model=linear", experiment="piezo/table"
    )

    assert run.data.params["data.features"] == "['x', 'a b (c)']"


@pytest.mark.parametrize("digits", ["12345678901234567890123456789012", "1e5", "007"])
def test_a_run_id_of_digits_is_taken_as_text(command, digits):
    result = command("train", f"resume={digits}")

    assert result.code == 2
    assert f"'{digits}'" in result.err


def test_a_run_named_by_digits_is_found(train, command):
    train("name='20240101'", "model=linear")

    assert command("evaluate", "run=20240101").code == 0
