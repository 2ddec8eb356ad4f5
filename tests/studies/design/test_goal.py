import numpy as np
import pandas as pd
import pytest
from small_chain import SmallChain

from remanence.errors import ConfigurationError
from remanence.studies.design.goal import read_goal


def test_a_goal_knows_the_scales_and_raw_columns_that_it_takes():
    goal = read_goal(SmallChain(), "binding_energy<8", "gap in [1,2]")

    assert (goal.scale, goal.scales, goal.columns) == ("solvents", ["ions", "solvents"], ["composition", "solvent"])
    assert [wish.target for wish in goal.wishes] == ["binding_energy", "gap"]
    fine = read_goal(SmallChain(), "gap=1.5", None)
    assert (fine.scale, fine.scales, fine.columns) == ("ions", ["ions"], ["composition"])


def test_properties_of_all_scales_are_named_where_one_is_unknown():
    with pytest.raises(ConfigurationError, match=r"^target: the run predicts gap, binding_energy, not 'pce'$"):
        read_goal(SmallChain(), "pce>10", None)


def test_joined_tables_with_columns_of_one_name_are_not_mixed_up():
    class Joined(SmallChain):
        targets = {"ions": ["ions.y"], "solvents": ["solvents.y"]}  # noqa: RUF012
        raw_columns = {"ions": ["x0"], "solvents": ["ions.x0", "x0"]}  # noqa: RUF012

    assert read_goal(Joined(), "solvents.y>1", "solvents.y<2").columns == ["ions.x0", "x0"]
    with pytest.raises(ConfigurationError, match=r"^constraints: .* ions and solvents .* 'x0' is another column"):
        read_goal(Joined(), "solvents.y>1", "ions.y<2")


def test_rows_are_sorted_by_place_then_by_what_they_miss_then_by_score():
    goal = read_goal(SmallChain(), "binding_energy<8", "gap in [1,2]")
    predicted = pd.DataFrame({"binding_energy": [1.0, 9, 5, 7, 0], "gap": [3, 1.5, 1.2, 2.2, 1.9]})

    assert goal.order(predicted).tolist() == [4, 2, 1, 3, 0]
    assert goal.order(predicted, np.array([False, False, False, False, True])).tolist() == [2, 1, 3, 0, 4]
    assert goal.order(predicted[["binding_energy"]]).tolist() == [4, 0, 2, 3, 1]
