import shutil

import h5py
import numpy as np
import pytest

from remanence.data.spectra.dimension import Dimension
from remanence.data.spectra.h5usid_writer import write_h5usid
from remanence.data.spectra.raw import Raw
from remanence.data.spectra.simulated import SimulatedScan
from remanence.errors import ConfigurationError, DataError

CHANNEL = "/Measurement_000/Channel_000"


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    """A good scan of 12 pixels and 8 bias steps."""
    path = tmp_path_factory.mktemp("scans") / "scan.h5"
    SimulatedScan(rows=3, cols=4, steps=8, bins=20, cycles=2).write(path)
    return path


def error(path, kind=DataError, **arguments):
    """Return the one line that a check of the file raises."""
    with pytest.raises(kind) as caught:
        Raw(path=None if path is None else str(path), **arguments).check()
    text = str(caught.value)
    assert len(text.splitlines()) == 1
    return text


def test_without_a_path_the_way_to_a_scan_is_named():
    text = error(None)

    assert text.startswith("data.path: no scan given; add data.path=")
    assert "remanence data simulate beps scan.h5" in text


def test_a_missing_file_is_one_line_before_anything_is_fitted(tmp_path):
    assert error(tmp_path / "none.h5") == f"{tmp_path / 'none.h5'}: no such file"


def test_what_is_no_hdf5_is_one_line(tmp_path):
    (tmp_path / "scan.h5").write_text("bias,P")

    assert "not an HDF5 file" in error(tmp_path / "scan.h5")


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ({"cycle": 2}, "cycle 2 is not there; it has 2"),
        ({"measurement": "Measurement_007"}, "Measurement_007"),
        ({"channel": "Channel_003"}, "Channel_003"),
    ],
)
def test_a_loop_that_is_not_there_is_one_line(scan, chosen, reason):
    text = error(scan, **chosen)

    assert text.startswith(f"{scan}: ")
    assert reason in text


def test_noise_only_is_one_line(scan, tmp_path):
    shutil.copy(scan, path := tmp_path / "noise.h5")
    with h5py.File(path, "r+") as file:
        file[f"{CHANNEL}/Raw_Data"][...] = np.nan

    with pytest.raises(DataError) as caught:
        Raw(path=str(path)).open()

    assert str(caught.value) == f"{path}: none of its 96 resonances can be fitted in {CHANNEL}/Raw_Data"


@pytest.mark.parametrize(
    ("frequency", "bias", "reason"),
    [
        (np.arange(1.0, 4.0), np.array([-1.0, 1.0]), "has 3 frequencies from 1 to 3 Hz"),
        (np.arange(5.0), np.array([-1.0, 1.0]), "has 5 frequencies from 0 to 4 Hz"),
        (np.arange(1.0, 6.0), np.array([0.0, 1.0]), "has a bias of 0 to 1 V; a loop needs both signs"),
    ],
)
def test_axes_that_cannot_be_fitted_are_one_line(tmp_path, frequency, bias, reason):
    positions = [Dimension("X", "m", np.arange(3.0)), Dimension("Y", "m", np.arange(2.0))]
    spectroscopic = [Dimension("Frequency", "Hz", frequency), Dimension("DC_Offset", "V", bias)]
    with write_h5usid(path := tmp_path / "scan.h5") as writer:
        raw = writer.main(f"{CHANNEL}/Raw_Data", positions, spectroscopic, dtype=np.complex64, quantity="", units="V")
        raw[...] = 1

    text = error(path)
    assert text.startswith(f"{path}: {CHANNEL}/Raw_Data ")
    assert reason in text


def test_a_real_file_without_band_excitation_is_one_line(shared_data):
    assert "Frequency" in error(shared_data / "be" / "SingFreqPFM_0003.h5")


def test_a_device_that_is_not_there_is_one_line(scan, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)

    assert error(scan, ConfigurationError, device="cuda").startswith("data.device: there is no 'cuda'")
