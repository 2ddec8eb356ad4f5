"""A figure made small enough that many of them stand on one page."""

import io
from pathlib import Path

from PIL import Image

QUALITY = 75
"""Of WebP: below it, thin lines and small type show rings."""
MOST_PIXELS = 40_000_000
"""Most pixels of a figure that is read; the largest of ours have six million."""


def thumbnail(path: Path, width: int) -> bytes | None:
    """Return a PNG as a WebP at most ``width`` pixels wide; None if the file is no such picture.

    The file may be of somebody else: it is read as a PNG and as nothing else, and one that would unfold to far more
    pixels than any figure has is refused by Pillow.

    Args:
        path: the figure.
        width: largest width in pixels; a smaller figure keeps its size.
    """
    try:
        with Image.open(path, formats=["PNG"]) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                return None
            picture = opened.convert("RGBA")
        picture.thumbnail((width, picture.height), Image.Resampling.LANCZOS, reducing_gap=2.0)
        paper = Image.new("RGBA", picture.size, "white")
        paper.alpha_composite(picture)
        written = io.BytesIO()
        paper.convert("RGB").save(written, "WEBP", quality=QUALITY, method=2)
        return written.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
