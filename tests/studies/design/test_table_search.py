import numpy as np
import pandas as pd
import pytest

from remanence.data.columns import Columns
from remanence.errors import ConfigurationError
from remanence.science.training_region import TrainingRegion
from remanence.studies.design.table_search import NOTES, parse_target, search_table
from remanence.studies.design.wish import Wish

LEVELS = np.repeat([0.02, 0.06, 0.1, 0.25], 10)
SLOPE = np.repeat([20.0, 50.0, 30.0, 25.0], 10) + np.random.default_rng(0).normal(0, 1, 40)
TRAINED = pd.DataFrame({"x": LEVELS, "lph_slope": SLOPE})


class Peak:
    """A model whose d33 follows the second input, with intervals of ± 10."""

    columns = Columns(["x", "lph_slope"], ["d33"], units={"d33": "pC/N"})
    region = None
    coverage = 0.9

    def predict(self, frame):
        d33 = 4 * frame["lph_slope"].to_numpy()
        return pd.DataFrame({"d33": d33, "d33_low": d33 - 10, "d33_high": d33 + 10})


def test_the_predictions_at_a_measured_composition_are_those_of_its_rows():
    table = search_table(Peak(), TRAINED, target="d33>190", asked={"over": "x=[0.02,0.06,0.1]"})

    best = table.iloc[0]
    assert best["x"] == 0.06
    assert best["meets"] == "yes"
    assert best["d33"] == pytest.approx(4 * SLOPE[10:20].mean(), abs=1)
    spread = 4 * SLOPE[10:20].std()
    assert best["d33_high"] - best["d33"] == pytest.approx(np.hypot(10, 1.645 * spread), rel=0.25)
    assert table.attrs["units"] == {"d33": "pC/N", "d33_low": "pC/N", "d33_high": "pC/N"}
    assert "lph_slope is not named" in table.attrs[NOTES][0]


def test_a_maximum_ranks_and_says_nothing_of_meeting():
    table = search_table(Peak(), TRAINED, target="d33=max", asked={"over": "lph_slope=0:60", "given": "x=0.06"})

    assert not {"meets", "sure"} & {*table}
    outside = table["extrapolated"] == "yes"
    assert table[~outside]["d33"].is_monotonic_decreasing
    assert outside.is_monotonic_increasing
    np.testing.assert_allclose(table["d33_high"] - table["d33_low"], 20)
    assert table.loc[table["lph_slope"].idxmax(), "distance"] > 0.5


def test_conditions_on_further_properties_are_met_first():
    class OfTwo(Peak):
        columns = Columns(["x", "lph_slope"], ["d33", "eps_r"])

        def predict(self, frame):
            slope = frame["lph_slope"].to_numpy()
            return (
                super().predict(frame).assign(eps_r=30 * slope, eps_r_low=30 * slope - 90, eps_r_high=30 * slope + 90)
            )

    asked = {"over": "lph_slope=20:50:1", "given": "x=0.06", "constraints": "eps_r<1200 and eps_r>900"}

    table = search_table(OfTwo(), TRAINED, target="d33=max", asked=asked)

    meets, inside = table["lph_slope"].between(31, 39), table["extrapolated"] == "no"
    assert meets.tolist() == (table["meets"] == "yes").tolist()
    assert table.loc[inside, "lph_slope"].tolist()[:3] == [39, 38, 37]
    assert (table["sure"] == "yes").tolist() == table["lph_slope"].between(34, 36).tolist()
    with pytest.raises(ConfigurationError, match=r"^constraints: the run predicts d33, eps_r, not 'tan_d'"):
        search_table(OfTwo(), TRAINED, target="d33=max", asked=asked | {"constraints": "tan_d<1"})


