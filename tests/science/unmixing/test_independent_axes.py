import numpy as np
import pytest

from remanence.science.unmixing.independent_axes import independent_axes

CAUSES = np.random.default_rng(0).uniform(-1, 1, size=(3000, 3))
MIXING = np.array([[1.0, 0.8, 0.0], [-0.5, 1.0, 0.3], [0.2, -0.4, 1.0]])
ALL = np.ones(3, dtype=bool)


def test_mixed_causes_are_told_apart_each_in_the_place_of_the_latent_it_resembles():
    turned = (CAUSES @ MIXING) @ independent_axes(CAUSES @ MIXING, turned=ALL)

    np.testing.assert_allclose(np.corrcoef(turned.T, CAUSES.T)[:3, 3:], np.eye(3), atol=0.05)
    np.testing.assert_allclose(turned.std(axis=0), 1, rtol=1e-6)


def test_latents_that_are_not_turned_stay_and_enter_no_other():
    mixed = np.column_stack([CAUSES[:, 0], CAUSES[:, 1:] @ MIXING[1:, 1:]])

    axes = independent_axes(mixed, turned=np.array([False, True, True]))

    assert axes[0].tolist() == axes[:, 0].tolist() == [1, 0, 0]
    assert abs(np.linalg.det(axes)) > 0.1


def test_the_axes_do_not_depend_on_the_scale_of_the_latents():
    scale = np.array([1.0, 10.0, 0.1])

    plain, scaled = (independent_axes(CAUSES @ MIXING * by, turned=ALL) for by in (np.ones(3), scale))

    assert scaled * scale[:, None] == pytest.approx(plain, abs=1e-2)
