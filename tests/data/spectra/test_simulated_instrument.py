"""A scan that is written at the pace of an instrument is that which is written at once, and says when it has ended."""

import h5py
import numpy as np
import pytest

from remanence.data.spectra.simulated import SimulatedScan
from remanence.data.spectra.simulated_instrument import STAMPS, write_at_pace

SMALL = {"rows": 3, "cols": 4, "steps": 8, "bins": 10}
CHANNEL = "/Measurement_000/Channel_000"


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self, ends_at=np.inf):
        self.now, self.ends_at = 100.0, ends_at

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        if self.now > self.ends_at:
            raise KeyboardInterrupt


def test_the_file_is_that_which_is_written_at_once(tmp_path):
    scan, clock = SimulatedScan(**SMALL), Clock()
    scan.write(tmp_path / "whole.h5")

    assert write_at_pace(scan, tmp_path / "paced.h5", pace=64, clock=clock, sleep=clock.sleep) == 12

    with h5py.File(tmp_path / "whole.h5") as whole, h5py.File(tmp_path / "paced.h5") as paced:
        for name in ("Raw_Data", "Ground_Truth/Piezoresponse", "Ground_Truth/Outliers", "Spectroscopic_Values"):
            np.testing.assert_array_equal(paced[f"{CHANNEL}/{name}"], whole[f"{CHANNEL}/{name}"])
        np.testing.assert_allclose(paced[STAMPS][...], 100 + np.arange(12) / 64)
        assert paced.attrs["scan_ended"] == pytest.approx(100 + 11 / 64)


def test_a_scan_that_is_ended_early_says_so(tmp_path):
    clock = Clock(ends_at=100.51)

    with pytest.raises(KeyboardInterrupt):
        write_at_pace(SimulatedScan(**SMALL), tmp_path / "scan.h5", pace=10, clock=clock, sleep=clock.sleep)

    with h5py.File(tmp_path / "scan.h5") as file:
        assert np.flatnonzero(np.abs(file[f"{CHANNEL}/Raw_Data"][...]).any(axis=1)).tolist() == [0, 1, 2, 3, 4, 5]
        assert np.isfinite(file[STAMPS][...]).sum() == 6
        assert file.attrs["scan_ended"] > 0


@pytest.mark.parametrize(("name", "pace"), [("beps", "0"), ("beps", "fast"), ("nbbt", "64")])
def test_a_pace_that_is_none_is_one_line(command, tmp_path, name, pace):
    result = command("data", "simulate", name, f"{tmp_path}/scan.h5", f"pace={pace}")

    assert result.code == 2
    assert f"data simulate: pace={pace}: expected pixels a second of a scan (beps), above 0" in result.err
