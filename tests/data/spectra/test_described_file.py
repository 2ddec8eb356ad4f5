import h5py
import pytest
from instruments.manifest import FOLDER

from remanence.data.spectra.described_file import described_file
from remanence.data.spectra.dimension import ANCILLARY
from remanence.data.spectra.hdf5_file import HDF5File
from remanence.errors import DataError

SCAN = "a band-excitation scan (BEPS)"
LOOKS_LIKE = {
    "beps_two_cycles_both_fields": (f"{SCAN}: 2 fields, 2 cycles", "beps/raw"),
    "beps_snake": (f"{SCAN}: one loop", "beps/raw"),
    "beps_other_names": (f"{SCAN}: one loop", "beps/raw"),
    "beps_real_and_imaginary": (f"{SCAN}: one loop", "beps/raw"),
    "beps_frequency_mhz": (f"{SCAN}: one loop", "beps/raw"),
    "beps_without_units": (f"{SCAN}: one loop", "beps/raw"),
    "beps_bias_held": (f"{SCAN}: one loop", "beps/raw"),
    "forc_resetting": (f"{SCAN}: 4 FORC loops", "beps/raw"),
    "forc_never_resetting": (f"{SCAN}: 4 FORC loops", "beps/raw"),
    "forc_without_a_dimension": (f"{SCAN}: 4 FORC loops", "beps/raw"),
    "be_image": ("a band-excitation image: one spectrum a pixel", "beps/line"),
    "be_line": ("a band-excitation line: one spectrum a pixel", "beps/line"),
    "be_ac_sweep": ("a band-excitation sweep of the amplitude", "beps/raw"),
    "be_relaxation": ("relaxation after each step of a bias: 4 read steps", "beps/raw"),
    "ckpfm_raw": ("contact Kelvin probe microscopy (cKPFM): 3 read steps", "beps/raw"),
    "iv_map": ("loops", "beps/loops"),
    "nsid_loops": ("loops", "beps/loops"),
    "nsid_complex_beps": (f"{SCAN}: one loop", "beps/raw"),
    "nsid_be_image": ("a band-excitation image: one spectrum a pixel", "beps/line"),
    "nsid_two_spectral_dimensions": ("loops: 2 cycles", "beps/loops"),
    "nsid_channels": ("loops: 2 channels", "beps/loops"),
    "nsid_odd_names": ("spectra along $\\sqrt E$", "spectra/own"),
    "nsid_image": ("an image without a spectral dimension", None),
    "nsid_point_spectrum": ("the spectrum of a single point", None),
    "nsid_iv_map": ("spectra along Bias", "spectra/own"),
    "nsid_raman": ("spectra along wavenumber", "spectra/own"),
}
"""Name of a file to what its only dataset looks like, and the experiment that trains on it."""


def lines_of(name):
    return list(described_file(str(FOLDER / name)))


def told(lines, key):
    """Return what is said behind a word at the beginning of a line."""
    return [line.strip().removeprefix(key).strip() for line in lines if line.strip().startswith(f"{key} ")]


@pytest.mark.parametrize(("name", "expected"), LOOKS_LIKE.items(), ids=LOOKS_LIKE)
def test_what_it_looks_like_and_what_trains_on_it_are_told(name, expected):
    lines = lines_of(f"{name}.h5")

    assert told(lines, "looks like") == [expected[0]]
    commands = told(lines, "train")
    assert [command.split()[2] for command in commands] == ([f"experiment={expected[1]}"] if expected[1] else [])


def test_dimensions_have_their_ranges_and_units():
    lines = lines_of("beps_two_cycles_both_fields.h5")

    assert "Piezoresponse (V), complex64, 20 pixels x 768 points, h5USID" in lines[1]
    assert told(lines, "map") == ["4 rows x 5 columns, 2 µm wide"]
    assert told(lines, "DC_Offset") == ["-16 to 16 V  (16 values)"]
    assert told(lines, "Frequency") == ["310 to 354 kHz  (12 values)"]
    assert told(lines, "Field") == ["off, on"]
    assert told(lines, "choose") == ["data.field=off, on or both; data.cycle=0 to 1, or all"]


def test_what_was_guessed_is_said():
    lines = [line.strip() for line in lines_of("beps_other_names.h5")]

    assert "'Bias' is taken as the bias; data.names={DC_Offset: <dimension>} chooses another" in lines
    assert told(lines, "Bias") == ["-16 to 16 V  (16 values)"]


