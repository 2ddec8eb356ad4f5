import numpy as np
import pytest

from remanence.figures.spectra.reconstructions import plot_reconstructions

pytestmark = pytest.mark.filterwarnings("error")

CHANNELS = ["piezoresponse (arb. units)", "resonance frequency (kHz)"]
BIAS = np.concatenate([np.linspace(16, -16, 6), np.linspace(-16, 16, 6)])
ERRORS = np.array([0.3, 0.1, 0.2, 0.05, 0.4])


def spectra(channels=2):
    values = np.random.default_rng(0).normal(size=(5, len(BIAS), channels))
    return values * [1e-4, 3.0][:channels] + [0.0, 1320.0][:channels]


def drawn(models, channels=2, errors=None, **arguments):
    measured = spectra(channels)
    figure, axes = plot_reconstructions(
        measured,
        dict.fromkeys(models, measured + 1e-05),
        errors or dict.fromkeys(models, ERRORS),
        axis=BIAS,
        axis_label="DC bias (V)",
        channels=CHANNELS[:channels],
        title="held-out pixels",
        **arguments,
    )
    figure.draw_without_rendering()
    return figure, axes


def test_one_model_has_a_row_for_each_channel_and_three_pixels():
    _, axes = drawn(["PCA"])

    assert len(axes) == 6
    assert [ax.get_title() for ax in axes[:3]] == [
        "best: pixel 3\nMSE 0.05",
        "median: pixel 2\nMSE 0.2",
        "worst: pixel 4\nMSE 0.4",
    ]
    assert axes[0].get_ylabel() == "piezoresponse\n(10⁻⁴ arb. units)"
    assert axes[3].get_ylabel() == "resonance frequency\n(kHz)"
    assert axes[5].get_xlabel() == "DC bias (V)"


def test_measured_and_reconstructed_loops_lie_in_each_panel():
    _, axes = drawn(["PCA"])

    measured, reconstructed = (lines.get_segments()[0] for lines in axes[0].collections)
    np.testing.assert_allclose(measured, np.stack([BIAS, 1e4 * spectra()[3, :, 0]], axis=1))
    np.testing.assert_allclose(reconstructed[:, 1] - measured[:, 1], 0.1)


def test_several_models_are_drawn_on_the_same_pixels():
    errors = {"PCA": ERRORS, "β-VAE": ERRORS[::-1]}

    figure, axes = drawn(["PCA", "β-VAE"], errors=errors, ranked_by="β-VAE")

    assert len(axes) == 12
    assert axes[0].get_title() == "best: pixel 1\nPCA: MSE 0.1"
    assert axes[6].get_title() == "β-VAE: MSE 0.05"
    for above, below in zip(axes[:6], axes[6:], strict=True):
        np.testing.assert_array_equal(above.collections[0].get_segments(), below.collections[0].get_segments())
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["measured", "PCA", "β-VAE"]


def test_panels_of_a_channel_share_their_limits():
    _, axes = drawn(["PCA", "NMF"])

    columns = [axes[place::6] for place in range(6)]
    assert len({ax.get_ylim() for column in columns[:3] for ax in column}) == 1
    assert len({ax.get_ylim() for column in columns[3:] for ax in column}) == 1


def test_one_channel_is_drawn():
    _, axes = drawn(["PCA", "NMF"], channels=1)

    assert len(axes) == 6


def test_pixels_without_an_error_are_not_chosen():
    _, axes = drawn(["PCA"], errors={"PCA": np.array([np.nan, np.nan, 0.2, np.nan, np.inf])})

    assert {ax.get_title().split("\n")[0].split(": ")[1] for ax in axes[:3]} == {"pixel 2"}


def test_no_error_at_all_is_refused():
    with pytest.raises(ValueError, match="finite value"):
        drawn(["PCA"], errors={"PCA": np.full(5, np.nan)})


def test_a_pixel_with_huge_values_leaves_the_others_their_own_limits():
    steps = np.linspace(-1, 1, 30)
    measured = np.tanh(4 * steps)[None, :, None] * np.array([1e-5, 1.2e-5, 5e-4])[:, None, None]
    errors = {"PCA": np.array([0.1, 0.2, 0.9])}

    _, axes = plot_reconstructions(
        measured,
        {"PCA": 0.9 * measured},
        errors,
        axis=steps,
        axis_label="bias (V)",
        channels=["piezoresponse (arb. units)"],
        title="test spectra",
    )

    spans = [np.ptp(ax.get_ylim()) for ax in axes]
    assert spans[2] / spans[0] == pytest.approx(50, rel=0.01)
    assert all(ax.yaxis.get_tick_params()["labelleft"] for ax in axes)
