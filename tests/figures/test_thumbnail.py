import io

import pytest
from PIL import Image

from remanence.figures import thumbnail as module
from remanence.figures.thumbnail import thumbnail


@pytest.fixture
def png(tmp_path):
    def write(size=(960, 480), colour=(255, 0, 0, 255), name="a.png"):
        path = tmp_path / name
        Image.new("RGBA", size, colour).save(path)
        return path

    return write


def opened(data):
    return Image.open(io.BytesIO(data))


def test_a_figure_is_made_narrower_and_keeps_its_shape(png):
    picture = opened(thumbnail(png(), 240))

    assert picture.format == "WEBP"
    assert picture.size == (240, 120)


def test_a_small_figure_keeps_its_size(png):
    assert opened(thumbnail(png((100, 300)), 240)).size == (100, 300)


def test_what_is_transparent_is_white(png):
    assert opened(thumbnail(png(colour=(0, 0, 0, 0)), 240)).convert("RGB").getpixel((9, 9)) == (255, 255, 255)


def test_what_is_no_png_is_left_out(tmp_path, png, monkeypatch):
    text, other = tmp_path / "text.png", tmp_path / "other.png"
    text.write_text("<svg onload='alert(1)'>")
    Image.new("RGB", (9, 9)).save(other, "GIF")
    cut = png(name="cut.png")
    cut.write_bytes(cut.read_bytes()[:60])

    assert [thumbnail(path, 240) for path in (text, other, cut, tmp_path / "gone.png")] == [None] * 4
    monkeypatch.setattr(module, "MOST_PIXELS", 100)
    assert thumbnail(png(), 240) is None
