import itertools

import h5py
import numpy as np
import pytest

from remanence.data.spectra.pixel_dataset import PixelDataset


@pytest.mark.parametrize(("start", "stop"), itertools.combinations_with_replacement(range(13), 2))
def test_any_slice_of_the_pixels_of_a_map_is_written_and_read(start, stop):
    values = np.arange(24.0).reshape(12, 2)
    with h5py.File.in_memory() as file:
        pixels = PixelDataset(file.create_dataset("map", (3, 4, 2), "f8", fillvalue=np.nan), spatial=2)

        pixels[start:stop] = values[start:stop]

        written = pixels.data[...].reshape(12, 2)
        np.testing.assert_array_equal(written[start:stop], values[start:stop])
        assert np.isfinite(written).all(axis=1).sum() == stop - start
        np.testing.assert_array_equal(pixels[start:stop], values[start:stop])


def test_a_list_of_pixels_is_written_as_it_is():
    with h5py.File.in_memory() as file:
        pixels = PixelDataset(file.create_dataset("list", (5,), "f8"), spatial=1)

        pixels[1:3] = np.array([1.0, 2.0])

        assert pixels[0:5].tolist() == [0, 1, 2, 0, 0]
