import numpy as np
import pytest
from compared_runs import compared_run, repeated

from remanence.tracking.settings import can_be_tested, settings, settings_table

FIRST, SECOND = [1.0, 2.0, 4.0], [1.5, 2.0, 5.0]
MODEL = "model.activation"


def both(**given):
    return [*repeated(FIRST, **{MODEL: "tanh"}, **given), *repeated(SECOND, **{MODEL: "relu"}, **given)]


def test_runs_that_differ_in_seeds_are_one_setting_named_by_what_tells_it_apart():
    (found,) = settings(both()).values()

    assert [setting.name for setting in found] == ["activation=tanh", "activation=relu"]
    assert [len(setting.runs) for setting in found] == [3, 3]
    assert {setting.over for setting in found} == {"seeds"}


def test_the_table_has_mean_and_deviation_over_seeds():
    (found,) = settings(both()).values()

    table = settings_table(found)

    assert table["over"].tolist() == ["3 seeds"] * 2
    assert table["test/mae"].tolist() == pytest.approx([np.mean(FIRST), np.mean(SECOND)])
    assert table["test/mae sd"].tolist() == pytest.approx([np.std(FIRST, ddof=1), np.std(SECOND, ddof=1)])


@pytest.mark.parametrize(
    ("key", "over"), [("data.split.seed", "splits"), ("data.split.fold", "splits"), ("data.draw", "seeds")]
)
def test_what_is_repeated_over_is_told(key, over):
    (found,) = settings(repeated(FIRST, key=key)).values()

    assert found[0].over == over


def test_the_seed_of_a_forest_tells_no_settings_apart():
    runs = repeated(FIRST)
    for number, run in enumerate(runs):
        run.data.params["baselines.random_forest.seed"] = str(number)

    (found,) = settings(runs).values()

    assert len(found) == 1


def test_of_two_runs_with_the_same_seeds_the_newest_counts():
    runs = [*repeated(FIRST), *repeated([9.0])]

    (found,) = settings(runs).values()

    assert sorted(run.data.metrics["test/mae"] for run in found[0].runs.values()) == [2.0, 4.0, 9.0]


def test_other_data_are_another_group_but_draws_of_simulated_data_are_not():
    runs = repeated(FIRST)
    for number, run in enumerate(runs):
        run.inputs.dataset_inputs[0].dataset.digest = f"d{number}"

    assert settings(runs) == {}
    for run in runs:
        run.data.tags["remanence.synthetic"] = "true"
    assert len(settings(runs)) == 1


def test_single_runs_and_runs_that_failed_are_no_setting():
    failed = repeated(FIRST)
    for run in failed:
        run.info.status = "FAILED"

    assert settings([*failed, compared_run()]) == {}


@pytest.mark.parametrize(("values", "expected"), [(SECOND, True), (SECOND[:1], False)])
def test_two_settings_with_two_common_seeds_can_be_tested(values, expected):
    assert can_be_tested([*repeated(FIRST, **{MODEL: "tanh"}), *repeated(values, **{MODEL: "relu"})]) is expected
