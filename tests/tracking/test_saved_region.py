import numpy as np
import pytest

from remanence.errors import DamagedFile
from remanence.science.training_region import TrainingRegion
from remanence.tracking.saved_region import FILE, load_region, save_region


@pytest.mark.parametrize("categories", [[], [1, 2]])
def test_a_region_is_read_as_it_was_written(tmp_path, categories):
    rows = np.random.default_rng(0).integers(0, 2, (20, 4)).astype(np.float64)
    region = TrainingRegion.of(np.asfortranarray(rows), categories)

    save_region(region, tmp_path / "model")
    again = load_region(tmp_path / "model")

    for name, value in vars(region).items():
        np.testing.assert_array_equal(getattr(again, name), value)
    points = np.random.default_rng(1).uniform(-1, 2, (10, 4))
    np.testing.assert_array_equal(again.locate(points).excess, region.locate(points).excess)


def test_a_model_of_an_earlier_release_has_none(tmp_path):
    assert load_region(tmp_path) is None


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / FILE).write_bytes(b"no tensors")

    with pytest.raises(DamagedFile, match=FILE):
        load_region(tmp_path)
