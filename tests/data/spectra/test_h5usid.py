import multiprocessing
import pickle

import h5py
import numpy as np
import pytest

from remanence.data.spectra.band_excitation import BandExcitation, is_unmeasured
from remanence.data.spectra.dimension import Dimension, tables_of
from remanence.data.spectra.h5usid_writer import write_h5usid
from remanence.data.spectra.spectral_file import SpectralFile
from remanence.errors import DataError

STEPS, BINS = np.array([2.0, 0.0, -2.0, 0.0]), np.array([3e5, 4e5, 5e5])
RAW = "/Measurement_000/Channel_000/Raw_Data"


@pytest.fixture
def scan(tmp_path):
    """Write 2 x 3 pixels; the spectral dimensions stand in the order given, values tell field, cycle, step and bin."""

    def write(order=("Frequency", "Field", "DC_Offset", "Cycle"), name="scan.h5"):
        values = {"Frequency": BINS, "Field": np.array([1.0, 0.0]), "DC_Offset": STEPS, "Cycle": np.array([0.0, 1.0])}
        spectroscopic = [Dimension(label, "", values[label]) for label in order]
        positions = [Dimension("X", "m", np.arange(3.0)), Dimension("Y", "m", np.arange(2.0))]
        indices = dict(zip(order, tables_of(spectroscopic)[0].astype(int), strict=True))
        places = {"Frequency": 1, "DC_Offset": 10, "Cycle": 100, "Field": 1000}
        code = sum(place * indices[label] for label, place in places.items() if label in indices)
        with write_h5usid(tmp_path / name) as writer:
            raw = writer.main(RAW, positions, spectroscopic, dtype=np.complex64, quantity="Deflection", units="V")
            for pixel in range(6):
                raw[pixel] = 1 + code + 1j * pixel
        return tmp_path / name

    return write


def test_a_real_file_of_four_channels_is_described(shared_data):
    with SpectralFile(shared_data / "be" / "SingFreqPFM_0003.h5") as file:
        assert file.main_datasets == [f"/Measurement_000/Channel_00{channel}/Raw_Data" for channel in range(4)]
        main = file.main(channel="Channel_001")

        assert main.path == "/Measurement_000/Channel_001/Raw_Data"
        assert main.shape == (16384, 1)
        assert main.dtype == np.float32
        assert [(axis.name, axis.size, axis.unit) for axis in main.grid.axes] == [("Y", 128, "m"), ("X", 128, "m")]
        np.testing.assert_allclose(main.grid.axes[1].values, np.linspace(0, 5e-6, 128), rtol=1e-5)
        assert main.grid.side == pytest.approx(5)
        assert [(dimension.name, dimension.size) for dimension in main.spectroscopic] == [("arb", 1)]


def test_a_real_file_gives_the_values_that_h5py_gives(shared_data):
    path = shared_data / "be" / "SingFreqPFM_0003.h5"
    with SpectralFile(path) as file, h5py.File(path) as reference:
        main = file.main()

        assert (main.quantity, main.units) == ("HeightRetrace", "m")
        np.testing.assert_array_equal(main.read(slice(100, 300)), reference[main.path][100:300])


@pytest.mark.parametrize(
    "order",
    [
        ("Frequency", "Field", "DC_Offset", "Cycle"),
        ("Frequency", "DC_Offset", "Field", "Cycle"),
        ("DC_Offset", "Frequency", "Cycle", "Field"),
    ],
)
@pytest.mark.parametrize("field", ["on", "off"])
@pytest.mark.parametrize("cycle", [0, 1, -1])
def test_a_loop_is_found_whatever_the_order_of_the_dimensions(scan, order, field, cycle):
    spectra = BandExcitation(scan(order), field=field, cycle=cycle)

    expected = 1 + 1000 * (field == "off") + 100 * (cycle != 0) + 10 * np.arange(4)[:, None] + np.arange(3)
    np.testing.assert_array_equal(spectra.read(slice(2, 4)), np.stack([expected + 2j, expected + 3j]))
    np.testing.assert_array_equal(spectra.voltage, STEPS)
    np.testing.assert_array_equal(spectra.frequency, BINS)


def test_a_scan_says_what_it_holds(scan):
    spectra = BandExcitation(scan())

    assert (spectra.pixels, spectra.map_shape) == (6, (2, 3))
    assert (spectra.fields, spectra.cycles) == (["off", "on"], 2)