def test_elements_of_no_training_row_are_outside():
    class OfFormulas(Peak):
        columns = Columns(["T"], ["d33"], composition="Component", elements=["K", "Na"])

        def predict(self, frame):
            return pd.DataFrame({"d33": frame["T"].to_numpy(dtype=float)})

    trained = pd.DataFrame({"Component": ["KNbO3", "NaNbO3", "KNN"], "T": [1.0, 2.0, 3.0]})

    table = search_table(OfFormulas(), trained, target="d33=max", asked={"over": "KNN:LN=0:0.1:0.1", "given": "T=2"})

    assert table["extrapolated"].tolist() == ["no", "yes"]
    assert list(table) == ["Component", "T", "d33", "distance", "extrapolated"]


def test_the_region_and_the_coverage_of_the_model_are_taken():
    class Known(Peak):
        region = TrainingRegion.of(np.array([[0.0, 30.0], [0.1, 40.0], [0.05, 35.0]]))
        coverage = 0.5

        def predict(self, frame):
            return super().predict(frame).assign(distance=np.nan, extrapolated="?")

    asked = {"over": "lph_slope=[35,45]", "given": "x=0.05"}
    table = search_table(Known(), TRAINED, target="d33=max", asked=asked)

    assert table["extrapolated"].tolist() == ["no", "yes"]
    assert table["distance"][0] == 0
    wide, narrow = (
        search_table(model, TRAINED, target="d33=max", asked={"over": "x=[0.06]"})["d33_high"][0]
        - search_table(model, TRAINED, target="d33=max", asked={"over": "x=[0.06]"})["d33"][0]
        for model in (Peak(), Known())
    )
    assert wide**2 - 100 == pytest.approx((narrow**2 - 100) * (1.645 / 0.6745) ** 2, rel=1e-3)


def test_an_interval_without_an_end_has_none():
    class Endless(Peak):
        def predict(self, frame):
            return super().predict(frame).assign(d33_low=-np.inf, d33_high=np.inf)

    table = search_table(Endless(), TRAINED, target="d33>150", asked={"over": "x=[0.02,0.06]"})

    assert table["d33_high"].tolist() == [np.inf, np.inf]
    assert table["d33"].between(70, 210).all()
    assert table["sure"].tolist() == ["no", "no"]


def test_sure_is_what_meets_with_its_whole_interval():
    table = search_table(Peak(), TRAINED, target="d33<100", asked={"over": "lph_slope=20:30:1", "given": "x=0.06"})

    assert (table["meets"] == "yes").tolist() == (table["d33"] < 100).tolist()
    assert (table["sure"] == "yes").tolist() == (table["d33_high"] < 100).tolist()
    assert 0 < (table["sure"] == "yes").sum() < (table["meets"] == "yes").sum()


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("d33>200", Wish("d33", ">", 200.0)),
        ("d33 >= 1.5e2", Wish("d33", ">", 150.0)),
        ("eps_r<900", Wish("eps_r", "<", 900.0)),
        ("d33=max", Wish("d33", "max", 0.0)),
        ("eps_r = min", Wish("eps_r", "min", 0.0)),
        ("tan d (%)<-2", Wish("tan d (%)", "<", -2.0)),
    ],
)
def test_a_wish_is_read(text, wish):
    assert parse_target(text, ["d33", "eps_r", "tan d (%)"]) == wish


@pytest.mark.parametrize("text", ["d33", "d33>", "d33=200", ">200", "d33>a", "d33>1e", "d33=maximum", ""])
def test_an_unreadable_wish_shows_an_example(text):
    with pytest.raises(ConfigurationError, match=r"^target: expected such as 'd33>200'"):
        parse_target(text, ["d33"])


def test_a_target_that_the_run_does_not_predict_is_named():
    with pytest.raises(ConfigurationError, match=r"^target: the run predicts d33, eps_r, not 'd31'"):
        parse_target("d31>200", ["d33", "eps_r"])


@pytest.mark.parametrize(
    ("wish", "score"), [("d33>2", [-1, 0, 1]), ("d33<2", [1, 0, -1]), ("d33=max", [1, 2, 3]), ("d33=min", [-1, -2, -3])]
)
def test_the_score_is_higher_on_the_wanted_side(wish, score):
    assert parse_target(wish, ["d33"]).score(np.array([1.0, 2.0, 3.0])).tolist() == score
