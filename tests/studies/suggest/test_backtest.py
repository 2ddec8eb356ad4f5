import numpy as np
import pytest

from remanence.errors import ConfigurationError
from remanence.studies.suggest.backtest import Plan, backtest, distinct_inputs, experiments_of_chance


@pytest.fixture(autouse=True)
def few_trees(monkeypatch):
    """Forests of 40 trees: what is tested does not depend on the number."""
    monkeypatch.setattr("remanence.studies.suggest.surrogate.TREES", 40)
    monkeypatch.setattr("remanence.studies.suggest.surrogate.FEW_TREES", 10)
    monkeypatch.setattr("remanence.science.smooth_process.FEATURES", 256)


def doped(rows=60):
    """Amounts of six dopants, of which a ceramic holds a few; two of them are good, and better together."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 0.1, (rows, 6)) * (rng.uniform(0, 1, (rows, 6)) < 0.4)
    return x, 10 * x[:, 0] + 8 * x[:, 3] + 200 * x[:, 0] * x[:, 3] - 5 * x[:, 5]


def test_a_choice_finds_more_of_the_best_rows_than_chance_and_begins_as_chance_does():
    x, score = doped()
    plan = Plan(starts=6, batch=4, measured=22, seeds=3, top=6)

    played = backtest(x, score, 100 + 50 * score, plan)

    found = played.groupby(["way", "measured"])["found"].mean()
    assert found["suggest", 22] > found["random", 22] + 1.5
    assert set(found.index.get_level_values("measured")) == {6, 10, 14, 18, 22}
    first = played[played["measured"] == 6].set_index(["way", "seed"])[["found", "best"]]
    for seed in range(3):
        assert len(first.xs(seed, level="seed").drop_duplicates()) == 1  # every way begins with the same rows
    assert played.groupby(["way", "seed"])["best"].apply(lambda best: best.is_monotonic_increasing).all()
    assert played["best"].max() == pytest.approx((100 + 50 * score).max())


def test_campaigns_begin_in_the_worse_half():
    x, score = doped()
    plan = Plan(starts=20, batch=1, measured=21, seeds=2, top=30)

    played = backtest(x, score, score, plan)

    assert (played[played["measured"] == 20]["found"] == 0).all()


def test_units_do_not_change_what_is_found():
    x, score = doped(40)
    plan = Plan(starts=6, batch=4, measured=14, seeds=1, top=5)

    first, second = (backtest(x * scale, score / scale, score, plan)["found"] for scale in (1.0, 1e-12))

    assert first.tolist() == second.tolist()


def test_equal_inputs_are_one_material_with_the_mean_of_its_rows():
    x = np.array([[3e-12, 1.0], [1e-12, 1.0], [3e-12, 1.0]])

    inputs, values = distinct_inputs(x, np.array([[2.0], [5.0], [4.0]]))

    assert inputs.tolist() == [[3e-12, 1.0], [1e-12, 1.0]]
    assert values.tolist() == [[3.0], [5.0]]


@pytest.mark.parametrize("plan", [Plan(starts=10, measured=10), Plan(measured=61), Plan(starts=31, measured=40)])
def test_a_plan_that_the_table_has_no_rows_for_is_refused(plan):
    with pytest.raises(ConfigurationError, match=r"backtest: .*different inputs"):
        backtest(*doped(), doped()[1], plan)


def test_chance_needs_every_row_to_find_all_of_the_best():
    assert experiments_of_chance(10.0, Plan(starts=10, top=10), 161) == 161


def test_a_smooth_hill_is_climbed_in_a_few_batches():
    x = np.random.default_rng(0).uniform(0, 1, (60, 2))
    score = -((x - [0.8, 0.3]) ** 2).sum(axis=1)

    played = backtest(x, score, score, Plan(starts=8, batch=4, measured=24, seeds=2, top=6))

    assert played[(played["way"] == "suggest") & (played["measured"] == 24)]["found"].mean() >= 5
