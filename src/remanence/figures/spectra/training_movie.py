"""A movie of the latent maps in the course of a training run."""

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
) -> Iterator[Frame]:
    """Draw one frame per moment of the training run; all latent channels share one colour scale in all frames.

    Args:
        maps: maps of the latent channels in each frame, shape (frames, latents, rows, columns).
        labels: text of each frame, such as ``epoch 120, β = 0.2``.
        title: text above the maps.
        side: width of the maps in µm, for a scale bar in the first map.

    Yields:
        the picture of each frame, shape (height, width, 3).
    """
    figure, axes, width = new_maps(maps.shape[1], maps.shape[2:], title=title)
    scale = robust_scale(maps)
    images = []
    for number, (ax, values) in enumerate(zip(axes, maps[0], strict=True), start=1):
        images.append(draw_map(ax, values, scale=scale, side=side if number == 1 else None))
        name_map(ax, f"{number}", width=width)
    add_colour_bar(figure, axes, "latent mean")
    heading = figure.suptitle(f"{title}\n{labels[0]}")
    trim(figure)

    def updates() -> Iterator[None]:
        for moment, text in zip(maps, labels, strict=True):
            for image, values in zip(images, moment, strict=True):
                image.set_data(np.ma.masked_invalid(values))
            heading.set_text(f"{title}\n{text}")
            yield

    return frames(figure, [*images, *axes[0].artists, heading], updates())  # redrawn images would cover the scale bar
