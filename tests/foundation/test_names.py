import pytest
from mlflow.entities import Metric

from remanence.errors import ConfigurationError
from remanence.foundation.names import (
    check_name,
    file_names,
    find_metric,
    free_names,
    key_names,
    metric_names,
    plain_name,
)

ODD = [
    "ε_r",
    "σ_r",
    "tan δ [%]",
    "a%",
    "a#",
    "a",
    ".",
    "..",
    "x/y",
    "%",
    "日本",
    "e\u0301",
    "½",
    "a:b",
    " ",
    "d\n",
    "\x00",
]


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("d33", "d33"),
        ("eps_r", "eps_r"),
        ("d33 (pC/N)", "d33_pC_N"),
        ("a.b-c", "a.b-c"),
        ("tan d [%]", "tan_d"),
        ("  x  ", "x"),
        ("%", "target"),
    ],
)
def test_ascii_columns_have_the_names_of_earlier_releases(column, name):
    assert plain_name(column) == name


@pytest.mark.parametrize(("column", "name"), [("ε_r", "ε_r"), ("εᵣ (–)", "εᵣ"), ("e\u0301", "é"), ("..", "target")])
def test_letters_of_every_alphabet_stay(column, name):
    assert plain_name(column) == name


def test_mlflow_takes_every_name_and_none_twice(client):
    columns = [*ODD, *(f"{'x' * 120}{end}" for end in "ab")]
    names = metric_names(columns)

    experiment = client.create_experiment("names")
    run = client.create_run(experiment).info.run_id
    values = dict(zip(names.values(), map(float, range(len(columns))), strict=True))
    client.log_batch(run, [Metric(f"test/{name}/r2", value, 1, 0) for name, value in values.items()])

    assert client.get_run(run).data.metrics == {f"test/{name}/r2": value for name, value in values.items()}
    assert len(values) == len(columns)


def test_a_long_name_is_cut_and_keeps_a_digest_of_its_end():
    first, second = metric_names([f"{'ε' * 300}a", f"{'ε' * 300}b"]).values()

    assert first != second
    assert max(len(first), len(second)) <= 225
    assert metric_names(["x" * 225]) == {"x" * 225: "x" * 225}


def test_names_that_meet_are_spelled_whatever_their_order():
    columns = ["a%", "a#", "b (1)", "b [1]"]

    assert metric_names(columns) == {
        "a%": "a_percent_sign",
        "a#": "a_number_sign",
        "b (1)": "b_left_parenthesis_1_right_parenthesis",
        "b [1]": "b_left_square_bracket_1_right_square_bracket",
    }
    assert metric_names(columns[::-1]) == metric_names(columns)
    assert metric_names(["a%", "a"]) == {"a%": "a_percent_sign", "a": "a"}, "who is called so already keeps the name"
    assert metric_names(["a_b", "a b", "a  b"]) == {"a_b": "a_b", "a b": "a_b_3", "a  b": "a_b_2"}


def test_a_name_that_means_something_else_is_not_given():
    assert metric_names(["best", "d33"], taken=["best"]) == {"best": "best_2", "d33": "d33"}


def test_no_two_files_are_one_where_capitals_do_not_count(tmp_path):
    names = file_names([*ODD, "A", "D33", "d33", "ε" * 200, "ε" * 201])

    assert len({name.casefold() for name in names.values()}) == len(names)
    for name in names.values():
        (tmp_path / f"test_predictions_{name}.png").touch()
        assert not set(name) & set('<>:"/\\|?*')


def test_a_column_of_ours_gets_a_number_where_the_user_has_one_of_that_name():
    assert free_names(["row", "x_low", "x_low"], ["row", "row_2"]) == ["row_3", "x_low", "x_low_2"]


def test_keys_are_told_apart_and_are_no_paths(client):
    keys = ["data.units.a%", "data.units.a#", "data.units.C//N", "data.units.../x", "/y", "model.lr", "k" * 300]
    names = key_names(keys)

    run = client.create_run(client.create_experiment("keys")).info.run_id
    for name in names.values():
        client.log_param(run, name, "1")
        client.set_tag(run, name, "1")

    assert len(client.get_run(run).data.params) == len(keys)
    assert names["model.lr"] == "model.lr"


@pytest.mark.parametrize(
    ("asked", "metrics", "found"),
    [
        ("test/r/r2", ["test/ε_r/r2", "test/r2"], "test/ε_r/r2"),
        ("test/tan/r2", ["test/tan_δ/r2"], "test/tan_δ/r2"),
        ("test/target/mae", ["test/ε/mae"], "test/ε/mae"),
        ("test/r/r2", ["test/ε_r/r2", "test/r/r2"], "test/r/r2"),
        ("test/r/r2", ["test/ε_r/r2", "test/σ_r/r2"], None),
        ("test/d33/r2", ["test/eps_r/r2"], None),
    ],
)
def test_a_metric_is_found_by_the_name_of_an_earlier_release(asked, metrics, found):
    assert find_metric(asked, metrics) == found


@pytest.mark.parametrize("name", ["a%", "a/b", "..", "", " a", "a:b", "Chain"])
def test_a_name_of_the_configuration_that_no_metric_can_have_is_refused(name):
    with pytest.raises(ConfigurationError, match=r"^baselines\."):
        check_name(f"baselines.{name}", name, taken=("chain",))


@pytest.mark.parametrize("name", ["pca", "β-vae", "random forest", "a.b", "x_1"])
def test_usual_names_pass(name):
    check_name(f"baselines.{name}", name)
