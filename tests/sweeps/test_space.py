import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from remanence.errors import ConfigurationError
from remanence.sweeps.space import Space, as_overrides, read_search


def space(*searches):
    return Space.of(OverridesParser.create().parse_overrides(list(searches)))


@pytest.mark.parametrize(
    ("search", "values", "distribution"),
    [
        ("1e-3,1e-2", ["0.001", "0.01"], CategoricalDistribution(("0.001", "0.01"))),
        ("choice(tanh,relu)", ["tanh", "relu"], CategoricalDistribution(("tanh", "relu"))),
        ("choice([4],[8,8])", ["[4]", "[8,8]"], CategoricalDistribution(("[4]", "[8,8]"))),
        ("choice({a:1},{a:2})", ["{a:1}", "{a:2}"], CategoricalDistribution(("{a:1}", "{a:2}"))),
        ("null,3", ["null", "3"], CategoricalDistribution(("null", "3"))),
        ("sort(3,1,2)", ["1", "2", "3"], CategoricalDistribution(("1", "2", "3"))),
        ("float(choice(1,2))", ["1.0", "2.0"], CategoricalDistribution(("1.0", "2.0"))),
        ("range(4)", ["0", "1", "2", "3"], IntDistribution(0, 3)),
        ("range(10,0,-3)", ["10", "7", "4", "1"], IntDistribution(1, 10, step=3)),
        ("range(0,10,4)", ["0", "4", "8"], IntDistribution(0, 8, step=4)),
        ("range(0,10,2.5)", ["0.0", "2.5", "5.0", "7.5"], FloatDistribution(0, 7.5, step=2.5)),
        ("range(0,0.4,0.1)", ["0.0", "0.1", "0.2", "0.3"], FloatDistribution(0, 0.3, step=0.1)),
        ("interval(0,1)", None, FloatDistribution(0, 1)),
        ("tag(log,interval(1e-5,0.5))", None, FloatDistribution(1e-5, 0.5, log=True)),
        ("int(interval(1,100))", None, IntDistribution(1, 100)),
        ("tag(log,int(interval(10,512)))", None, IntDistribution(10, 512, log=True)),
        ("int(tag(log,interval(10,512)))", None, IntDistribution(10, 512, log=True)),
    ],
)
def test_every_element_of_hydras_grammar_is_a_distribution(search, values, distribution):
    read = space(f"key={search}")

    assert read.texts == {"key": search}
    assert read.listed == ({} if values is None else {"key": values})
    assert read.distributions == {"key": distribution}
    assert read.is_finite == (values is not None)


@pytest.mark.parametrize("count", range(2, 40))
def test_a_range_of_decimals_has_the_values_that_a_person_would_list(count, recwarn):
    read = space(f"key=range(1,{1 + count / 10},0.1)")

    assert read.listed == {"key": [str(1 + number / 10) for number in range(count)]}
    assert read.distributions["key"].high == 1 + (count - 1) / 10
    assert not recwarn.list, "Optuna moved the end"


@pytest.mark.parametrize("search", ["shuffle(range(20))", "shuffle(" + ",".join(map(str, range(20))) + ")"])
def test_a_shuffled_search_has_the_same_order_at_every_start(search):
    first, second = space(f"key={search}"), space(f"key={search}")

    assert first.listed == second.listed
    assert first.distributions == second.distributions
    assert sorted(first.listed["key"], key=int) == [str(number) for number in range(20)] != first.listed["key"]
    assert space(f"other={search}").listed["other"] != first.listed["key"]


def test_a_value_that_is_listed_twice_is_tried_once():
    assert space("key=1,2,1").combinations() == [{"key": "1"}, {"key": "2"}]


def test_of_several_keys_the_last_varies_fastest():
    assert space("a=1,2", "b=x,y").combinations() == [
        {"a": "1", "b": "x"},
        {"a": "1", "b": "y"},
        {"a": "2", "b": "x"},
        {"a": "2", "b": "y"},
    ]


def test_a_search_of_nothing_is_one_combination():
    assert space().combinations() == [{}]
    assert space().corners() == [{}]
    assert space().is_finite


def test_corners_show_every_listed_value_and_both_ends_of_every_interval():
    read = space("a=x,y,z", "b=tag(log,interval(0.1,10))", "c=int(interval(1,5))")

    assert read.corners() == [
        {"a": "x", "b": 0.1, "c": 1},
        {"a": "y", "b": 10.0, "c": 5},
        {"a": "z", "b": 10.0, "c": 5},
    ]
    assert not read.is_finite


