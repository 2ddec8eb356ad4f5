import h5py
import numpy as np
import pytest

from remanence.data.spectra.nsid_writer import Axis, create_nsid, data_type, write_nsid

Y, X = Axis("Y", np.arange(2.0), "m", "Length", "SPATIAL"), Axis("X", np.arange(3.0), "m", "Length", "SPATIAL")
BIAS = Axis("Bias", np.array([0.0, 1.0, 0.0, -1.0]), "V")


@pytest.fixture
def written(tmp_path):
    values = np.arange(24.0).reshape(2, 3, 4)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        write_nsid(file, "Measurement_000/Channel_000", "loops", values, [Y, X, BIAS], quantity="P", units="V")
    return tmp_path / "a.h5", values


def test_a_dataset_is_what_the_reader_of_sidpy_asks_for(written):
    path, values = written
    with h5py.File(path) as file:
        data = file["Measurement_000/Channel_000/loops/loops"]

        np.testing.assert_array_equal(data, values)
        asked = ("quantity", "units", "main_data_name", "pyNSID_version", "data_type", "modality", "source")
        assert all(isinstance(data.attrs[name], str) and data.attrs[name] for name in asked)
        assert data.attrs["data_type"] == "SPECTRAL_IMAGE"
        for axis, (dimension, kind) in enumerate(zip("YX", ("SPATIAL", "SPATIAL"), strict=True)):
            assert data.dims[axis].label == dimension
            assert data.parent[dimension].attrs["dimension_type"] == kind
        np.testing.assert_array_equal(data.dims[2][0], BIAS.values)
        assert {name: data.dims[2][0].attrs[name] for name in ("name", "units", "quantity")} == {
            "name": "Bias",
            "units": "V",
            "quantity": "Bias",
        }


def test_sidpy_reads_the_same_values_and_axes(written):
    readers = pytest.importorskip("SciFiReaders", reason="the extra 'instruments' is not installed")
    path, values = written
    reader = readers.NSIDReader(str(path))
    data = reader.read()["Channel_000"]

    np.testing.assert_array_equal(np.asarray(data), values)
    assert (data.quantity, data.units) == ("P", "V")
    assert (data.Bias.units, data.Bias.dimension_type.name, data.Y.dimension_type.name) == ("V", "SPECTRAL", "SPATIAL")
    np.testing.assert_array_equal(data.Bias.values, BIAS.values)
    reader.close()


def test_names_that_no_path_takes_are_changed_and_told_apart(tmp_path):
    axes = [Axis("a/b", np.arange(2)), Axis("a_b", np.arange(2)), Axis("z-z", np.arange(2)), Axis("metadata", [0])]
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = create_nsid(file, "M/C", "z-z", axes, metadata={"note": "x"})

        assert data.name == "/M/C/z_z/z_z"
        assert [dimension.label for dimension in data.dims] == ["a_b", "a_b_", "z_z_", "metadata_"]
        assert data.parent["metadata"].attrs["note"] == "x"


def test_what_is_never_written_has_the_fill_value(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        assert np.isnan(create_nsid(file, "M/C", "z", [Y, BIAS], fill=np.nan)[...]).all()


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["SPATIAL", "SPATIAL"], "IMAGE"),
        (["SPATIAL", "SPECTRAL"], "LINE_PLOT_FAMILY"),
        (["SPECTRAL"], "SPECTRUM"),
        (["SPECTRAL", "SPECTRAL"], "UNKNOWN"),
    ],
)
def test_the_type_of_data_follows_from_its_axes(kinds, expected):
    assert data_type(kinds) == expected
