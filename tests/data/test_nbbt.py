import numpy as np
import pandas as pd
import pytest

from remanence.data.nbbt import COLUMNS, NBBT, tabulate
from remanence.errors import DataError
from remanence.science.nbbt import simulate_campaign

SPLIT = {"folds": 5, "fold": 0, "validation": 0.2, "bins": 5, "seed": 0}


def campaign(*, series=("NS", "QS", "Sr", "Bi"), target="d33", features=("x", "lph_slope"), **arguments):
    return NBBT(series=series, target=target, features=features, split=SPLIT, **arguments)


def test_the_table_has_the_described_columns_and_a_row_per_sample():
    frame, source = campaign().read()

    assert list(frame.columns) == list(COLUMNS)
    assert len(frame) == 21
    assert not frame.isna().any(axis=None)
    assert source.kind == "simulated"
    assert "synthetic" in source.name
    assert campaign().synthetic


def test_samples_bear_the_names_of_the_paper():
    frame, _ = campaign().read()

    assert frame["sample"].is_unique
    assert {"NS-NBBT2", "QS-NBBT25", "NBBT6+Sr0.5", "NBBT6+Bi4"} <= set(frame["sample"])
    assert frame.set_index("sample").loc["QS-NBBT10", ["series", "x", "dopant"]].tolist() == ["QS", 0.1, 0.0]


def test_columns_are_those_of_the_campaign_and_of_the_fits():
    simulated = simulate_campaign(noise=0)

    frame = tabulate(simulated)

    np.testing.assert_array_equal(frame["d33"], simulated.d33)
    np.testing.assert_array_equal(frame["eps_r"], simulated.permittivity[:, 0])
    assert frame["lph_slope_r2"].to_numpy() == pytest.approx(1)
    assert frame["lph_slope_se"].to_numpy() == pytest.approx(0, abs=1e-6)


def test_the_digest_follows_from_the_seed():
    digests = [campaign(seed=seed).read()[1].digest for seed in (0, 0, 1)]

    assert digests[0] == digests[1] != digests[2]
    assert len(digests[0]) == 64


@pytest.mark.parametrize("change", [{"noise": 2.0}, {"replicates": 2}, {"series": ("NS", "QS")}])
def test_the_digest_changes_with_what_is_simulated(change):
    assert campaign(**change).read()[1].digest != campaign().read()[1].digest


def test_the_same_seed_opens_to_the_same_rows_and_parts():
    first, again = (campaign(replicates=3, seed=5).open() for _ in range(2))

    pd.testing.assert_frame_equal(first.frame, again.frame)
    np.testing.assert_array_equal(first.x, again.x)
    np.testing.assert_array_equal(first.fold.test, again.fold.test)


@pytest.mark.parametrize("role", [{"target": "d31"}, {"features": ["x", "d31"]}, {"groups": "d31"}])
def test_an_unknown_column_lists_those_of_the_campaign(role):
    with pytest.raises(DataError) as caught:
        campaign(**role).open()

    assert str(caught.value) == f"nbbt (synthetic): no column 'd31'; it has: {', '.join(COLUMNS)}; did you mean 'd33'?"


def test_the_series_may_be_a_categorical_feature():
    data = campaign(features=["series", "lph_slope"], categorical=["series"], target=["d33", "eps_r"]).open()

    assert data.columns.inputs == ["series=Bi", "series=NS", "series=QS", "series=Sr", "lph_slope"]
    assert data.y.shape == (21, 2)
