import h5py
import numpy as np
import pytest

from remanence.data.spectra.sho_results import FIELDS, ShoResults, read_contact_kelvin_probe, read_sho_fit
from remanence.data.spectra.simulated import SimulatedScan
from remanence.data.spectra.spectral_file import SpectralFile
from remanence.errors import DataError

RECORD = [(field, np.float32) for field in FIELDS.values()]


@pytest.fixture(scope="module")
def measured(shared_data):
    return read_contact_kelvin_probe(shared_data / "be" / "ckpfm_loops_10x10.npz")


def test_the_real_fits_have_their_known_medians(measured):
    assert measured.results.amplitude.shape == (10, 10, 2, 64, 5)
    assert np.median(measured.results.quality_factor) == pytest.approx(65.2, abs=0.1)
    assert np.median(measured.results.r2) == pytest.approx(0.945, abs=0.001)
    assert np.median(measured.results.resonance_frequency) == pytest.approx(341_187, abs=1)
    assert np.abs(measured.results.phase).max() <= np.pi


def test_the_real_biases_are_a_cycle_of_write_pulses_each_read_at_five_biases(measured):
    assert (measured.write_bias.min(), measured.write_bias.max(), measured.write_bias[0]) == (-5, 5, 0)
    np.testing.assert_allclose(measured.read_bias, [-5, -2.5, 0, 2.5, 5])


def test_pixels_without_response_are_masked_and_kept(measured):
    assert np.argwhere(measured.dead).tolist() == [[4, 0], [7, 3], [8, 3], [9, 3]]
    assert np.median(measured.results.amplitude[measured.dead]) < 3e-5
    assert np.median(measured.results.amplitude[~measured.dead]) > 1e-4


def test_a_pixel_is_dead_when_most_fits_explain_nothing():
    r2 = np.array([[0.9, 0.9, -1.0], [0.9, -0.1, 0.0], [np.nan, np.nan, 0.9]])

    assert ShoResults(r2, r2, r2, r2, r2).dead().tolist() == [False, True, True]


@pytest.fixture
def archive(tmp_path):
    """Write an archive; keyword arguments replace its arrays, None leaves one out."""

    def write(**changed):
        arrays = {
            "Nd_mat": np.zeros((2, 3, 2, 4, 5), RECORD),
            "bias_vec_w": np.zeros(4),
            "bias_vec_r": np.zeros((4, 5)),
        }
        kept = {name: array for name, array in {**arrays, **changed}.items() if array is not None}
        np.savez(tmp_path / "fits.npz", **kept)
        return tmp_path / "fits.npz"

    return write


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"Nd_mat": None}, "no array Nd_mat; it has: bias_vec_w, bias_vec_r"),
        ({"bias_vec_r": None}, "no array bias_vec_r"),
        ({"Nd_mat": np.zeros((2, 3, 2, 4, 5))}, "Nd_mat has no field 'Amplitude [V]'; it has: float64"),
        ({"Nd_mat": np.zeros((2, 3, 2, 4, 5), RECORD[:4])}, "Nd_mat has no field 'R2 Criterion'; it has: Amplitude"),
        ({"bias_vec_w": np.zeros(3)}, "bias_vec_w (3,)"),
        ({"Nd_mat": np.zeros((6, 2, 4, 5), RECORD)}, "expected (rows, cols, fields, write, read)"),
        ({"bias_vec_r": np.array([{}], dtype=object)}, "cannot be read as .npz"),
    ],
)
def test_an_archive_that_does_not_fit_is_one_line(archive, changed, reason):
    path = archive(**changed)

    with pytest.raises(DataError) as caught:
        read_contact_kelvin_probe(path)

    (line,) = str(caught.value).splitlines()
    assert reason in line
    assert str(path) in line


@pytest.mark.parametrize("content", [None, b"", b"no archive", b"PK\x03\x04 torn"])
def test_what_is_no_archive_is_one_line(tmp_path, content):
    path = tmp_path / "fits.npz"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(DataError, match="no such file" if content is None else "cannot be read as .npz") as caught:
        read_contact_kelvin_probe(path)
    assert len(str(caught.value).splitlines()) == 1


@pytest.fixture
def scan(tmp_path):
    SimulatedScan(rows=2, cols=2, steps=4, bins=8).write(tmp_path / "scan.h5")
    return tmp_path / "scan.h5"


def test_a_scan_without_stored_fits_gives_none(scan):
    with SpectralFile(scan) as file:
        assert read_sho_fit(file.main()) is None


def test_the_latest_fit_stored_beside_a_scan_is_read(scan):
    with h5py.File(scan, "a") as file:
        raw = file["Measurement_000/Channel_000/Raw_Data"]
        truth = file["Measurement_000/Channel_000/Ground_Truth"]
        for number in (0, 1):
            fit = raw.parent.create_dataset(f"Raw_Data-SHO_Fit_00{number}/Fit", (4, 8), RECORD)
            fit[...] = np.full((4, 8), 10 + number, np.float32).astype(RECORD)
            for name in ("Position_Indices", "Position_Values"):
                fit.attrs[name] = raw.attrs[name]
            for name in ("Spectroscopic_Indices", "Spectroscopic_Values"):
                fit.attrs[name] = truth[name].ref

    with SpectralFile(scan) as file:
        raw = file.main()
        main, results = read_sho_fit(raw)

    assert raw.path.endswith("/Channel_000/Raw_Data")
    assert main.path.endswith("Raw_Data-SHO_Fit_001/Fit")
    assert [dimension.name for dimension in main.spectroscopic] == ["Field", "DC_Offset", "Cycle"]
    assert results.amplitude.shape == (4, 8)
    assert (results.quality_factor == 11).all()
