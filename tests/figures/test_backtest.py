import numpy as np

from remanence.figures.backtest import plot_backtest
from remanence.figures.style import GREY


def test_each_way_is_a_line_with_its_error_and_chance_is_grey():
    made = np.array([10.0, 15.0, 20.0])
    ways = {"suggest": (made, np.array([0, 2, 4.0]), np.ones(3)), "random": (made, np.array([0, 0.5, 1.0]), np.ones(3))}

    figure, axes = plot_backtest({"found of the 10 best": ways, "best d33 (pC/N) so far": ways}, title="backtest")
    figure.draw_without_rendering()

    assert [ax.get_ylabel() for ax in axes] == ["found of the 10 best", "best d33 (pC/N) so far"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "suggest",
        "random",
        "± standard error over campaigns",
    ]
    suggest, chance = axes[0].lines
    assert suggest.get_ydata().tolist() == [0, 2, 4]
    assert chance.get_color() == GREY
    low, high = axes[0].collections[0].get_datalim(axes[0].transData).intervaly
    assert (low, high) == (-1, 5)
