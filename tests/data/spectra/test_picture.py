from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image

from remanence.data.spectra.picture import read_picture
from remanence.data.table_file import digest_of
from remanence.errors import DataError

COLOURS = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)


@pytest.fixture
def saved(tmp_path):
    """Write an array as a picture and return its path."""

    def save(array, name="picture.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(array).save(path)
        return str(path)

    return save


def message(path):
    with pytest.raises(DataError) as caught:
        read_picture(str(path), 50)
    text = str(caught.value)
    assert len(text.splitlines()) == 1
    assert text.startswith("data.image: ")
    assert str(path) in text
    return text


def test_colours_are_between_0_and_1(saved):
    picture, source = read_picture(path := saved(COLOURS), 50)

    np.testing.assert_array_equal(picture, COLOURS / 255)
    assert (source.name, source.location, source.kind) == ("picture.png", path, "local")
    assert source.digest == digest_of(path)


def test_without_a_path_it_is_the_flower():
    picture, source = read_picture(None, 40)

    assert picture.shape == (27, 40, 3)
    assert 0 <= picture.min() < picture.max() <= 1
    assert (source.name, source.kind) == ("flower.jpg", "published")
    assert source.digest == read_picture(None, 10)[1].digest


def test_the_pictures_of_scikit_learn_are_known_by_name():
    flower, china = (read_picture(name, 40) for name in ("flower.jpg", "china.jpg"))

    np.testing.assert_array_equal(flower[0], read_picture(None, 40)[0])
    assert flower[1] == read_picture(None, 40)[1]
    np.testing.assert_allclose(
        china[0].mean(axis=(0, 1)), load_sample_image("china.jpg").mean(axis=(0, 1)) / 255, atol=0.01
    )
    assert (china[1].name, china[1].location, china[1].kind) == ("china.jpg", "scikit-learn", "published")


def test_a_file_of_that_name_comes_first(saved, tmp_path, monkeypatch):
    saved(COLOURS, "china.png")
    (tmp_path / "china.png").rename(tmp_path / "china.jpg")
    monkeypatch.chdir(tmp_path)

    np.testing.assert_array_equal(read_picture("china.jpg", 50)[0], COLOURS / 255)


@pytest.mark.parametrize(("size", "shape"), [(3, (2, 3)), (1, (1, 1)), (100, (6, 9))])
def test_the_longer_side_is_reduced_never_enlarged(saved, size, shape):
    assert read_picture(saved(COLOURS), size)[0].shape == (*shape, 3)


def test_grey_has_three_equal_channels(saved):
    picture, _ = read_picture(saved(COLOURS[..., 0]), 50)

    for channel in range(3):
        np.testing.assert_array_equal(picture[..., channel], COLOURS[..., 0] / 255)


def test_transparency_is_ignored(saved):
    transparent = np.dstack([COLOURS, np.full(COLOURS.shape[:2], 7, dtype=np.uint8)])

    np.testing.assert_array_equal(read_picture(saved(transparent), 50)[0], COLOURS / 255)


@pytest.mark.parametrize(("dtype", "name"), [(np.uint16, "deep.png"), (np.uint16, "deep.tif"), (np.float32, "map.tif")])
def test_deep_greys_are_stretched_from_black_to_white(saved, dtype, name):
    heights = np.linspace(1000, 60_000, 256).astype(dtype).reshape(16, 16)

    picture, _ = read_picture(saved(heights, name), 50)

    np.testing.assert_allclose(picture[..., 0].ravel(), np.linspace(0, 1, 256), atol=1 / 255)


def test_a_deep_grey_of_one_value_is_black(saved):
    assert (read_picture(saved(np.full((4, 4), 9000, dtype=np.uint16)), 50)[0] == 0).all()


@pytest.mark.parametrize("name", ["Größe und Maß.png", "a = b, (c).png", "with spaces/it's.png", "日本.png"])
def test_odd_names_are_read(saved, name):
    picture, source = read_picture(saved(COLOURS, name), 50)

    np.testing.assert_array_equal(picture, COLOURS / 255)
    assert source.name == name.rpartition("/")[2]


def test_a_missing_picture_is_one_line(tmp_path):
    assert message(tmp_path / "none.png").endswith("none.png'; without a file there are flower.jpg and china.jpg")


def test_a_folder_is_one_line(tmp_path):
    assert "no file" in message(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\nbroken", b"\xff\xd8\xff\xe0"])
def test_what_is_no_picture_is_one_line(tmp_path, content):
    path = tmp_path / "picture.png"
    path.write_bytes(content)

    assert "cannot be read as a picture" in message(path)


def test_a_truncated_picture_is_one_line(saved, tmp_path):
    whole = Path(saved(np.repeat(COLOURS, 50, axis=0))).read_bytes()
    path = tmp_path / "half.png"
    path.write_bytes(whole[: len(whole) // 2])

    assert "cannot be read as a picture" in message(path)


def test_a_picture_too_large_for_the_memory_is_one_line(saved, monkeypatch):
    path = saved(COLOURS)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)

    assert "DecompressionBombError" in message(path)
