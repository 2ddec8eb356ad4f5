from itertools import pairwise

import imageio.v2 as imageio
import numpy as np
import pytest

from remanence.figures.spectra.movie import write_movie
from remanence.figures.spectra.training_movie import training_frames
from remanence.figures.spectra.traversal_movie import traversal_frames

pytestmark = [
    pytest.mark.filterwarnings("error"),
    # The reader that the tests use leaves its pipes to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def moving_square(number, shape=(40, 60)):
    for place in range(number):
        frame = np.full((*shape, 3), 255, dtype=np.uint8)
        frame[10:30, 3 * place : 3 * place + 15] = [200, 30, 60]
        yield frame


def traversal(frames=4, channels=2, latent_map=None):
    random = np.random.default_rng(0)
    return traversal_frames(
        random.normal(size=(8, 8)) if latent_map is None else latent_map,
        np.linspace(-1, 1, frames),
        random.normal(size=(frames, 10, channels)),
        latent="latent 1",
        axis=np.linspace(-10, 10, 10),
        axis_label="DC bias (V)",
        channels=["piezoresponse (arb. units)", "resonance frequency (kHz)"][:channels],
        title="β-VAE",
        side=2.0,
        neighbours=5,
    )


@pytest.mark.parametrize("ending", ["mp4", "gif"])
def test_every_frame_is_read_back_as_it_was(tmp_path, ending):
    path = tmp_path / f"movie.{ending}"

    write_movie(moving_square(9), path, fps=10)

    frames = imageio.mimread(path)
    assert len(frames) == 9
    for frame, original in zip(frames, moving_square(9), strict=True):
        assert np.abs(frame[..., :3].astype(int) - original).mean() < 4
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_an_mp4_plays_everywhere(tmp_path):
    write_movie(moving_square(6), tmp_path / "movie.mp4", fps=12)

    with imageio.get_reader(tmp_path / "movie.mp4") as reader:
        about = reader.get_meta_data()
    assert about["codec"] == "h264"
    assert about["pix_fmt"].startswith("yuv420p")
    assert (about["fps"], about["duration"]) == (12.0, 0.5)


def test_odd_sizes_become_even(tmp_path):
    write_movie(moving_square(3, (41, 63)), tmp_path / "movie.mp4", fps=10)

    assert imageio.mimread(tmp_path / "movie.mp4")[0].shape == (42, 64, 3)


def test_one_frame_is_a_movie(tmp_path):
    write_movie(moving_square(1), tmp_path / "movie.mp4", fps=10)

    assert len(imageio.mimread(tmp_path / "movie.mp4")) == 1


def test_a_movie_without_frames_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one frame"):
        write_movie([], tmp_path / "movie.gif", fps=10)

    assert not list(tmp_path.iterdir())


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"\.mp4 or \.gif, but got movie\.avi"):
        write_movie(moving_square(1), tmp_path / "movie.avi", fps=10)


@pytest.mark.parametrize("ending", ["mp4", "gif"])
def test_an_interrupted_movie_leaves_the_old_one(tmp_path, ending):
    path = tmp_path / f"movie.{ending}"
    write_movie(moving_square(2), path, fps=10)
    before = path.read_bytes()

    def failing():
        yield from moving_square(3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_movie(failing(), path, fps=10)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_frames_of_another_size_are_refused(tmp_path):
    frames = [*moving_square(2), *moving_square(1, (50, 60))]

    with pytest.raises(ValueError, match=r"shape \(40, 60, 3\)"):
        write_movie(frames, tmp_path / "movie.mp4", fps=10)

    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_missing_is_told_in_one_line(tmp_path):
    with pytest.raises(OSError, match=r"missing/movie\.mp4") as error:
        write_movie(moving_square(2), tmp_path / "missing" / "movie.mp4", fps=10)

    assert "\n" not in str(error.value)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_traversal_has_a_frame_per_position(channels):
    frames = list(traversal(channels=channels))

    assert len(frames) == 4
    assert {frame.dtype for frame in frames} == {np.dtype(np.uint8)}
    assert len({frame.shape for frame in frames}) == 1
    assert all((one != other).any() for one, other in pairwise(frames))


def test_frames_of_several_latents_make_one_movie(tmp_path):
    frames = [*traversal(2), *traversal(2, latent_map=np.arange(32.0).reshape(4, 8))]

    write_movie(frames, tmp_path / "movie.mp4", fps=5)

    assert len(imageio.mimread(tmp_path / "movie.mp4")) == 4


def test_a_traversal_over_missing_pixels_is_drawn():
    latent_map = np.full((6, 6), np.nan)
    latent_map[0, 0] = 0.3

    assert len(list(traversal(2, latent_map=latent_map))) == 2


@pytest.mark.parametrize("latents", [1, 16])
def test_a_training_has_a_frame_per_moment(latents):
    maps = np.random.default_rng(0).normal(size=(3, latents, 6, 9))
    maps[1, 0, 2, 2] = np.nan

    frames = list(training_frames(maps, [f"epoch {k}" for k in range(3)], title="β-VAE", side=2.0))

    assert len(frames) == 3
    assert frames[0].ndim == 3
    assert (frames[0] != frames[2]).any()


def test_the_scale_bar_stays_above_the_changing_map():
    maps = np.zeros((2, 1, 60, 60))
    plain, barred = (next(training_frames(maps, ["a", "b"], title="β-VAE", side=side)) for side in (None, 2.0))

    assert (plain.shape != barred.shape) or (plain != barred).any()


def test_maps_without_change_are_drawn():
    first, second = training_frames(np.ones((2, 3, 4, 4)), ["same", "same"], title="β-VAE")

    np.testing.assert_array_equal(first, second)
