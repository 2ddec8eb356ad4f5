"""The figure of the front page, composed from four small runs.

    python docs/figures/front_page.py               # draws it from front_page.json, beside this file
    python docs/figures/front_page.py collect       # reads the runs under REMANENCE_OUTPUTS into front_page.json first

The runs were made, in any order, by these commands; the first one was killed twice, each time after half a minute::

    remanence train -m experiment=piezo/single sweep.name=piezo/front figures=brief baselines=none \
        trainer.max_epochs=240 callbacks.patience=null callbacks.checkpoint_seconds=1 \
        model.lr=1e-3,3e-3,1e-2 model.activation=tanh,relu model.loss=mse,smooth_l1 n_jobs=2 hydra.sweeper.fuse=off
    remanence data simulate beps scan40.h5 data.rows=40 data.cols=40
    remanence train experiment=beps/raw data.path=scan40.h5 model=beta_vae_mlp baselines=none beta_schedule.wanted=5 \
        beta_schedule.refine_epochs=60 trainer.max_epochs=100 seed=0 model.shift=1.0 model.opening=1.0 name=front-scan
    remanence predict run=front-scan input=scan40.h5 output=latents40.h5
    remanence train experiment=nested/perovskite baselines=none figures=brief name=front-perovskite
    remanence train experiment=piezo/knn data.path=knn_d33_train.csv name=front-knn ensemble.folds=2 \
        ensemble.repeats=1 trainer.max_epochs=60 data.split.repeats=1 baselines=none
    remanence suggest run=front-knn n=5 backtest=true seeds=12
"""

import itertools
import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

HERE = Path(__file__).parent
STORED = HERE / "front_page.json"
INK, GREY, PALE, RED, BLUE, GOLD = "#22303a", "#8a97a0", "#dfe5e9", "#d1495b", "#2a6f97", "#edae49"
WAYS = {
    "suggest": (RED, "suggest"),
    "upper bound": (GOLD, "upper bound"),
    "greedy": (BLUE, "best predicted"),
    "random": (GREY, "random"),
}
ERRORS = {"published": 0.150, "published, XGBoost": 0.127, "Gaussian process": 0.111}
"""Mean absolute errors of the band gap over ten folds, eV: published, and the control of experiments/nested."""


def collect() -> dict[str, Any]:
    """Read the four runs and return what the figure needs of them."""
    return {"sweep": _sweep(), "scan": _scan(), "gap": _gap(), "backtest": _backtest()}


def _sweep() -> list[dict[str, Any]]:
    """Return, for each trial, seconds since the first one began and the epoch reached by then."""
    from mlflow import MlflowClient

    import remanence as rm
    from remanence.tracking.address import default_outputs, tracking_uri

    client = MlflowClient(tracking_uri(None, default_outputs()))
    trials = []
    for run in rm.runs("piezo/front")["id"]:
        history = client.get_metric_history(run, "val/loss")
        trials.append([[point.timestamp / 1000, point.step] for point in history])
    first = min(point[0] for trial in trials for point in trial)
    return [
        {"seconds": _short([at - first for at, _ in trial]), "epochs": [step for _, step in trial]} for trial in trials
    ]


def _scan() -> dict[str, Any]:
    """Return maps of what the latents that move spectra found, of what is true, and a loop that was held out."""
    import h5py
    import pandas as pd

    import remanence as rm

    run = rm.load("front-scan")
    with h5py.File("latents40.h5") as file, h5py.File("scan40.h5") as scan:
        latents, shape = file["scan40/latents/latents"][...], file["scan40/valid/valid"].shape
        true = scan["Measurement_000/Channel_000/Ground_Truth/Latent_Factors"][...].reshape(*shape, -1)
        amplitude = np.abs(file["scan40/resonances/amplitude/amplitude"][...]).mean(axis=-1)
        held_out = pd.read_parquet(next(path for path in _tables(run) if path.name == "latents.parquet"))
        tested = held_out[held_out["part"] == "test"]
        pixel = tested.iloc[(tested["mse"] - tested["mse"].median()).abs().argsort().iloc[0]]
        at = int(pixel["row"]), int(pixel["column"])
        loop = {
            "bias": _short(file["axis"][...]),
            "measured": _short(file["scan40/measured_piezoresponse/measured_piezoresponse"][at]),
            "reconstructed": _short(file["scan40/reconstruction_piezoresponse/reconstruction_piezoresponse"][at]),
        }
    return {
        "amplitude": _short(amplitude),
        "opening": _short(latents[:, :, 1]),
        "coercive_bias": _short(true[:, :, 4]),
        "shift": _short(latents[:, :, 0]),
        "imprint": _short(true[:, :, 5]),
        "pixel": at,
        "loop": loop,
    }


def _gap() -> dict[str, Any]:
    import remanence as rm

    run = rm.load("front-perovskite")
    table = run.table("test_predictions_ions")
    return {
        "measured": _short(table["gap"]),
        "predicted": _short(table["gap_predicted"]),
        "low": _short(table["gap_low"]),
        "high": _short(table["gap_high"]),
        "mae": run.metrics["test/ions/mae"],
    }


