import numpy as np
import pytest

from remanence.figures.spectra.sensitivity import Sweep, plot_sensitivity

pytestmark = pytest.mark.filterwarnings("error")


def drawn(**sweeps):
    figure, axes = plot_sensitivity(sweeps, title="PZT")
    figure.draw_without_rendering()
    return figure, axes


def sweep(values, mse, name="components"):
    return Sweep(name, np.array(values, dtype=float), np.array(mse, dtype=float))


def test_every_run_is_a_point_and_medians_are_joined():
    figure, (ax,) = drawn(PCA=sweep([5, 3, 5, 5], [0.008, 0.02, 0.007, 0.012]))

    np.testing.assert_allclose(ax.collections[0].get_offsets()[:, 1], [0.008, 0.02, 0.007, 0.012])
    assert ax.lines[0].get_xdata().tolist() == [3, 5]
    assert ax.lines[0].get_ydata().tolist() == [0.02, 0.008]
    assert ax.get_title() == "PCA\n0.007–0.02"
    assert ax.get_xlabel() == "components"
    assert figure.get_supylabel() == "test mean squared error"


def test_models_share_the_axis_of_the_error():
    _, axes = drawn(PCA=sweep([3, 5], [0.02, 0.008]), NMF=sweep([3, 5], [0.2, 0.1]), VAE=sweep([1], [0.004]))

    assert len({ax.get_ylim() for ax in axes}) == 1
    assert axes[0].get_ylim()[0] < 0.004 < 0.2 < axes[0].get_ylim()[1]


def test_hyperparameters_over_decades_are_on_a_logarithmic_axis():
    _, axes = drawn(VAE=sweep([0.001, 0.3], [0.005, 0.03], "β"), PCA=sweep([3, 16], [0.02, 0.002]))

    assert [ax.get_xscale() for ax in axes] == ["log", "linear"]


def test_failed_runs_are_left_out():
    _, (ax,) = drawn(PCA=sweep([3, 5], [np.nan, 0.008]))

    assert len(ax.collections[0].get_offsets()) == 1
    assert ax.get_title() == "PCA\n0.008"


def test_a_model_without_any_result_is_drawn():
    _, axes = drawn(PCA=sweep([3], [0.02]), NMF=sweep([], []))

    assert axes[1].get_title() == "NMF\nno value"
