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
            picture = _on_white(opened)
        picture.thumbnail((width, picture.height), Image.Resampling.LANCZOS, reducing_gap=2.0)
        written = io.BytesIO()
        picture.save(written, "WEBP", quality=QUALITY, method=2)
        return written.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data or (picture.mode == "RGBA" and picture.getchannel("A").getextrema()[0] == 255):
        return picture.convert("RGB")
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture.convert("RGBA"))
    return paper.convert("RGB")
