import numpy as np
import pytest

from remanence.science.nested.multiscale import CAUSES, COLUMNS, simulate_multiscale


def column(scales, name):
    scale, name = name.split(".")
    return scales[scale][:, COLUMNS[scale].index(name)]


def test_the_scales_have_their_columns():
    scales = simulate_multiscale(rows=7)

    assert {scale: array.shape for scale, array in scales.items()} == {
        "fine": (7, 9),
        "middle": (7, 6),
        "coarse": (7, 3),
    }
    assert {scale: len(columns) for scale, columns in COLUMNS.items()} == {"fine": 9, "middle": 6, "coarse": 3}


@pytest.mark.parametrize(("noise", "label"), [(1.0, "1"), (0.1, "1Em1")])
def test_the_published_files_come_out(shared_data, noise, label):
    for number, (scale, values) in enumerate(simulate_multiscale(noise=noise).items(), start=1):
        published = np.load(shared_data / "multiscale" / f"dataset_scale_{number}_1000_{label}.npy")

        np.testing.assert_array_equal(values[:, :-1], published[:, :-1])
        if scale == "fine":
            np.testing.assert_array_equal(values[:, -1], published[:, -1])
        np.testing.assert_allclose(values[:, -1], published[:, -1], rtol=1e-15)  # x⁴ of another libm


def test_without_noise_every_column_is_the_formula_of_its_causes():
    scales = simulate_multiscale(rows=50, noise=0.0, seed=3)
    formulas = {
        "fine.y": lambda a, b: a**2 + b**2,
        "middle.x0": lambda a, b: 2 * a + 3 * b,
        "middle.x1": lambda a, b: a + b,
        "middle.x2": lambda a: a**2,
        "middle.x3": lambda a: a**2,
        "middle.x4": lambda a, b: a * b,
        "middle.y": lambda a, b: a**2 + b**4,
        "coarse.x0": lambda a, b: a - b,
        "coarse.x1": lambda a, b: a * b,
        "coarse.y": lambda a, b: a**2 + b**4,
    }
    causes = {f"{scale}.{name}": given for scale, columns in CAUSES.items() for name, given in columns.items()}

    assert causes.keys() == formulas.keys()
    for name, formula in formulas.items():
        expected = formula(*(column(scales, cause) for cause in causes[name]))
        np.testing.assert_allclose(column(scales, name), expected, rtol=1e-12, err_msg=name)


def test_noise_hides_the_causes_and_one_draw_serves_all_that_is_made_from_a_value():
    scales = simulate_multiscale(rows=200, noise=1.0)

    hidden = np.abs(column(scales, "fine.y") - column(scales, "fine.x0") ** 2 - column(scales, "fine.x7") ** 2)
    assert hidden.mean() > 1
    u_0, u_1 = (np.sqrt(column(scales, f"middle.{name}")) for name in ("x2", "x3"))
    either_sign = np.abs([2 * u_0 + 3 * u_1, 2 * u_0 - 3 * u_1])
    assert np.abs(either_sign - np.abs(column(scales, "middle.x0"))).min(axis=0).max() < 1e-9


def test_each_seed_decides_its_own_part():
    first = simulate_multiscale(rows=20)
    other_noise, other_features = simulate_multiscale(rows=20, noise_seed=1), simulate_multiscale(rows=20, seed=1)

    np.testing.assert_array_equal(first["fine"][:, :8], other_noise["fine"][:, :8])
    assert (first["fine"][:, 8] != other_noise["fine"][:, 8]).all()
    assert (first["fine"][:, :8] != other_features["fine"][:, :8]).mean() > 0.9


@pytest.mark.parametrize("arguments", [{"rows": 0}, {"noise": -0.1}])
def test_impossible_sizes_are_refused(arguments):
    with pytest.raises(ValueError, match="Expected `rows` of at least 1"):
        simulate_multiscale(**arguments)
