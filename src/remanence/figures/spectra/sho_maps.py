"""Maps of the parameters of the fitted oscillators at one bias step."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.maps import add_colour_bar, draw_map, new_maps, robust_scale, trim
from remanence.figures.spectra.curves import channels_of, in_lines

PHASE = "twilight"  # a cyclic colour map: −π and π have the same colour


def plot_sho_maps(
    amplitude: NDArray[np.float64],
    phase: NDArray[np.float64],
    resonance: NDArray[np.float64],
    quality: NDArray[np.float64],
    *,
    title: str,
    amplitude_label: str = "amplitude (arb. units)",
    side: float | None = None,
) -> tuple[Figure, list[Axes]]:
    """Draw amplitude, phase, resonance frequency and quality factor as maps, each on its own scale.

    Args:
        amplitude: amplitude of each pixel, shape (rows, columns); pixels that are not finite, such as those of bad
            fits, are grey.
        phase: phase of each pixel in rad, shape (rows, columns).
        resonance: resonance frequency of each pixel in kHz, shape (rows, columns).
        quality: quality factor of each pixel, shape (rows, columns).
        title: text above the maps, which names the step and its bias.
        amplitude_label: name and unit of the amplitude.
        side: width of the maps in µm, for a scale bar in the first map.
    """
    labels = [amplitude_label, "phase (rad)", "resonance frequency (kHz)", "quality factor"]
    maps = np.stack([amplitude, phase, resonance, quality], axis=-1)
    figure, axes, _ = new_maps(4, amplitude.shape, title=title, most_columns=2)
    for place, (ax, channel) in enumerate(zip(axes, channels_of(labels, maps), strict=True)):
        values = maps[..., place] * channel.factor
        cyclic = labels[place] == "phase (rad)"
        scale = Normalize(-np.pi, np.pi) if cyclic else robust_scale(values)
        draw_map(ax, values, scale=scale, side=side if place == 0 else None, **({"colours": PHASE} if cyclic else {}))
        bar = add_colour_bar(figure, [ax], in_lines(channel.label, inches=1.6))
        if cyclic:
            bar.set_yticks([-np.pi, 0, np.pi], ["−π", "0", "π"])
    trim(figure)
    return figure, axes
