import re
import shutil

import h5py
import numpy as np
import pytest
from instruments import known, manifest

import remanence as rm
from remanence.data.spectra.line import Line, turned
from remanence.data.table_file import digest_of
from remanence.errors import DataError

SPLIT = {"kind": "random", "test": 0.2, "validation": 0.1, "block": 2, "seed": 0}
FEW = ("data.split.validation=0.1",)
RAW = "/Measurement_000/Channel_000/Raw_Data"


def opened(path, **arguments):
    return Line(path=str(path), **{"split": SPLIT, **arguments}).open()


def file(name):
    return manifest.FOLDER / f"{name}.h5"


@pytest.fixture
def spoilt(tmp_path):
    """An image with a pixel that was not measured and one that holds only noise."""
    path = tmp_path / "spoilt.h5"
    shutil.copy(file("be_image"), path)
    noise = np.random.default_rng(0).standard_normal((2, known.BINS))
    with h5py.File(path, "r+") as scan:
        scan[RAW][3] = 0
        scan[RAW][11] = 1e-2 * (noise[0] + 1j * noise[1])
    return path


@pytest.mark.parametrize(
    ("name", "off"), [("be_line", 0.5), ("be_image", 0.5), ("be_ac_sweep", 1.0), ("nsid_be_image", 0.5)]
)
def test_the_resonances_are_those_that_were_written(name, off):
    data = opened(file(name))
    fitted, drive = data.measured.resonances, 2.0 if name == "be_ac_sweep" else 1.0

    assert fitted.is_line
    np.testing.assert_allclose(fitted.frequency[:, 0], known.RESONANCE / 1e3 + off, atol=0.03)
    np.testing.assert_allclose(fitted.quality_factor[:, 0], known.QUALITY, atol=0.25)
    expected = known.SATURATION * (drive if name != "nsid_be_image" else 1.0)
    np.testing.assert_allclose(np.abs(fitted.amplitude[:, 0]), expected, rtol=0.02)
    np.testing.assert_allclose(fitted.phase, known.PHASE, atol=0.01)


def test_a_model_gets_the_spectra_turned_by_one_angle():
    data = opened(file("be_image"))
    measured = known.spectra(known.SATURATION[:, None])[:, 0]

    assert data.channels == ("real part (V)", "imaginary part (V)")
    assert data.measured.axis_label == "frequency (kHz)"
    np.testing.assert_allclose(data.axis, known.FREQUENCY / 1e3)
    assert data.measured.notes["data/rotation"] == pytest.approx(-known.PHASE, abs=1e-3)
    spectra = data.values[..., 0] + 1j * data.values[..., 1]
    np.testing.assert_allclose(spectra, measured * np.exp(-1j * known.PHASE), atol=1e-4)
    peak = np.take_along_axis(data.values[..., 1], np.abs(measured).argmax(axis=1)[:, None], axis=1)[:, 0]
    np.testing.assert_allclose(peak, known.QUALITY * known.SATURATION, rtol=0.1)  # Q times the piezoresponse


def test_spectra_of_the_opposite_phase_sense_become_the_same(tmp_path):
    shutil.copy(file("be_image"), path := tmp_path / "opposite.h5")
    with h5py.File(path, "r+") as scan:
        scan[RAW][...] = scan[RAW][...].conj()

    opposite, given = opened(path), opened(file("be_image"))

    assert opposite.measured.notes["data/phase_sense"] == -1
    np.testing.assert_allclose(opposite.values, given.values, atol=1e-7)


def test_the_rotation_that_is_printed_turns_another_scan_alike(tmp_path, capsys):
    shutil.copy(file("be_image"), path := tmp_path / "down.h5")
    with h5py.File(path, "r+") as scan:
        scan[RAW][...] = -scan[RAW][...]

    given = opened(file("be_image")).values
    (printed,) = re.findall(r"data\.rotation=\S+", capsys.readouterr().out)
    found, kept = opened(path), rm.open_data("beps/line", f"data.path={path}", printed, *FEW)

    np.testing.assert_allclose(found.values, given, atol=1e-7)
    np.testing.assert_allclose(kept.values, -given, atol=1e-4)
    assert f"data.rotation={kept.measured.notes['data/rotation']:.4g}" == printed


