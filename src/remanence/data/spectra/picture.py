"""A picture as colours between 0 and 1."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from remanence.data.table import Source
from remanence.data.table_file import digest_of
from remanence.errors import DataError


def read_picture(path: str | None, size: int) -> tuple[NDArray[np.float64], Source]:
    """Return a picture, shape (rows, columns, 3), and where it came from.

    Args:
        path: of any picture that Pillow reads; None takes ``flower.jpg`` of scikit-learn.
        size: longer side to which it is reduced, pixels; it is never enlarged.

    Raises:
        DataError: if there is no picture at ``path``.
    """
    from PIL import Image, UnidentifiedImageError

    if path is None:
        from sklearn.datasets import load_sample_image

        flower = load_sample_image("flower.jpg")
        picture = Image.fromarray(flower)
        source = Source("flower.jpg", "scikit-learn", hashlib.sha256(flower.tobytes()).hexdigest(), "published")
    else:
        try:
            picture = Image.open(path).convert("RGB")
        except FileNotFoundError:
            raise DataError(f"data.image: no file '{path}'") from None
        except (UnidentifiedImageError, OSError) as error:
            raise DataError(f"data.image: '{path}' is not a picture that can be read ({type(error).__name__})") from None
        source = Source(Path(path).name, str(Path(path).absolute()), digest_of(Path(path)), "local")
    picture.thumbnail((size, size))
    return np.asarray(picture, dtype=np.float64) / 255, source
