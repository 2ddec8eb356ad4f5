import numpy as np
from matplotlib.image import imread
from PIL import Image

from remanence.tracking.png import png

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 7, 4), dtype=np.uint8)


def test_a_picture_is_read_back_pixel_by_pixel(tmp_path):
    (tmp_path / "picture.png").write_bytes(png(PIXELS, dpi=300, texts={}))

    assert np.array_equal(np.asarray(Image.open(tmp_path / "picture.png")), PIXELS)
    assert np.array_equal(imread(tmp_path / "picture.png"), PIXELS.astype(np.float32) / 255)


def test_resolution_and_texts_are_those_of_matplotlib(tmp_path):
    Image.fromarray(PIXELS).save(tmp_path / "pillow.png", dpi=(300, 300))
    (tmp_path / "picture.png").write_bytes(png(PIXELS, dpi=300, texts={"Software": "Matplotlib"}))

    with Image.open(tmp_path / "picture.png") as ours, Image.open(tmp_path / "pillow.png") as pillow:
        ours.load()  # compares the check sums
        assert ours.info == {**pillow.info, "Software": "Matplotlib"}


def test_lines_on_white_paper_take_no_more_bytes_than_with_filters(tmp_path):
    drawing = np.full((300, 400, 4), 255, dtype=np.uint8)
    drawing[np.arange(300), np.arange(300) + 40, :3] = 90
    drawing[::60, 40:, :3] = 0
    Image.fromarray(drawing).save(tmp_path / "pillow.png", compress_level=1)

    assert len(png(drawing, dpi=300, texts={})) < (tmp_path / "pillow.png").stat().st_size
