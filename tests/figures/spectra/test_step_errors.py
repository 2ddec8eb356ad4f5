import numpy as np
import pytest

from remanence.figures.spectra.step_errors import plot_step_errors

pytestmark = pytest.mark.filterwarnings("error")


def drawn(steps, models=1, channels=1, axis=None, pixels=40):
    random = np.random.default_rng(0)
    errors = {f"model {k}": random.normal(0, 0.1, (pixels, steps, channels)) for k in range(models)}
    return show(errors, np.linspace(-1, 1, steps) if axis is None else axis)


def show(errors, axis):
    channels = next(iter(errors.values())).shape[2]
    names = ["piezoresponse (arb. units)", "resonance frequency (kHz)"][:channels]
    figure, axes = plot_step_errors(
        errors, axis=axis, axis_label="DC bias (V)", channels=names, title="test", label="error (standardised)"
    )
    figure.draw_without_rendering()
    return figure, axes


def violins(ax):
    return [body for body in ax.collections if type(body).__name__ == "FillBetweenPolyCollection"]


@pytest.mark.parametrize("steps", [1, 25, 30])
def test_up_to_thirty_steps_have_a_violin_each(steps):
    _, axes = drawn(steps)

    assert len(violins(axes[0])) == steps


def test_many_steps_are_bands_with_a_legend():
    figure, axes = drawn(96)

    assert len(violins(axes[0])) == 3
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["1–99 %", "10–90 %", "25–75 %"]


def test_models_are_rows_and_channels_columns_with_common_limits():
    figure, axes = drawn(10, models=3, channels=2)

    assert len(axes) == 6
    assert [ax.get_title() for ax in axes[:2]] == ["piezoresponse", "resonance frequency"]
    assert [ax.get_ylabel() for ax in axes[::2]] == ["model 0", "model 1", "model 2"]
    assert {ax.get_ylim() for ax in axes[::2]} == {axes[0].get_ylim()}
    assert figure.get_supylabel() == "error (standardised)"
    assert axes[-1].get_xlabel() == "DC bias (V)"


def test_a_bias_that_runs_forth_and_back_is_spread_out():
    down = np.linspace(16, -16, 49)[:-1]

    _, axes = drawn(96, axis=np.concatenate([down, -down]))

    assert [text.get_text() for text in axes[0].get_xticklabels()] == ["16", "0", "−16", "0"]


def test_an_axis_that_runs_one_way_is_labelled_at_both_ends():
    _, axes = drawn(25)

    assert [text.get_text() for text in axes[0].get_xticklabels()] == ["−1", "−0.5", "0", "0.5", "1"]


@pytest.mark.parametrize("steps", [4, 40])
def test_steps_without_values_and_constant_steps_are_drawn(steps):
    errors = np.random.default_rng(0).normal(size=(20, steps, 1))
    errors[:, 1] = np.nan
    errors[:, 2] = 0.0
    errors[3, 0] = np.nan

    _, axes = show({"PCA": errors}, np.linspace(-1, 1, steps))

    assert np.isfinite(axes[0].get_ylim()).all()


@pytest.mark.parametrize("steps", [4, 40])
def test_errors_that_are_all_missing_are_drawn(steps):
    _, axes = show({"PCA": np.full((3, steps, 1), np.nan)}, np.linspace(-1, 1, steps))

    assert np.isfinite(axes[0].get_ylim()).all()