def test_a_second_scan_is_named_by_its_groups(tmp_path):
    path = tmp_path / "a.h5"
    path.write_bytes((FOLDER / "be_image_before_beps.h5").read_bytes())
    with h5py.File(path, "r+") as file:
        file.copy("Measurement_001", "Measurement_002")
        channel = file["Measurement_002/Channel_000"]
        for table in ANCILLARY:
            channel["Raw_Data"].attrs[table] = channel[table].ref
    commands = told(list(described_file(str(path))), "train")

    assert [command.split()[4:] for command in commands] == [
        [],
        [],
        ["data.measurement=Measurement_002", "data.channel=Channel_000"],
    ]


def test_a_unit_that_is_missing_is_missed():
    assert told(lines_of("beps_frequency_mhz_without_unit.h5"), "Frequency") == [
        "0.31 to 0.356  (24 values; the file says no unit)"
    ]


def test_another_order_and_holes_of_the_map_are_said():
    assert told(lines_of("beps_snake.h5"), "map") == [
        "4 rows x 5 columns, 2 µm wide; the file has them in another order"
    ]
    lines = lines_of("beps_incomplete_grid.h5")
    assert "17 pixels x 384 points" in lines[1]
    assert "3 of 20 places of the map were not measured" in [line.strip() for line in lines]


def test_fits_that_stand_beside_a_scan_are_told():
    lines = lines_of("bglib_sho_fit.h5")

    assert [line.split(":")[0].rpartition("/")[2] for line in lines if line.startswith("/Measurement")] == [
        "Raw_Data",
        "Fit",
        "Guess",
    ]
    assert told(lines, "looks like") == [
        f"{SCAN}: one loop",
        "fits of resonances (SHO): one loop",
        "start values of a fit",
    ]


def test_the_second_dataset_of_a_kind_is_named_in_its_command():
    commands = told(lines_of("nsid_several.h5"), "train")

    assert [command.split()[2:3] + command.split()[4:] for command in commands] == [
        ["experiment=beps/loops"],
        ["experiment=beps/loops", "data.dataset=/Measurement_000/Channel_002/resonance/resonance"],
    ]


def test_each_of_many_files_is_described(tmp_path):
    for path in sorted(FOLDER.glob("*.h5")):
        assert told(lines_of(path.name), "looks like"), path.name


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("hyperspy_loops.hspy", "a file of HyperSpy, which is not read; it has: /Experiments/__unnamed__/data"),
        ("nexus_loops.nxs", "a file of NeXus, which is not read; it has: /entry/data/bias"),
    ],
)
def test_another_format_in_hdf5_is_named(name, message):
    with pytest.raises(DataError, match=message):
        lines_of(name)


def test_a_file_of_an_instrument_is_to_be_converted():
    path = FOLDER / "igor_image.ibw"

    assert (
        list(described_file(str(path)))[1].split() == f"convert it remanence data convert {path} igor_image.h5".split()
    )


def test_something_else_is_refused_with_what_is_read(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(DataError, match=r"is not a file of spectra; expected .h5 \(h5USID, NSID\), .npy"):
        list(described_file(str(tmp_path / "a.pdf")))


def test_a_file_that_is_not_there_is_named(command):
    result = command("data", "describe", "nowhere.h5")

    assert result.code == 2
    assert "nowhere.h5: no such file" in result.err


def test_a_dataset_that_cannot_be_described_does_not_hide_the_others(tmp_path):
    path = tmp_path / "a.h5"
    path.write_bytes((FOLDER / "be_image_before_beps.h5").read_bytes())
    with h5py.File(path, "r+") as file:
        del file["Measurement_000/Channel_000/Spectroscopic_Values"]
    lines = list(described_file(str(path)))

    assert any(
        line.startswith("/Measurement_000/Channel_000/Raw_Data") and "Spectroscopic_Values" in line for line in lines
    )
    assert told(lines, "looks like") == [f"{SCAN}: one loop"]


def test_no_spectrum_is_read(monkeypatch):
    read = []

    def values(self, path, *arguments, **options):
        read.append(path)
        return kept(self, path, *arguments, **options)

    kept = HDF5File.values
    monkeypatch.setattr(HDF5File, "values", values)

    assert told(lines_of("nsid_complex_beps.h5"), "map") == ["4 rows x 5 columns, 2 µm wide"]
    assert {path.rpartition("/")[2] for path in read} == {"Y", "X", "DC_Offset", "Frequency"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nsid/BEPS_PTO_50x50.h5", ["loops"]),
        ("be/SingFreqPFM_0003.h5", ["an image without a spectral dimension"] * 4),
    ],
)
def test_public_files_are_described(shared_data, name, expected):
    assert told(list(described_file(str(shared_data / name))), "looks like") == expected
