"""``rm.open_data``: what a training would see, of every kind of data."""

import numpy as np
import pandas as pd
import pytest

import remanence as rm
from remanence.data.spectra.simulated import SimulatedScan

OWN = (
    "data/split=stratified",
    "data.target=d33",
    "data.features=[x,amount,kind]",
    "data.categorical=[kind]",
    "+data.units={d33:pC/N}",
)


def test_a_table_has_numbers_units_and_folds(table, capsys):
    path = table()

    data = rm.open_data("piezo/table", f"data.path={path}", *OWN, "model=linear")

    assert capsys.readouterr() == ("", "")
    pd.testing.assert_frame_equal(data.frame, pd.read_csv(path), check_dtype=False)
    assert data.frame["d33"].dtype == np.float64
    assert data.frame.attrs["units"] == {"d33": "pC/N"}
    (fold,) = data.folds
    rows = np.concatenate([fold.train, fold.validation, fold.test])
    assert sorted(rows.tolist()) == list(range(30))


def test_what_a_run_held_out_is_what_it_shows(table):
    path = table()

    data = rm.open_data("piezo/table", f"data.path={path}", *OWN, "model=linear", "data.split.seed=3")
    run = rm.train(
        "piezo/table", f"data.path={path}", *OWN, "model=linear", "data.split.seed=3", "baselines=none", "figures=brief"
    )

    tested = run.table("test_predictions")
    assert tested["d33"].tolist() == data.frame["d33"].iloc[data.folds[0].test].tolist()


def test_a_scan_has_spectra_in_physical_units_without_its_masked_pixels(tmp_path, outputs, capsys):
    path = tmp_path / "scan.h5"
    SimulatedScan(rows=8, cols=6, steps=16, bins=20, snr=60.0, dead_pixels=0.1).write(path)

    data = rm.open_data("beps/raw", f"data.path={path}", "data.side=2.0", "data.split.validation=0.1")

    assert capsys.readouterr() == ("", "")
    assert data.values.shape == (48, len(data.axis), len(data.channels))
    assert data.channels == ("piezoresponse (arb. units)", "resonance frequency (kHz)")
    masked = np.isnan(data.values).all(axis=(1, 2))
    assert 0 < masked.sum() < 48
    assert np.isfinite(data.values[~masked]).all()
    assert 100 < np.nanmedian(data.values[..., 1]) < 2000  # kHz
    assert data.side == 2.0
    (fold,) = data.folds
    assert not masked[np.concatenate([fold.train, fold.validation, fold.test])].any()


def test_spectra_without_a_map_have_no_side(outputs):
    data = rm.open_data("beps/toy", "data.colours=50", "model=pca")

    assert data.values.shape[0] == len(data.valid)
    assert data.side is None


def test_a_chain_has_a_table_for_each_scale(outputs):
    data = rm.open_data("nested/synthetic", "data.rows=60")

    assert list(data.rows) == ["fine", "middle", "coarse"]
    assert all(len(rows.frame) == 60 for rows in data.rows.values())
    assert data.rows["fine"].frame.attrs["units"] == {}
    assert len(data.folds) == len(data.rows["coarse"].folds)


@pytest.mark.parametrize("override", ["resume=mine", "fork=mine"])
def test_a_run_is_no_data(outputs, override):
    with pytest.raises(rm.ConfigurationError, match=r"open_data: resume= and fork= are of a run"):
        rm.open_data(override)
