"""Reading of a picture as colours between 0 and 1."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from remanence.data.source import Source
from remanence.errors import DataError
from remanence.foundation.constraints import SAMPLE_PICTURES


def read_picture(path: str | None, size: int) -> tuple[NDArray[np.float64], Source]:
    """Return a picture, shape (rows, columns, 3), and its source.

    Args:
        path: path of any picture that Pillow reads, or, where there is no such file, ``flower.jpg`` or ``china.jpg`` of
            scikit-learn; None takes the former. A grey picture of more than 8 bits, such as a map of heights, is
            stretched from black to white. Transparency is ignored.
        size: longer side, in pixels, that a larger picture is reduced to; a smaller picture is not enlarged.

    Raises:
        DataError: if there is no picture at ``path``.
    """
    if path is None or (path in SAMPLE_PICTURES and not Path(path).exists()):
        from sklearn.datasets import load_sample_image

        name = path or SAMPLE_PICTURES[0]
        sample = load_sample_image(name)
        picture = Image.fromarray(sample)
        source = Source(name, "scikit-learn", hashlib.sha256(sample.tobytes()).hexdigest(), "published")
    else:
        if not Path(path).is_file():
            raise DataError(f"data.image: no file '{path}'; without a file there are {' and '.join(SAMPLE_PICTURES)}")
        try:
            with Image.open(path) as opened:
                picture = _stretched(opened) if opened.mode[0] in "IF" else opened.convert("RGB")
        except Exception as error:  # each of Pillow's readers has its own exceptions
            raise DataError(f"data.image: '{path}' cannot be read as a picture ({type(error).__name__})") from error
        source = Source.of_file(Path(path))
    picture.thumbnail((size, size))
    return np.asarray(picture, dtype=np.float64) / 255, source


def _stretched(opened: Image.Image) -> Image.Image:
    """Return a grey picture of more than 8 bits as colours; Pillow itself would clip its values at 255."""
    grey = np.asarray(opened, dtype=np.float64)
    span = np.ptp(grey) or 1.0
    return Image.fromarray(np.uint8(255 * (grey - grey.min()) / span)).convert("RGB")
