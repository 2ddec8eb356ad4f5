"""The schedule of β and its effect on the latent channels."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from remanence.figures.spectra.log_axis import logarithmic
from remanence.figures.style import COLOURS, GREY, few_ticks, hide_inner_ticks, new_figure, wrapped

LEAST_SHOWN_KL = 1e-4  # nat; smaller values are drawn here: such a channel is as good as off, and 0 has no logarithm


def plot_schedule_curves(
    epochs: NDArray[np.int64],
    beta: NDArray[np.float64],
    kl: NDArray[np.float64],
    val_mse: NDArray[np.float64],
    *,
    title: str,
    stages: Sequence[int] = (),
    chosen_epoch: int | None = None,
    least_kl: float = 0.05,
) -> tuple[Figure, list[Axes]]:
    """Draw β, the KL divergence of each latent channel, the number of active units and the error against the epoch.

    Args:
        epochs: numbers of the epochs, shape (epochs,).
        beta: β in each epoch, shape (epochs,).
        kl: mean KL divergence of each channel in nat, shape (epochs, latents).
        val_mse: mean squared error of the validation spectra, shape (epochs,); NaN in epochs without validation.
        title: text above the panels.
        stages: first epoch of each stage, drawn as thin lines.
        chosen_epoch: epoch whose weights were kept; None marks no epoch.
        least_kl: KL divergence above which a channel counts as active.
    """
    figure, axes = new_figure(5.2, 1.25, rows=4)
    by_beta, by_channel, by_number, by_error = axes
    by_beta.plot(epochs, beta, color=COLOURS[0])
    by_beta.set_ylim(bottom=0)
    last = kl[-1] if len(kl) else kl.max(axis=0, initial=0.0)
    for channel in np.argsort(np.nan_to_num(last)):  # active channels are drawn over inactive ones
        active = last[channel] > least_kl
        shown = np.where(kl[:, channel] < LEAST_SHOWN_KL, LEAST_SHOWN_KL, kl[:, channel])
        by_channel.plot(epochs, shown, color=COLOURS[3] if active else GREY, linewidth=1.0 if active else 0.6)
    by_channel.axhline(least_kl, color=COLOURS[1], linestyle="--", linewidth=0.8)
    by_channel.set_yscale("log")
    by_number.step(epochs, (kl > least_kl).sum(axis=1), where="mid", color=COLOURS[4])
    by_number.set_ylim(0, kl.shape[1] + 0.5)
    by_number.yaxis.set_major_locator(few_ticks(integer=True))
    measured = np.isfinite(val_mse)
    by_error.plot(epochs[measured], val_mse[measured], color=COLOURS[0])
    logarithmic(by_error)
    labels = ("β", "KL (nat)", f"channels\nKL > {least_kl:g} nat", "validation\nMSE")
    for ax, label in zip(axes, labels, strict=True):
        ax.sharex(axes[0])
        for stage in stages:
            ax.axvline(stage, color=GREY, linewidth=0.5, alpha=0.5, zorder=0)
        if chosen_epoch is not None:
            ax.axvline(chosen_epoch, color=COLOURS[1], linestyle=":")
        ax.set_ylabel(label)
    if chosen_epoch is not None:
        by_beta.set_title(f"chosen: epoch {chosen_epoch}", loc="right", fontsize="small", color=COLOURS[1])
    by_error.set_xlabel("epoch")
    by_error.xaxis.set_major_locator(few_ticks(integer=True))
    hide_inner_ticks(axes, columns=1)
    figure.align_ylabels(axes)
    figure.suptitle(wrapped(title, inches=figure.get_figwidth() - 0.2))
    return figure, axes
