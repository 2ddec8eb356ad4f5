"""A movie of the maps through a training."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from remanence.figures.maps import add_colour_bar, draw_map, name_map, new_maps, robust_scale, trim
from remanence.figures.spectra.frames import Frame, frames


def training_frames(
    maps: NDArray[np.float64],
    labels: Sequence[str],
    *,
    title: str,
    side: float | None = None,
    label: str = "latent mean",
) -> Iterator[Frame]:
    """Draw one frame per moment of the training: all latent channels on one colour scale, the same in all frames.

    Args:
        maps: shape (frames, latents, rows, columns).
        labels: what is told of each frame, such as ``epoch 120, β = 0.2``.
        title: above the maps.
        side: width of the maps in µm, for a scale bar in the first.
        label: of the colours.

    Yields:
        a picture, shape (height, width, 3).
    """
    figure, axes, width = new_maps(maps.shape[1], maps.shape[2:], title=title)
    scale = robust_scale(maps)
    images = []
    for number, (ax, values) in enumerate(zip(axes, maps[0], strict=True), start=1):
        images.append(draw_map(ax, values, scale=scale, side=side if number == 1 else None))
        name_map(ax, f"{number}", width=width)
    add_colour_bar(figure, axes, label)
    heading = figure.suptitle(f"{title}\n{labels[0]}", fontsize=9)
    trim(figure)

    def updates() -> Iterator[None]:
        for moment, text in zip(maps, labels, strict=True):
            for image, values in zip(images, moment, strict=True):
                image.set_data(np.ma.masked_invalid(values))
            heading.set_text(f"{title}\n{text}")
            yield

    return frames(figure, [*images, *axes[0].artists, heading], updates())  # the images cover the scale bar