def test_a_scan_of_one_field_and_cycle_needs_no_such_dimensions(scan):
    path = scan(("Frequency", "DC_Offset"))

    assert BandExcitation(path).read().shape == (6, 4, 3)
    assert BandExcitation(path).fields == ["off"]
    with h5py.File(path, "a") as file:
        file["Measurement_000"].attrs["VS_measure_in_field_loops"] = "in-field"
    assert BandExcitation(path, field="on").read().shape == (6, 4, 3)


def test_indices_that_do_not_start_at_zero_are_understood(scan):
    path = scan()
    with h5py.File(path, "a") as file:
        file["Measurement_000/Channel_000/Spectroscopic_Indices"][...] += 5

    np.testing.assert_array_equal(BandExcitation(path).read(), BandExcitation(scan(name="other.h5")).read())


def test_ancillary_datasets_are_found_without_references(scan):
    path = scan()
    expected = BandExcitation(path).read()
    with h5py.File(path, "a") as file:
        for name in list(file[RAW].attrs):
            del file[RAW].attrs[name]

    np.testing.assert_array_equal(BandExcitation(path).read(), expected)


def test_a_soft_link_inside_the_file_is_followed(scan):
    path = scan()
    with h5py.File(path, "a") as file:
        group = file["Measurement_000/Channel_000"]
        group["elsewhere"] = group["Spectroscopic_Values"]
        del group["Spectroscopic_Values"], group["Raw_Data"].attrs["Spectroscopic_Values"]
        group["Spectroscopic_Values"] = h5py.SoftLink("elsewhere")

    assert BandExcitation(path).read().shape == (6, 4, 3)


def test_chunks_together_are_the_whole_scan(scan):
    spectra = BandExcitation(scan())

    chunks = list(spectra.chunks(4))

    assert [chunk for chunk, _ in chunks] == [slice(0, 4), slice(4, 6)]
    np.testing.assert_array_equal(np.concatenate([values for _, values in chunks]), spectra.read())


def test_pixels_without_a_measurement_are_masked(scan):
    path = scan()
    with h5py.File(path, "a") as file:
        file[RAW][1] = np.nan
        file[RAW][4] = 0
        file[RAW][2, :5] = np.nan

    np.testing.assert_array_equal(BandExcitation(path).unmeasured(), [False, True, False, False, True, False])
    assert is_unmeasured(np.full((2, 3, 4), np.nan + 1j)).all()


def test_a_band_excitation_scan_is_preferred_to_another_channel(scan, tmp_path):
    path = tmp_path / "two.h5"
    positions = [Dimension("X", "m", np.arange(2.0))]
    with write_h5usid(path) as writer:
        for channel, label, dtype in (("Channel_000", "arb", np.float32), ("Channel_001", "Frequency", np.complex64)):
            dimensions = [Dimension(label, "Hz", BINS), Dimension("DC_Offset", "V", STEPS)]
            group = f"/Measurement_000/{channel}"
            writer.main(f"{group}/Raw_Data", positions, dimensions, dtype=dtype, quantity="", units="V")[...] = 1

    assert BandExcitation(path).main.path == "/Measurement_000/Channel_001/Raw_Data"
    with pytest.raises(DataError, match="has no dimension 'Frequency'; it has: arb, DC_Offset"):
        BandExcitation(path, channel="Channel_000")


def test_a_pickled_scan_reads_on(scan):
    spectra = BandExcitation(scan())
    expected = spectra.read()

    copy = pickle.loads(pickle.dumps(spectra))
    spectra.file.close()

    np.testing.assert_array_equal(copy.read(), expected)
    np.testing.assert_array_equal(spectra.read(), expected)  # opens itself again


def test_a_forked_worker_opens_the_file_itself(scan):
    spectra = BandExcitation(scan())
    spectra.read()
    receiver, sender = multiprocessing.Pipe(duplex=False)

    def work():
        before = spectra.file._handle
        sender.send((spectra.read(slice(0, 1)), spectra.file.handle is not before))

    worker = multiprocessing.get_context("fork").Process(target=work)
    worker.start()
    values, reopened = receiver.recv()
    worker.join()

    assert reopened
    np.testing.assert_array_equal(values, spectra.read(slice(0, 1)))


def test_a_broken_off_writing_leaves_no_file_and_the_old_one_in_place(tmp_path):
    path = tmp_path / "scan.h5"
    path.write_text("before")

    def write():
        with write_h5usid(path) as writer:
            writer.attributes("/Measurement_000", {"VS_mode": "DC modulation mode"})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("name", "reason"), [("scan.csv", "cannot write '.csv'"), ("no/scan.h5", "does not exist")])
def test_where_nothing_can_be_written_is_one_line(tmp_path, name, reason):
    with pytest.raises(DataError, match=reason), write_h5usid(tmp_path / name):
        pass
