import numpy as np
import pytest

from remanence.data.spectra.scaling import Scaling


@pytest.fixture
def values():
    """Two channels of very different size, with a level that rises along the steps."""
    noise = np.random.default_rng(0).normal(size=(50, 7, 2))
    return noise * [1e-5, 3.0] + np.arange(7)[:, None] * [1e-5, 2.0] + [0, 1325]


def test_one_z_score_per_array_keeps_the_shape_of_a_loop(values):
    scaling = Scaling.fit(values, by="array")
    z = scaling.scale(values)

    assert scaling.mean.shape == scaling.sd.shape == (1, 2)
    np.testing.assert_allclose(z.mean(axis=(0, 1)), 0, atol=1e-4)
    np.testing.assert_allclose(z.std(axis=(0, 1)), 1, rtol=1e-4)
    assert (np.diff(z.mean(axis=0), axis=0) > 0).all()


def test_a_z_score_per_step_gives_every_step_the_same_weight(values):
    scaling = Scaling.fit(values, by="step")
    z = scaling.scale(values)

    assert scaling.mean.shape == (7, 2)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(z.std(axis=0), 1, rtol=1e-4)


@pytest.mark.parametrize("by", ["array", "step", "robust"])
def test_physical_units_come_back(values, by):
    scaling = Scaling.fit(values, by=by)

    back = scaling.physical(scaling.scale(values))

    assert back.dtype == np.float64
    assert (np.abs(back - values) < 1e-6 * scaling.sd).all()


@pytest.mark.parametrize("by", ["array", "step", "robust"])
def test_a_constant_scales_to_zero(by):
    values = np.full((5, 3, 1), 7.5)

    assert (Scaling.fit(values, by=by).scale(values) == 0).all()


def test_plain_values_make_it_again(values):
    scaling = Scaling.fit(values, by="step")

    again = Scaling.from_dict(scaling.to_dict())

    np.testing.assert_array_equal(again.scale(values), scaling.scale(values))


def test_single_precision_values_are_summed_in_double():
    values = np.full((4000, 96, 1), 1324.8, dtype=np.float32)
    values[::2] += 1

    scaling = Scaling.fit(values, by="array")

    assert scaling.mean[0, 0] == pytest.approx(1325.3, rel=1e-6)
    assert scaling.sd[0, 0] == pytest.approx(0.5, rel=1e-4)


def test_a_robust_z_score_is_that_of_most_values(values):
    spiked = values.copy()
    spiked[0, 3] = [1.0, 1e9]

    robust, usual = (Scaling.fit(spiked, by=by) for by in ("robust", "array"))

    np.testing.assert_allclose(robust.mean, np.median(values, axis=(0, 1))[None], rtol=1e-2, atol=1e-6)
    assert (robust.sd < 2 * values.std(axis=(0, 1))).all()
    assert (usual.sd > 100 * robust.sd).all()
