import numpy as np
import pytest

from remanence.science.unmixing.traversal import nearest_distance, neighbour_traversal, spacing

RANDOM = np.random.default_rng(0)
Z = RANDOM.normal(size=(3600, 5))
SPECTRA = RANDOM.normal(size=(300, 12, 2))


def test_a_walk_has_the_released_number_of_frames_and_goes_over_the_whole_range():
    frames, positions = neighbour_traversal(Z, 2)

    assert frames.shape == (200, 5)
    assert positions[[0, -1]].tolist() == [Z[:, 2].min(), Z[:, 2].max()]
    np.testing.assert_allclose(np.diff(positions), np.ptp(positions) / 199)


@pytest.mark.parametrize("channel", [0, 4])
def test_a_frame_is_the_mean_of_the_nearest_pixels_in_its_channel(channel):
    frames, positions = neighbour_traversal(Z, channel, frames=7, neighbours=30)

    for frame, position in zip(frames, positions, strict=True):
        nearest = np.argsort(np.abs(Z[:, channel] - position))[:30]
        np.testing.assert_allclose(frame, Z[nearest].mean(axis=0))


def test_the_other_channels_follow_the_data():
    t = np.linspace(0, 1, 2000)

    frames, positions = neighbour_traversal(np.stack([t, t**2], axis=1), 0, frames=50, neighbours=5)

    np.testing.assert_allclose(frames[:, 1], positions**2, atol=0.005)


def test_a_tail_keeps_an_outlier_from_claiming_the_frames():
    z = np.concatenate([Z, np.full((1, 5), 1000.0)])

    _, positions = neighbour_traversal(z, 0, tail=1)

    np.testing.assert_allclose(positions[[0, -1]], np.percentile(z[:, 0], [1, 99]))
    assert positions[-1] < 3


def test_fewer_pixels_than_neighbours_are_all_averaged():
    frames, _ = neighbour_traversal(Z[:20], 1, frames=4)

    np.testing.assert_allclose(frames, np.tile(Z[:20].mean(axis=0), (4, 1)))


@pytest.mark.parametrize(("arguments", "message"), [((Z, 5), "`channel`"), ((Z, -1), "`channel`"), ((Z[0], 0), "`ch")])
def test_a_channel_that_is_not_there_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        neighbour_traversal(*arguments)


@pytest.mark.parametrize("tail", [-1, 50])
def test_a_tail_outside_its_range_is_refused(tail):
    with pytest.raises(ValueError, match="between 0 and 50 percent"):
        neighbour_traversal(Z, 0, tail=tail)


def test_the_distance_is_the_smallest_root_mean_square_difference():
    generated = RANDOM.normal(size=(40, 12, 2))

    difference = generated[:, None] - SPECTRA  # (40, 300, 12, 2)

    expected = np.sqrt((difference**2).mean(axis=(2, 3))).min(axis=1)
    np.testing.assert_allclose(nearest_distance(generated, SPECTRA), expected)


def test_a_spectrum_that_exists_has_distance_zero_and_an_offset_its_own_size():
    assert nearest_distance(SPECTRA[:5], SPECTRA) == pytest.approx(np.zeros(5), abs=1e-6)
    assert nearest_distance(np.full((1, 12, 2), 0.3), np.zeros((4, 12, 2))) == pytest.approx([0.3])


def test_the_spacing_of_real_spectra_leaves_each_of_them_out():
    others = [nearest_distance(SPECTRA[[i]], np.delete(SPECTRA, i, axis=0))[0] for i in range(len(SPECTRA))]

    assert spacing(SPECTRA) == pytest.approx(np.median(others))


def test_spectra_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="spectra of 24 values like `real`, but got 22"):
        nearest_distance(SPECTRA[:, :11], SPECTRA)
