import h5py
import numpy as np
import pytest

from remanence.data.spectra.band_excitation import BandExcitation
from remanence.data.spectra.dimension import Dimension
from remanence.data.spectra.ground_truth import read_ground_truth
from remanence.data.spectra.h5usid_writer import write_h5usid
from remanence.errors import DataError

CHANNEL = "/Measurement_000/Channel_000"
RAW = f"{CHANNEL}/Raw_Data"


@pytest.fixture
def path(tmp_path):
    """A good file of 6 pixels, 4 bias steps and 3 frequencies, to be spoilt."""
    positions = [Dimension("X", "m", np.arange(3.0)), Dimension("Y", "m", np.arange(2.0))]
    spectroscopic = [Dimension("Frequency", "Hz", np.arange(1.0, 4.0)), Dimension("DC_Offset", "V", np.arange(4.0))]
    with write_h5usid(tmp_path / "scan.h5") as writer:
        raw = writer.main(RAW, positions, spectroscopic, dtype=np.complex64, quantity="", units="V")
        raw[...] = 1
    return tmp_path / "scan.h5"


def message(path, **arguments):
    with pytest.raises(DataError) as caught:
        BandExcitation(path, **arguments).read()
    (line,) = str(caught.value).splitlines()
    assert str(path) in line
    return line


def replace(file, name, values):
    """Put other values at ``name`` and keep its attributes and the reference to it."""
    old = dict(file[name].attrs)
    del file[name]
    file.create_dataset(name, data=values).attrs.update(old)
    if name != RAW:
        file[RAW].attrs[name.rpartition("/")[2]] = file[name].ref


def test_a_missing_file(tmp_path):
    assert message(tmp_path / "none.h5").endswith("no such file")


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\x00" * 4096])
def test_a_file_that_is_not_hdf5(tmp_path, content):
    path = tmp_path / "scan.h5"
    path.write_bytes(content)

    assert message(path).endswith("not an HDF5 file")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_file(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])

    assert "truncated" in message(path)


def test_a_file_that_is_overwritten_in_the_middle(path):
    content = bytearray(path.read_bytes())
    content[100:3000] = b"\xff" * 2900
    path.write_bytes(content)

    message(path)


def test_a_file_without_any_dataset(tmp_path):
    path = tmp_path / "scan.h5"
    h5py.File(path, "w").close()

    assert "no main dataset /Measurement_*/Channel_*/Raw_Data; the file has: nothing" in message(path)


def test_a_channel_that_is_not_there(path):
    line = message(path, channel="Channel_007")

    assert "no main dataset /Measurement_*/Channel_007/Raw_Data" in line
    assert f"the file has: {RAW}" in line


@pytest.mark.parametrize("name", ["Spectroscopic_Indices", "Spectroscopic_Values"])
def test_a_missing_ancillary_dataset(path, name):
    with h5py.File(path, "a") as file:
        del file[f"{CHANNEL}/{name}"], file[RAW].attrs[name]

    line = message(path)

    assert f"no dataset {CHANNEL}/{name}" in line
    assert f"{CHANNEL} has: Raw_Data" in line


def test_a_reference_to_nothing(path):
    with h5py.File(path, "a") as file:
        del file[f"{CHANNEL}/Spectroscopic_Values"]

    assert f"attribute Spectroscopic_Values of {RAW} refers to a dataset that is gone" in message(path)


@pytest.mark.parametrize("shape", [(6, 11), (5, 12)])
def test_data_that_do_not_match_their_description(path, shape):
    with h5py.File(path, "a") as file:
        replace(file, RAW, np.ones(shape, np.complex64))

    line = message(path)

    assert f"{RAW} has the shape {shape}" in line
    assert "_Indices has the shape" in line


@pytest.mark.parametrize("shape", [(0, 12), (6, 0)])
def test_a_scan_without_pixels_or_points(path, shape):
    with h5py.File(path, "a") as file:
        replace(file, RAW, np.ones(shape, np.complex64))

    assert f"{RAW} has 0 {'pixels' if shape[0] == 0 else 'spectral points'}" in message(path)


@pytest.mark.parametrize("shape", [(72,), (6, 4, 3)])
def test_data_of_another_rank(path, shape):
    with h5py.File(path, "a") as file:
        replace(file, RAW, np.ones(shape, np.complex64))

    assert f"has the shape {shape}; expected (positions, spectral points)" in message(path)


def test_data_that_are_not_numbers(path):
    with h5py.File(path, "a") as file:
        replace(file, RAW, np.full((6, 12), b"text"))

    assert "expected numbers" in message(path)


