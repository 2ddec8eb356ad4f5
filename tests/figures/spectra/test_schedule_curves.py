import numpy as np
import pytest

from remanence.figures.spectra.schedule_curves import plot_schedule_curves
from remanence.figures.style import COLOURS, GREY

pytestmark = pytest.mark.filterwarnings("error")


def drawn(kl=None, epochs=20, val_mse=None, **arguments):
    kl = np.tile([2.0, 0.5, 0.01, 0.0], (epochs, 1)) if kl is None else kl
    figure, axes = plot_schedule_curves(
        np.arange(epochs),
        np.linspace(0, 0.2, epochs),
        kl,
        np.linspace(0.1, 0.01, epochs) if val_mse is None else val_mse,
        title="toy",
        **arguments,
    )
    figure.draw_without_rendering()
    return figure, axes


def test_four_panels_tell_of_beta_kl_channels_and_error():
    _, axes = drawn()

    assert [ax.get_ylabel() for ax in axes] == ["β", "KL (nat)", "channels\nKL > 0.05 nat", "validation\nMSE"]
    assert axes[-1].get_xlabel() == "epoch"
    assert (axes[1].get_yscale(), axes[3].get_yscale()) == ("log", "log")


def test_every_channel_is_a_line_and_active_ones_stand_out():
    _, axes = drawn()

    colours = [line.get_color() for line in axes[1].lines]
    assert colours.count(COLOURS[3]) == 2
    assert colours.count(GREY) == 2


def test_active_units_are_counted_at_each_epoch():
    kl = np.array([[1.0, 1.0, 1.0], [1.0, 0.06, 0.04], [1.0, 0.0, 0.0]])

    _, axes = drawn(kl, epochs=3)

    assert axes[2].lines[0].get_ydata().tolist() == [3, 2, 1]


def test_stages_and_the_chosen_epoch_are_marked_in_all_panels():
    _, axes = drawn(stages=[5, 10], chosen_epoch=12)

    for ax in axes:
        places = [line.get_xdata()[0] for line in ax.lines if list(line.get_xdata()) == [line.get_xdata()[0]] * 2]
        assert places == [5, 10, 12]
    assert axes[0].get_title(loc="right") == "chosen: epoch 12"


def test_epochs_without_validation_are_bridged():
    val_mse = np.linspace(0.1, 0.01, 20)
    val_mse[1::2] = np.nan

    _, axes = drawn(val_mse=val_mse)

    assert len(axes[3].lines[0].get_xdata()) == 10


@pytest.mark.parametrize("epochs", [0, 1])
def test_a_training_that_has_hardly_begun_is_drawn(epochs):
    drawn(np.ones((epochs, 3)), epochs=epochs, val_mse=np.full(epochs, np.nan))
