import numpy as np
import pytest

from remanence.data.nested.multiscale_tables import read_multiscale, simulated_tables
from remanence.errors import ConfigurationError, DataError
from remanence.science.nested.multiscale import COLUMNS, simulate_multiscale


@pytest.mark.parametrize(("noise", "label"), [(1.0, "1"), (0.1, "1Em1")])
def test_the_files_are_read_and_the_simulated_tables_are_the_same(shared_data, noise, label):
    folder = shared_data / "multiscale"

    tables = read_multiscale(folder, noise)

    assert list(tables) == ["fine", "middle", "coarse"]
    for number, (scale, table) in enumerate(tables.items(), start=1):
        assert list(table.columns) == ["sample", *COLUMNS[scale]]
        assert table["sample"].tolist() == list(range(1000))
        raw = np.load(folder / f"dataset_scale_{number}_1000_{label}.npy")
        np.testing.assert_array_equal(table.drop(columns="sample"), raw)
        np.testing.assert_allclose(simulated_tables(noise=noise)[scale], table, rtol=1e-15)


def test_simulated_tables_have_the_rows_and_seeds_asked_for():
    arguments = {"rows": 12, "noise": 0.3, "seed": 1, "noise_seed": 2}

    tables = simulated_tables(**arguments)

    for scale, array in simulate_multiscale(**arguments).items():
        assert tables[scale].shape == (12, 1 + array.shape[1])
        np.testing.assert_array_equal(tables[scale].drop(columns="sample"), array)


def test_a_noise_that_was_not_published_is_a_configuration_error(tmp_path):
    with pytest.raises(ConfigurationError, match=r"^data.noise: no published table with noise 0.5; published: 1, 0.1$"):
        read_multiscale(tmp_path, 0.5)


def test_a_missing_file_and_a_wrong_shape_are_named(tmp_path):
    with pytest.raises(DataError, match=r"dataset_scale_1_1000_1.npy: no such file"):
        read_multiscale(tmp_path, 1.0)

    np.save(tmp_path / "dataset_scale_1_1000_1.npy", np.zeros((1000, 8)))
    with pytest.raises(DataError, match=r"dataset_scale_1_1000_1.npy: has the shape \(1000, 8\); expected \(1000, 9\)"):
        read_multiscale(tmp_path, 1.0)
