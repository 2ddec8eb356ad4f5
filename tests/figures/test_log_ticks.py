import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from remanence.figures.log_ticks import LogTicks


@pytest.mark.parametrize("ends", [(0.013, 1.2), (1e-3, 1.0), (2e-5, 3e4), (5.0, 0.02)])
@pytest.mark.parametrize("subs", [(2, 3, 5), "auto"])
def test_ticks_are_those_of_matplotlib_that_are_seen(ends, subs):
    ax = Figure().subplots()
    ax.set(yscale="log", ylim=ends)
    low, high = sorted(ends)

    ax.yaxis.set_minor_locator(LogLocator(subs=subs))
    everywhere = ax.yaxis.get_minorticklocs()
    ax.yaxis.set_minor_locator(LogTicks(subs=subs))
    ours = ax.yaxis.get_minorticklocs()

    np.testing.assert_array_equal(ours, everywhere[(low <= everywhere) & (everywhere <= high)])
    assert ours.size


def test_no_tick_is_made_that_is_not_drawn():
    ax = Figure().subplots()
    ax.set(yscale="log", ylim=(0.013, 1.2))
    stock = len(ax.yaxis.get_minorticklocs())

    ax.yaxis.set_minor_locator(LogTicks(subs="auto"))

    assert len(ax.yaxis.get_minorticklocs()) == 8 + 8 < stock


def test_ticks_follow_the_axis():
    ax = Figure().subplots()
    ax.set(yscale="log", ylim=(1, 100))
    ax.yaxis.set_minor_locator(LogTicks(subs="auto"))
    ax.yaxis.get_minorticklocs()

    ax.set_ylim(0.15, 0.45)

    np.testing.assert_allclose(ax.yaxis.get_minorticklocs(), [0.2, 0.3, 0.4])
