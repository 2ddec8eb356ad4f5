"""Table 1 of the paper from tracked runs: what it says in words, in numbers.

    remanence train experiment=beps/toy
    remanence train -m experiment=beps/toy sweep=beps/beta_vae
    remanence train -m experiment=beps/toy sweep=beps/dictionary_learning model.n_components=3
    python experiments/beps/table_1.py

Prints the table as Markdown and writes the sensitivity to hyperparameters as ``sensitivity.png``.
"""

import sys
from pathlib import Path

import numpy as np
from mlflow.entities import Run

from remanence.figures.spectra.sensitivity import Sweep, plot_sensitivity
from remanence.figures.style_sheet import styled
from remanence.tracking.address import default_outputs, tracking_uri
from remanence.tracking.database import connect
from remanence.tracking.search import tracked_runs

FIGURE = Path(__file__).parent / "figures" / "sensitivity.png"
SWEPT = {
    "BetaVAE": ("β-VAE", "model.lr", "learning rate"),
    "DictionaryLearning": ("dictionary learning", "model.alpha", "λ"),
}
ROWS = {
    "reconstruction (MSE by the mean latent)": "test/mse",
    "non-linear: R² of the colours by lines": "linear_r2",
    "non-linear: R² of the colours by neighbours": "knn_r2",
    "generated spectra: distance to the nearest true one, in spacings": "test/physics/generated/single/spacings",
    "training time (s)": "fit_seconds",
    "inference time, all pixels (s)": "inference_seconds",
}


def main() -> None:
    client = connect(tracking_uri(None, default_outputs()))
    runs = [run for run in tracked_runs(client, "beps/toy") if run.info.status == "FINISHED"]
    alone = [
        run for run in runs if "remanence.sweep" not in run.data.tags and "baseline/pca/test/mse" in run.data.metrics
    ]
    if not alone:
        sys.exit("no finished run of experiment=beps/toy; see the commands at the top of this file")
    newest = alone[-1].data.metrics
    columns = {"β-VAE": "", "dictionary learning": "baseline/dictionary_learning/", "PCA": "baseline/pca/"}
    print(f"| | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}")
    for label, key in ROWS.items():
        print(f"| {label} | {' | '.join(cell(newest, prefix, key) for prefix in columns.values())} |")
    print("| ordinal: knows the order of the steps | yes (recurrent) | no | no |")
    swept = [run for run in runs if "remanence.sweep" in run.data.tags]
    print(f"| sensitivity: worst over best error of a sweep | {sensitivity(swept)} | |")


def cell(metrics: dict[str, float], prefix: str, key: str) -> str:
    """Return a metric of one model; an R² is the mean over the three colours."""
    if key.endswith("r2"):
        return f"{np.mean([metrics[f'{prefix}test/{key}/{colour}'] for colour in 'RGB']):.3f}"
    return f"{metrics[prefix + key]:.3g}"


def sensitivity(runs: list[Run]) -> str:
    """Draw the errors over the hyperparameters; return the ratios of the worst to the best."""
    sweeps, ratios = {}, []
    for kind, (name, key, label) in SWEPT.items():
        own = [run for run in runs if run.data.tags["remanence.model"] == kind]
        if not own:
            ratios.append("not swept")
            continue
        mse = np.array([run.data.metrics["test/mse"] for run in own])
        sweeps[name] = Sweep(label, np.array([float(run.data.params[key]) for run in own]), mse)
        ratios.append(f"{mse.max() / mse.min():.2g} ({len(own)} runs)")
    if sweeps:
        with styled():
            figure, _ = plot_sensitivity(sweeps, title="toy problem (synthetic data)")
            figure.savefig(FIGURE)
    return " | ".join(ratios)


if __name__ == "__main__":
    main()