@pytest.mark.parametrize(
    ("search", "complaint"),
    [
        ("interval(2,1)", "key: the interval from 2.0 to 1.0 is empty"),
        ("interval(1,1)", "key: the interval from 1.0 to 1.0 is empty"),
        ("tag(log,interval(0,1))", "key: a logarithmic interval must begin above 0, got 0.0"),
        ("range(5,1)", "key: there is no value in 'key=range(5,1)'"),
        ("range(0,1,0)", "key: there is no value in 'key=range(0,1,0)'"),
    ],
)
def test_a_search_without_values_is_refused_by_its_key(search, complaint):
    with pytest.raises(ConfigurationError) as refused:
        space(f"key={search}")

    assert complaint in str(refused.value)


def test_the_command_line_wins_over_the_parameters_of_the_sweep():
    params = {"model.lr": "1e-3,1e-2", "seed": "range(3)", "model.hidden": 8}

    read = read_search(["model.lr=0.5", "+tag=a,b", "model=linear"], params, None)

    assert read.common == ["model.lr=0.5", "model=linear", "model.hidden=8"]
    assert read.space.texts == {"+tag": "a,b", "seed": "range(3)"}
    assert read.replaced == {"model.lr=1e-3,1e-2": "model.lr=0.5"}


def test_another_search_of_the_same_key_replaces_that_of_the_sweep():
    read = read_search(["model.lr=interval(0.1,1)"], {"model.lr": "1e-3,1e-2"}, None)

    assert read.space.texts == {"model.lr": "interval(0.1,1)"}


@pytest.mark.parametrize(
    ("typed", "texts", "common"),
    [
        (["a.b=1,2", "a.b=3"], {}, ["a.b=3"]),
        (["a.b=3", "a.b=1,2"], {"a.b": "1,2"}, ["a.b=3"]),
        (["a.b=1,2", "c=5,6", "a.b=interval(0,1)"], {"a.b": "interval(0,1)", "c": "5,6"}, []),
        (["+a.b=1,2", "a.b=3"], {}, ["a.b=3"]),
        (["a.b=1,2", "++a.b=7,8"], {"++a.b": "7,8"}, []),
        (["a.b=1,2", "~a.b"], {}, ["~a.b"]),
        (["a=x,y", "a@other=z", "a.b=3"], {"a": "x,y"}, ["a@other=z", "a.b=3"]),
    ],
)
def test_of_a_key_given_twice_the_last_one_wins(typed, texts, common):
    read = read_search(typed, {}, None)

    assert read.space.texts == texts
    assert read.space.listed.keys() <= {key for key, text in texts.items() if "interval" not in text}
    assert read.common == common


@pytest.mark.parametrize("typed", [["a={b:1},{b:2}", "a.b=3"], ["a.b=1,2", "a={b:3,c:4}"]])
def test_a_part_and_its_whole_are_not_given_behind_a_search(typed):
    with pytest.raises(ConfigurationError, match="give the same values; give only one of them"):
        read_search(typed, {}, None)


@pytest.mark.parametrize("value", ["'a b'", "'a,b'", "'a=b'", '"it\'s"', "[1,'x, y']", "'{'", "null", "true", "''"])
def test_a_listed_value_is_read_back_as_what_was_meant(value):
    parser = OverridesParser.create()
    (meant,) = parser.parse_overrides([f"key={value}"])

    (listed, _) = space(f"key={value},other").combinations()
    (read,) = parser.parse_overrides(as_overrides(listed))

    assert read.value() == meant.value()


@pytest.mark.parametrize(
    "search",
    [
        "objective=val/mse,test/r2",
        "objective_direction=minimize,maximize",
        "n_jobs=1,2",
        "sweep.name=a,b",
        "paths.outputs=a,b",
        "tracking.uri=a,b",
        "pruner=median,asha",
        "pruner.every=1,2",
        "hydra.sweeper.seed=0,1",
        "+tracking.tags.a=b,c",
    ],
)
def test_what_holds_for_a_whole_sweep_is_not_searched(search):
    with pytest.raises(ConfigurationError, match="is the same for all trials, got"):
        read_search([search, "seed=0,1"], {}, None)


def test_several_objectives_are_a_list():
    with pytest.raises(ConfigurationError, match=r"several are written objective=\[…,…\]$"):
        read_search(["objective=val/mse,test/r2"], {}, None)