def test_spectra_that_are_not_complex(path):
    with h5py.File(path, "a") as file:
        replace(file, RAW, np.ones((6, 12), np.float32))

    assert "holds float32; expected complex spectra" in message(path)


@pytest.mark.parametrize(("label", "missing"), [("Frequency", "Frequency"), ("DC_Offset", "DC_Offset")])
def test_a_dimension_that_is_missing(path, label, missing):
    with h5py.File(path, "a") as file:
        labels = file[f"{CHANNEL}/Spectroscopic_Values"].attrs
        labels["labels"] = [b"Other" if name == label.encode() else name for name in labels["labels"]]

    line = message(path)

    assert f"{RAW} has no dimension '{missing}'; it has: " in line
    assert "Other" in line


def test_too_few_labels(path):
    with h5py.File(path, "a") as file:
        file[f"{CHANNEL}/Spectroscopic_Values"].attrs["labels"] = [b"Frequency"]
    assert "2 rows of indices, 2 of values, 1 labels" in message(path)


def test_labels_of_the_values_may_stand_on_the_indices_alone(path):
    with h5py.File(path, "a") as file:
        del file[f"{CHANNEL}/Spectroscopic_Values"].attrs["labels"]
    assert BandExcitation(path).read().shape == (6, 4, 3)

    with h5py.File(path, "a") as file:
        del file[f"{CHANNEL}/Spectroscopic_Indices"].attrs["labels"]
    assert "attribute labels of" in message(path)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"field": "on"}, "field 'on' is not there; expected off"),
        ({"field": "of"}, "field 'of' is not there; expected off or on"),
        ({"cycle": 1}, "cycle 1 is not there; it has 1"),
        ({"cycle": -2}, "cycle -2 is not there"),
    ],
)
def test_a_loop_that_was_not_measured(path, arguments, reason):
    assert reason in message(path, **arguments)


def test_a_loop_with_a_point_twice(path):
    with h5py.File(path, "a") as file:
        file[f"{CHANNEL}/Spectroscopic_Indices"][:, 0] = file[f"{CHANNEL}/Spectroscopic_Indices"][:, 1]

    assert "12 points for 4 bias steps and 3 frequencies; expected one of each" in message(path)


def test_an_external_link_is_refused(path, tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["Raw_Data"] = np.ones((6, 12), np.complex64)
    with h5py.File(path, "a") as file:
        del file[RAW]
        file[RAW] = h5py.ExternalLink("other.h5", "/Raw_Data")

    assert f"{RAW} is an external link to other.h5" in message(path)


def test_a_soft_link_over_an_external_link_is_refused(path, tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["Raw_Data"] = np.ones((6, 12), np.complex64)
    with h5py.File(path, "a") as file:
        del file[RAW]
        file["far"] = h5py.ExternalLink("other.h5", "/")
        file[RAW] = h5py.SoftLink("/far/Raw_Data")

    assert "/far is an external link to other.h5" in message(path)


def test_a_soft_link_to_nothing(path):
    with h5py.File(path, "a") as file:
        del file[f"{CHANNEL}/Spectroscopic_Values"], file[RAW].attrs["Spectroscopic_Values"]
        file[f"{CHANNEL}/Spectroscopic_Values"] = h5py.SoftLink("/nowhere")

    assert f"no dataset {CHANNEL}/Spectroscopic_Values" in message(path)


def test_values_kept_in_other_files_are_refused(path, tmp_path):
    outside = tmp_path / "values.bin"
    outside.write_bytes(b"\0" * 576)
    with h5py.File(path, "a") as file:
        attributes = dict(file[RAW].attrs)
        del file[RAW]
        made = file.create_dataset(RAW, (6, 12), np.complex64, external=[(str(outside), 0, 576)])
        made.attrs.update(attributes)

    assert f"{RAW} keeps its values in other files" in message(path)


def test_a_virtual_dataset_is_refused(path, tmp_path):
    with h5py.File(path, "a") as file:
        attributes = dict(file[RAW].attrs)
        del file[RAW]
        layout = h5py.VirtualLayout((6, 12), np.complex64)
        layout[...] = h5py.VirtualSource(str(tmp_path / "other.h5"), "data", (6, 12), np.complex64)
        file.create_virtual_dataset(RAW, layout).attrs.update(attributes)

    assert f"{RAW} keeps its values in other files" in message(path)


def test_a_scan_without_ground_truth_says_so(path):
    with pytest.raises(DataError, match=f"no dataset {CHANNEL}/Ground_Truth/Latent_Factors; {CHANNEL} has: Raw_Data"):
        read_ground_truth(BandExcitation(path).main)
