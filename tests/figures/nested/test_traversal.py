from itertools import pairwise

import numpy as np
import pytest

from remanence.figures.nested.traversal import plot_traversal

pytestmark = pytest.mark.filterwarnings("error")


def drawn(latents, features, *, slopes=None, title="traversal", **arguments):
    random = np.random.default_rng(0)
    positions = np.tile(np.linspace(-1, 1, 9), (latents, 1))
    weights = random.normal(size=(latents, features)) if slopes is None else np.asarray(slopes, dtype=float)
    decoded = positions[:, :, None] * weights[:, None, :]
    gap = positions * (1.0 + np.arange(latents))[:, None]
    figure, axes = plot_traversal(
        positions,
        decoded,
        gap,
        feature_names=[f"feature {k}" for k in range(features)],
        property_label="gap (eV)",
        title=title,
        **arguments,
    )
    figure.draw_without_rendering()
    return figure, axes


def curves(ax):
    return {line.get_label(): line.get_ydata() for line in ax.lines if not line.get_label().startswith("_")}


def names(ax):
    return [text.get_text() for text in ax.texts]


def test_the_five_features_of_the_largest_range_are_drawn_and_named():
    _, (left, _) = drawn(1, 7, slopes=[[0.1, -3.0, 2.0, 0.0, 5.0, 1.0, -0.5]])

    assert list(curves(left)) == names(left) == ["feature 4", "feature 1", "feature 2", "feature 5", "feature 6"]
    np.testing.assert_allclose(curves(left)["feature 1"], -3.0 * np.linspace(-1, 1, 9))


def test_each_latent_has_its_property_on_the_same_axis():
    _, axes = drawn(3, 2, latent_names=["ions 1", "ions 2", "ions 3"])

    assert [ax.get_title(loc="left") for ax in axes[::2]] == ["ions 1", "ions 2", "ions 3"]
    assert len({ax.get_ylim() for ax in axes[1::2]}) == 1
    assert len({ax.get_ylim() for ax in axes[::2]}) == 1
    np.testing.assert_allclose(axes[5].lines[0].get_ydata(), 3 * np.linspace(-1, 1, 9))
    assert axes[5].get_ylabel() == "gap (eV)"


@pytest.mark.parametrize(("latents", "panels"), [(2, 4), (4, 8), (7, 14), (25, 24)])
def test_of_many_latents_those_are_drawn_that_matter(latents, panels):
    figure, axes = drawn(latents, 3)

    assert len(axes) == len(figure.axes) == panels
    assert figure.get_figwidth() < 8
    if latents == 25:
        assert axes[0].get_title(loc="left") == "latent 14"
        assert axes[-2].get_title(loc="left") == "latent 25"
        assert figure.get_suptitle().endswith("the 12 of 25 latents that change gap most")


@pytest.mark.parametrize("slopes", [[[1.0] * 5], [[9.0, 8.99, 8.98, 8.97, 8.96]], [[-1.0, -1.01, 1.0, 0.2, 0.1]]])
def test_names_do_not_overlap_and_keep_the_order_of_the_lines(slopes):
    _, (left, _) = drawn(1, 5, slopes=slopes)

    extents = sorted((text.get_window_extent() for text in left.texts), key=lambda extent: extent.y0)
    heights = [extent.height for extent in extents]
    for below, above in pairwise(extents):
        assert above.y0 - below.y0 > 0.7 * max(heights)
    ends = [float(curves(left)[name][-1]) for name in names(left)]
    written = [text.xy[1] for text in left.texts]
    assert all(written[a] < written[b] for a in range(5) for b in range(5) if ends[a] < ends[b])


def test_a_property_that_is_not_known_is_drawn_as_nothing():
    positions = np.array([[0.0, 1.0, 2.0]])

    figure, axes = plot_traversal(
        positions,
        np.full((1, 3, 1), np.nan),
        np.full((1, 3), np.nan),
        feature_names=["x"],
        property_label="gap (eV)",
        title="",
    )
    figure.draw_without_rendering()

    assert len(axes) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"decoded": np.zeros((2, 3, 2))}, r"`decoded` to be of shape \(2, 3, 1\)"),
        ({"property_": np.zeros((2, 4))}, r"`property_` to be of shape \(2, 3\)"),
        ({"latent_names": ["z"]}, r"`latent_names` to be of shape \(2,\), but got \(1,\)"),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(change, message):
    arrays = {"positions": np.zeros((2, 3)), "decoded": np.zeros((2, 3, 1)), "property_": np.zeros((2, 3))} | change

    with pytest.raises(ValueError, match=message):
        plot_traversal(**arrays, feature_names=["x"], property_label="gap (eV)", title="")
