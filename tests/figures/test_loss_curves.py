import matplotlib.pyplot as plt
import numpy as np
import pytest

from remanence.figures.loss_curves import plot_loss_curves
from remanence.figures.style import new_figure

pytestmark = pytest.mark.filterwarnings("error")  # matplotlib only warns about axes without extent


def curve(epochs):
    return np.arange(epochs), 0.9 ** np.arange(epochs)


def drawn(curves, *, best_epoch=None):
    figure, ax = plot_loss_curves(curves, best_epoch=best_epoch, title="DNN")
    figure.draw_without_rendering()
    return figure, ax


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_axes_say_what_is_drawn_in_which_unit():
    figure, ax = drawn({"train/loss": curve(30), "val/loss": curve(20)})

    assert ax in figure.axes
    assert ax.get_xlabel() == "epoch"
    assert ax.get_ylabel() == "loss (standardised target)"
    assert ax.get_yscale() == "log"
    assert ax.get_title() == "DNN"


def test_each_curve_is_drawn_under_its_name():
    curves = {"train/loss": curve(30), "val/loss": curve(20)}

    _, ax = drawn(curves)

    assert legend(ax) == ["train/loss", "val/loss"]
    for line, (epoch, loss) in zip(ax.lines, curves.values(), strict=True):
        np.testing.assert_array_equal(line.get_xdata(), epoch)
        np.testing.assert_array_equal(line.get_ydata(), loss)


@pytest.mark.parametrize("best_epoch", [0, 17])
def test_the_epoch_whose_weights_were_kept_is_marked(best_epoch):
    _, ax = drawn({"val/loss": curve(30)}, best_epoch=best_epoch)

    assert legend(ax) == ["val/loss", f"best: epoch {best_epoch}"]
    assert list(ax.lines[-1].get_xdata()) == [best_epoch, best_epoch]


@pytest.mark.parametrize("epochs", [1, 2, 500])
def test_any_number_of_epochs_is_drawn(epochs):
    _, ax = drawn({"train/loss": curve(epochs), "val/loss": curve(epochs)}, best_epoch=0)

    assert len(ax.lines) == 3


def test_one_epoch_can_be_seen():
    _, ax = drawn({"train/loss": curve(1), "val/loss": curve(1)})

    assert all(line.get_marker() not in ("None", "", None) for line in ax.lines)


@pytest.mark.parametrize("columns", [1, 3])
def test_a_figure_has_a_panel_per_column_and_opens_no_window(columns):
    windows = plt.get_fignums()

    figure, axes = new_figure(4.0, 3.0, columns=columns)

    assert figure.get_size_inches().tolist() == [{1: 3.5, 3: 12.0}[columns], 3.0]
    assert axes == figure.axes
    assert len(axes) == columns
    assert plt.get_fignums() == windows


def test_members_are_drawn_as_their_median_and_band():
    epoch = np.arange(30)
    losses = np.linspace(0.5, 1.5, 21) * 0.9 ** epoch[:, None]  # (epochs, members)

    _, ax = drawn({"train/loss": (epoch, losses), "val/loss": (epoch, losses[:, 0])}, best_epoch=3)

    np.testing.assert_allclose(ax.lines[0].get_ydata(), np.median(losses, axis=1))
    (band,) = ax.collections
    np.testing.assert_allclose(band.get_datalim(ax.transData).y1, np.percentile(losses[0], 95))
    assert legend(ax) == ["train/loss: median, 5–95 % of 21", "val/loss", "best: epoch 3"]


def test_members_that_stopped_early_are_left_out_of_later_epochs():
    epoch = np.arange(4)
    losses = np.array([[1.0, 3.0], [0.5, 2.0], [0.4, np.nan], [np.nan, np.nan]])

    _, ax = drawn({"val/loss": (epoch, losses)})

    np.testing.assert_allclose(ax.lines[0].get_ydata(), [2.0, 1.25, 0.4, np.nan])


def test_one_member_is_one_curve():
    _, ax = drawn({"val/loss": (np.arange(3), np.ones((3, 1)))})

    assert legend(ax) == ["val/loss"]


def test_losses_are_written_as_plain_numbers():
    _, ax = drawn({"train/loss": curve(60)})

    ticks = [label.get_text() for label in ax.yaxis.get_ticklabels(which="both") if label.get_text()]
    assert "0.1" in ticks
    assert not [tick for tick in ticks if "e" in tick or "10^" in tick]