def test_a_scan_with_a_bias_is_read_as_the_message_says():
    path = f"data.path={file('beps_snake')}"

    with pytest.raises(rm.DataError, match=r"experiment=beps/raw reads its loops; data\.step=<0 to 15> reads one"):
        rm.open_data("beps/line", path, *FEW)

    assert rm.open_data("beps/raw", path, *FEW).values.shape == (20, 16, 2)
    assert rm.open_data("beps/line", path, "data.step=15", *FEW).values.shape == (20, known.BINS, 2)


def test_a_line_that_is_taken_for_a_scan_is_read_by_what_the_message_names():
    with pytest.raises(rm.DataError) as caught:
        rm.open_data("beps/raw", f"data.path={file('be_line')}", *FEW)

    experiment, path = re.search(r"experiment=(\S+) (data\.path=\S+) reads it", str(caught.value)).groups()
    assert rm.open_data(experiment, path, *FEW).values.shape == (20, known.BINS, 2)


def test_a_scan_that_is_not_named_is_asked_for():
    with pytest.raises(rm.DataError, match=r"data\.path: no scan given; add data\.path=<an h5USID or NSID file>"):
        rm.open_data("beps/line", *FEW)

    assert rm.open_data("beps/line", f"data.path={file('nsid_be_image')}", *FEW).values.shape == (20, 12, 2)


def test_bad_pixels_are_masked_and_told(spoilt, capsys):
    data = opened(spoilt)

    assert np.flatnonzero(~data.valid).tolist() == [3, 11]
    assert np.isnan(data.values[[3, 11]]).all()
    assert data.measured.notes["data/bad_fits"] == data.measured.notes["data/masked_pixels"] == 2
    assert not data.measured.resonances.bad[data.measured.resonances.example]
    out = capsys.readouterr().out.replace("\n", " ")
    assert "spoilt.h5: 20 resonances fitted, 2 bad (10.00%), which are masked" in out
    assert "phase sense of the spectra: as they are" in out
    assert "data.rotation=-0.4" in out


def test_where_it_comes_from_is_described():
    data = opened(file("be_image"), side=7.0)

    assert (data.scene.shape, data.side) == ((4, 5), 7.0)
    assert opened(file("be_image")).side == pytest.approx(2.0)
    assert data.source.digest == digest_of(file("be_image"))
    assert data.measured.units == {"signal": "V", "Frequency": "Hz"}


def test_nothing_but_noise_is_refused(tmp_path):
    shutil.copy(file("be_image"), path := tmp_path / "noise.h5")
    with h5py.File(path, "r+") as scan:
        scan[RAW][...] = 0

    with pytest.raises(DataError, match=r"none of its 20 resonances can be fitted in /Measurement_000"):
        opened(path)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({}, "data.path: no scan given; add data.path=<an h5USID or NSID file>"),
        ({"path": "nowhere.h5"}, "nowhere.h5: no such file"),
        ({"path": str(file("be_image")), "units": {"Frequency": "GHz"}}, "no band is excited there"),
    ],
)
def test_checking_finds_what_cannot_be_read(arguments, reason):
    with pytest.raises(DataError) as caught:
        Line(**arguments, split=SPLIT).check()

    assert reason in str(caught.value)


def test_bad_spectra_are_not_turned_but_left_out():
    spectra = np.array([[1j, 2.0], [3.0, 4.0]])

    values = turned(spectra, np.array([False, True]), rotation=np.pi / 2, conjugate=True)

    np.testing.assert_allclose(values[0], [[1, 0], [0, 2]], atol=1e-15)
    assert np.isnan(values[1]).all()
