import h5py
import numpy as np
import pytest
from instruments import known, manifest

from remanence.data.spectra.spectral_file import SpectralFile
from remanence.errors import DataError

LOOPS = known.loops(known.bias())


def main(name):
    return SpectralFile(manifest.FOLDER / f"{name}.h5").main()


@pytest.mark.parametrize("name", ["nsid_loops", "nsid_x_first"])
def test_pixels_stand_in_the_order_of_the_map_whichever_axis_is_first(name):
    found = main(name)

    assert (found.format, found.shape, found.grid.shape) == ("NSID", (20, 16), (4, 5))
    assert found.grid.side == pytest.approx(2.0)
    assert (found.quantity, found.units) == ("Piezoresponse", "V")
    np.testing.assert_allclose(found.read(), LOOPS, rtol=1e-12)


def test_the_real_file_is_what_h5py_reads(shared_data):
    path = shared_data / "nsid" / "BEPS_PTO_50x50.h5"
    found = SpectralFile(path).main()
    with h5py.File(path) as file:
        data = file["Channel_000/generic/generic"]
        assert list(data.attrs["DIMENSION_LABELS"]) == ["X", "Y", "Voltage"]
        values, voltage = data[()], file["Channel_000/generic/Voltage"][()]
        x = file["Channel_000/generic/X"][()]

    assert (found.path, found.grid.shape) == ("/Channel_000/generic/generic", (50, 50))
    assert [(axis.name, axis.unit, axis.quantity, axis.kind) for axis in found.spectroscopic] == [
        ("Voltage", "V", "Bias", "SPECTRAL")
    ]
    np.testing.assert_array_equal(found.values("Voltage"), voltage)
    np.testing.assert_array_equal(found.read(), values.transpose(1, 0, 2).reshape(2500, 64))
    np.testing.assert_array_equal(found.read(slice(73, 231), slice(5, 60)), found.read()[73:231, 5:60])
    assert found.grid.side == pytest.approx(1e6 * np.ptp(x))


@pytest.mark.parametrize("pixels", [slice(0, 20), slice(3, 5), slice(4, 11), slice(7, 8), slice(19, 25), slice(4, 4)])
@pytest.mark.parametrize("points", [slice(0, 192), slice(0, 12), slice(30, 50), slice(191, 192), slice(13, 13)])
@pytest.mark.parametrize("name", ["nsid_complex_beps"])
def test_any_part_is_that_part_of_the_whole(name, pixels, points):
    found = main(name)

    np.testing.assert_array_equal(found.read(pixels, points), found.read()[pixels, points])


def test_spectral_dimensions_are_tables_of_points():
    found = main("nsid_complex_beps")

    assert found.dtype == np.complex128
    assert found.shape == (20, 192)
    np.testing.assert_array_equal(found.values("Frequency"), np.tile(known.FREQUENCY[::2], 16))
    np.testing.assert_array_equal(found.values("DC_Offset"), np.repeat(known.bias(), 12))
    np.testing.assert_array_equal(found.indices("DC_Offset"), np.repeat(np.arange(16), 12))


def test_a_dimension_may_be_called_anything():
    assert [axis.name for axis in main("nsid_odd_names").spectroscopic] == [r"$\sqrt E$"]


@pytest.mark.parametrize(
    ("name", "shape", "grid"),
    [
        ("nsid_image", (20, 1), (4, 5)),
        ("nsid_point_spectrum", (1, 16), (1, 1)),
        ("nsid_line_profile", (5, 16), (1, 5)),
        ("nsid_two_spectral_dimensions", (20, 32), (4, 5)),
        ("nsid_channels", (20, 32), (4, 5)),
    ],
)
def test_any_number_of_dimensions_is_described(name, shape, grid):
    found = main(name)

    assert (found.shape, found.grid.shape) == (shape, grid)
    assert found.read().shape == shape


def test_an_axis_without_a_scale_is_counted(tmp_path):
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        data = file.create_dataset("a/data", data=np.arange(24.0).reshape(2, 3, 4))
        data.attrs["main_data_name"] = "data"
        for axis, label in enumerate(["y", "x", "bias"]):
            data.dims[axis].label = label
        file["a/bias"] = np.linspace(-1, 1, 4)

    found = SpectralFile(tmp_path / "scan.h5").main()

    assert (found.grid.shape, found.shape) == ((2, 3), (6, 4))
    np.testing.assert_array_equal(found.values("bias"), np.linspace(-1, 1, 4))


def test_a_volume_is_one_line(tmp_path):
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        data = file.create_dataset("data", data=np.zeros((2, 3, 4)))
        for axis, label in enumerate("xyz"):
            scale = file.create_dataset(label, data=np.arange(float(data.shape[axis])))
            scale.attrs["dimension_type"] = "SPATIAL"
            scale.make_scale(label)
            data.dims[axis].label = label
            data.dims[axis].attach_scale(scale)

    with pytest.raises(DataError, match="/data has the spatial dimensions x, y, z; expected two at most"):
        SpectralFile(tmp_path / "scan.h5").main()


def test_an_axis_that_does_not_match_is_one_line(tmp_path):
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        data = file.create_dataset("data", data=np.zeros((2, 3)))
        data.attrs["main_data_name"] = "data"
        data.dims[1].label = "bias"
        file["bias"] = np.zeros(4)

    with pytest.raises(DataError, match=r"/bias has the shape \(4,\) of float64; expected 3 numbers"):
        SpectralFile(tmp_path / "scan.h5").main()