def _backtest() -> dict[str, Any]:
    import remanence as rm

    table = rm.load("front-knn").table("suggest_backtest")
    return {
        way: {key: _short(of[key]) for key in ("measured", "found", "found_se")} for way, of in table.groupby("way")
    }


def _tables(run: Any) -> list[Path]:
    return list(Path(run.folder).rglob("*.parquet"))


def _short(values: Any) -> Any:
    """Return numbers with four digits, so that the stored file stays small."""
    return [
        _short(value) if np.ndim(value) else (None if not np.isfinite(value) else float(f"{value:.4g}"))
        for value in np.asarray(values, dtype=float)
    ]


def draw_sweep(axes: Axes, trials: list[dict[str, Any]]) -> None:
    """Draw the epoch that each trial had reached against the time; nothing grows where the sweep was dead."""
    ends = sorted(second for trial in trials for second in trial["seconds"])
    dead = [(a, b) for a, b in itertools.pairwise(ends) if b - a > 8]
    last = max(max(trial["epochs"]) for trial in trials)
    for begin, end in dead:
        axes.axvspan(begin, end, ymax=0.999, color=PALE, lw=0)
        axes.plot([begin, begin], [0, last * 1.1], color=RED, lw=1.2, clip_on=False)
        axes.text(begin, last * 1.12, "kill -9", color=RED, ha="center", va="bottom", fontsize=7, family="monospace")
        axes.text(end, last * 1.12, "again", color=INK, ha="center", va="bottom", fontsize=7)
    for trial in trials:
        seconds, epochs = np.array(trial["seconds"]), np.array(trial["epochs"], dtype=float)
        order = np.lexsort((epochs, seconds))
        seconds, epochs = seconds[order], epochs[order]
        killed = any(seconds[0] < begin and seconds[-1] > end for begin, end in dead)
        breaks = np.flatnonzero(np.diff(seconds) > 8) + 1
        parts = list(zip(np.split(seconds, breaks), np.split(epochs, breaks), strict=True))
        for at, reached in parts:
            axes.plot(at, reached, color=BLUE if killed else GREY, lw=1.6 if killed else 0.9, solid_capstyle="round")
        for (at, reached), (then, onwards) in itertools.pairwise(parts):
            axes.plot([at[-1], then[0]], [reached[-1], onwards[0]], color=BLUE, lw=0.9, ls=(0, (1, 1.5)))
            axes.plot([at[-1]], [reached[-1]], "o", color=BLUE, ms=3)
            axes.plot([then[0]], [onwards[0]], "o", mfc="white", mec=BLUE, ms=3)
    axes.set(xlabel="seconds", ylabel="epoch of each trial", ylim=(0, last * 1.1), xlim=(0, max(ends)))
    axes.set_yticks([0, last // 2 + 1, last + 1])


def draw_scan(axes: list[Axes], scan: dict[str, Any]) -> None:
    """Draw three maps, the pixel of the loop marked, and beside them the loop, measured and reconstructed."""
    maps = (
        ("amplitude", "measured", "amplitude", "bone"),
        ("opening", "found", "opening (V)", "RdYlBu_r"),
        ("coercive_bias", "true", "coercive bias (V)", "RdYlBu_r"),
    )
    row, column = scan["pixel"]
    for panel, (key, title, label, colours) in zip(axes[:3], maps, strict=True):
        values = np.array(scan[key], dtype=float)
        low, high = np.nanquantile(values, [0.02, 0.98])
        image = panel.imshow(values, cmap=colours, vmin=low, vmax=high, interpolation="nearest", aspect="auto")
        panel.set_title(title, fontsize=8, color=INK, pad=4)
        panel.set(xticks=[], yticks=[])
        panel.plot(column, row, "s", mfc="none", mec="white" if key == "amplitude" else INK, ms=6, mew=1.2)
        bar = panel.figure.colorbar(image, cax=panel.inset_axes((0, -0.09, 1, 0.045)), orientation="horizontal")
        bar.set_ticks([] if key == "amplitude" else [round(low + 0.1, 1), round(high - 0.1, 1)])
        bar.set_label(label, fontsize=7, labelpad=1 if key == "amplitude" else -5)
        bar.ax.tick_params(length=0, labelsize=6.5)
        bar.outline.set_visible(False)
        for spine in panel.spines.values():
            spine.set_visible(False)
    loop = scan["loop"]
    bias, measured, reconstructed = (
        np.append(loop[key], loop[key][0]) for key in ("bias", "measured", "reconstructed")
    )
    axes[3].plot(bias, measured, "o", color=GREY, ms=2.4, mew=0)
    axes[3].plot(bias, reconstructed, color=RED, lw=1.6)
    axes[3].set(xlabel="bias (V)", yticks=[])
    axes[3].set_title("loop of the marked pixel", fontsize=8, color=INK, pad=4)
    axes[3].text(0.53, 0.57, "measured", color=GREY, fontsize=6.5, ha="center", transform=axes[3].transAxes)
    axes[3].text(0.53, 0.46, "five latents", color=RED, fontsize=6.5, ha="center", transform=axes[3].transAxes)


def draw_gap(axes: Axes, gap: dict[str, Any]) -> None:
    """Draw predicted against computed band gaps with intervals, and below the errors beside the published ones."""
    measured, predicted = np.array(gap["measured"]), np.array(gap["predicted"])
    span = [0, max(measured.max(), predicted.max()) * 1.03]
    axes.plot(span, span, color=GREY, lw=0.8)
    axes.vlines(measured, gap["low"], gap["high"], color=BLUE, alpha=0.18, lw=1)
    axes.plot(measured, predicted, "o", color=BLUE, ms=2.6, mew=0, alpha=0.75)
    axes.set(xlabel="PBE gap (eV)", ylabel="predicted, held out (eV)", xlim=span, ylim=span)
    inset = axes.inset_axes((0.52, 0.03, 0.50, 0.33))
    errors = {**ERRORS, "this run": gap["mae"]}
    inset.barh(range(len(errors)), list(errors.values()), color=[*[GREY] * len(ERRORS), RED], height=0.72)
    for place, (name, value) in enumerate(errors.items()):
        inset.text(0.004, place, name, va="center", fontsize=6, color="white")
        inset.text(value + 0.003, place, f"{value:.3f}", va="center", fontsize=6.5, color=INK)
    inset.set(xticks=[], yticks=[], xlim=(0, 0.18))
    inset.invert_yaxis()
    inset.set_title("mean absolute error (eV)", fontsize=6.5, color=INK, loc="left", pad=2)
    inset.patch.set_alpha(0.0)
    for spine in inset.spines.values():
        spine.set_visible(False)


def draw_backtest(axes: Axes, ways: dict[str, Any]) -> None:
    """Draw how many of the ten best materials each way of choosing has found, with a band of one standard error."""
    for way, (colour, name) in WAYS.items():
        measured, found, se = (np.array(ways[way][key]) for key in ("measured", "found", "found_se"))
        axes.fill_between(measured, found - se, found + se, color=colour, alpha=0.16, lw=0)
        axes.plot(measured, found, color=colour, lw=2 if way == "suggest" else 1.3)
        axes.text(measured[-1] + 0.5, found[-1], name, color=colour, va="center", fontsize=7)
    axes.set(xlabel="experiments made", ylabel="of the ten best, found", ylim=(0, 9), xlim=(10, 40))
    axes.set_xticks([10, 20, 30, 40])


def compose(stored: dict[str, Any]) -> Figure:
    """Return the whole figure."""
    figure = plt.figure(figsize=(9.6, 5.5))
    above = figure.add_gridspec(1, 1, left=0.058, right=0.352, top=0.9, bottom=0.635)
    upper = figure.add_gridspec(
        1, 4, left=0.405, right=0.985, top=0.9, bottom=0.635, width_ratios=(1, 1, 1, 1.1), wspace=0.1
    )
    lower = figure.add_gridspec(
        1, 2, left=0.058, right=0.905, top=0.435, bottom=0.09, width_ratios=(1, 1.42), wspace=0.19
    )
    draw_sweep(figure.add_subplot(above[0]), stored["sweep"])
    draw_scan([figure.add_subplot(upper[column]) for column in range(4)], stored["scan"])
    draw_gap(figure.add_subplot(lower[0]), stored["gap"])
    draw_backtest(figure.add_subplot(lower[1]), stored["backtest"])
    heads = {
        (0.012, 0.975): ("a", "a killed sweep goes on"),
        (0.387, 0.975): ("b", "a simulated raw scan, and what was found in it without labels"),
        (0.012, 0.495): ("c", "band gaps, against the published errors"),
        (0.425, 0.495): ("d", "what to measure next, on a published table"),
    }
    for (x, y), (letter, text) in heads.items():
        figure.text(x, y, letter, fontsize=11, weight="bold", color=INK, va="center")
        figure.text(x + 0.018, y, text, fontsize=9, color=INK, va="center")
    return figure


def main() -> None:
    """Collect if asked, draw and save both figures."""
    if "collect" in sys.argv[1:]:
        STORED.write_text(json.dumps(collect()) + "\n", encoding="utf-8")
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    style = {
        "font.size": 7.5,
        "axes.edgecolor": GREY,
        "axes.labelcolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.8,
    }
    with mpl.rc_context(style):
        compose(stored).savefig(HERE / "front_page.png", dpi=200)
        figure, axes = plt.subplots(figsize=(7, 2.9), layout="constrained")
        draw_sweep(axes, stored["sweep"])
        figure.savefig(HERE / "killed_sweep.png", dpi=160)


if __name__ == "__main__":
    main()
