import shutil

import h5py
import numpy as np
import pytest
from instruments import manifest

from remanence.data.spectra.line import Line
from remanence.data.spectra.streamed_line import StreamedLine
from remanence.errors import DataError

RAW = "/Measurement_000/Channel_000/Raw_Data"


@pytest.fixture
def scan(tmp_path):
    """An image with one pixel that was not measured."""
    path = tmp_path / "image.h5"
    shutil.copy(manifest.FOLDER / "be_image.h5", path)
    with h5py.File(path, "r+") as file:
        file[RAW][3] = 0
    return path


@pytest.mark.parametrize("rotation", [None, 0.3])
def test_spectra_are_streamed_to_the_last_digit(scan, rotation, monkeypatch, capsys):
    line = Line(path=str(scan), rotation=rotation)
    whole = line.read()
    told = capsys.readouterr().out
    monkeypatch.setattr("remanence.data.spectra.resonance_fit.CACHED", 6)

    with h5py.File.in_memory() as store:
        streamed = StreamedLine(line)
        streamed.fit(store)
        parts = [streamed.read(slice(start, min(start + 7, 20))) for start in range(0, 20, 7)]

        assert store["frequency"].shape == (20,)
        np.testing.assert_allclose(store["frequency"], whole.resonances.frequency[:, 0], rtol=1e-12)
    np.testing.assert_array_equal(np.concatenate(parts), whole.values)
    assert streamed.rotation == pytest.approx(whole.notes["data/rotation"], abs=1e-12)
    assert streamed.phase_sense == 1
    assert capsys.readouterr().out == told


def test_nothing_to_fit_is_refused(scan):
    with h5py.File(scan, "r+") as file:
        file[RAW][...] = 0

    with h5py.File.in_memory() as store, pytest.raises(DataError, match="none of its 20 resonances can be fitted"):
        StreamedLine(Line(path=str(scan))).fit(store)
