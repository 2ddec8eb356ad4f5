import numpy as np
import pytest

from remanence.data.spectra.waveform import repeats_of
from remanence.science.band_excitation.switching import triangular_bias

LOOP = np.array([0.0, 4, 8, 12, 16, 12, 8, 4, 0, -4, -8, -12, -16, -12, -8, -4])


@pytest.mark.parametrize(
    "bias",
    [
        LOOP,
        triangular_bias(96),
        np.repeat(LOOP, 3),
        np.array([1.0, -1.0]),
        np.zeros(16),
        np.linspace(-1, 1, 24),
        np.concatenate([LOOP, LOOP[:7]]),
        np.empty(0),
    ],
    ids=["loop", "triangle", "held", "two", "none", "ramp", "loop and a half", "empty"],
)
def test_one_loop_is_one(bias):
    found = repeats_of(bias)

    assert (found.number, found.alike) == (1, True)
    np.testing.assert_array_equal(found.number_at, np.zeros(len(bias)))


@pytest.mark.parametrize("held", [1, 3])
@pytest.mark.parametrize("heights", [[1, 1], [1, 1, 1], [0.25, 1], [0.25, 0.5, 0.75, 1], [1, 0.5], [0.02, 1]])
def test_loops_that_follow_each_other_are_counted(heights, held):
    bias = np.repeat(np.concatenate([height * LOOP for height in heights]), held)

    found = repeats_of(bias)

    assert (found.number, found.alike) == (len(heights), len(set(heights)) == 1)
    np.testing.assert_array_equal(found.number_at, np.repeat(np.arange(len(heights)), 16 * held))


def test_loops_that_return_at_another_bias_each_are_forc():
    loops = [
        np.concatenate([np.linspace(-10, top, 9), np.linspace(top, -10, 9)[1:-1]]) for top in (-2.0, 2.0, 6.0, 10.0)
    ]

    found = repeats_of(np.concatenate(loops))

    assert (found.number, found.alike) == (4, False)


def test_cycles_as_they_were_measured_are_alike():
    bias = np.tile(LOOP, 2) + 0.01 * np.random.default_rng(0).standard_normal(32)

    assert (repeats_of(bias).number, repeats_of(bias).alike) == (2, True)
