"""A chain against one autoencoder of all inputs, on 50, 200 and 1000 samples of the synthetic scales.

    python experiments/nested/learning_curve.py draws=3

Further arguments are overrides of the runs. Writes figures/learning_curve_<noise>.png beside this file (``figures=``
names another folder) and prints the errors of the middle and the coarse scale, and the p of their difference in each
draw: a t test over folds, corrected for the rows that folds share. Runs that exist are not trained again.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

import remanence as rm
from remanence.configuration.arguments import split
from remanence.figures.nested.learning_curve import plot_learning_curve
from remanence.figures.style_sheet import styled

ROWS = (50, 200, 1000)
STEPS = 16  # an epoch has about as many whatever the rows: of fifty in one step a network learns little in 400 epochs
NOISE = {"smooth": 0.1, "noisy": 1.0}
SCALES = ("middle", "coarse")
MODELS = {"chain": "this run", "single autoencoder": "single_autoencoder"}
KINDS = {"mean": "pooled_mae", "median": "median_error"}


def measured(rows: int, noise: float, draws: int, overrides: list[str]) -> list[dict[tuple[str, str, str], float]]:
    """Return for each draw the errors of (scale, kind, model) on held-out rows, and p as (scale, "p", "")."""
    fixed = [f"data.rows={rows}", f"data.noise={noise}", f"data.batch_size={rows // STEPS}", "figures=brief"]
    fixed += ["baselines=single_autoencoder", *overrides]
    found = rm.sweep("nested/synthetic", {"seed": list(range(draws))}, *fixed)
    trials = found.trials.sort_values("seed")
    tables = [found.tracked(run).table("models").set_index("metric") for run in trials["run"]]
    errors = []
    for table in tables:
        own = {
            (scale, kind, model): float(table.at[f"test/{scale}/{metric}", column])
            for scale in SCALES
            for kind, metric in KINDS.items()
            for model, column in MODELS.items()
        }
        errors.append(own | {(scale, "p", ""): float(table.at[f"{scale}/p", "single_autoencoder"]) for scale in SCALES})
    return errors


def main(arguments: list[str]) -> None:
    """Train, print and draw."""
    own = {"draws": "3", "figures": str(Path(__file__).parent / "figures")}
    own |= {key: str(value) for key, value in map(split, arguments) if key in own}
    overrides = [argument for argument in arguments if split(argument)[0] not in own]
    for name, noise in NOISE.items():
        drawn = {rows: measured(rows, noise, int(own["draws"]), overrides) for rows in ROWS}
        table = pd.DataFrame({(rows, draw): each for rows, found in drawn.items() for draw, each in enumerate(found)}).T
        print(f"\n{name}: noise {noise:g}, absolute errors, mean over {own['draws']} draws; p of each draw")
        for scale in SCALES:
            for kind in KINDS:
                means = table[scale][kind].groupby(level=0).mean()
                better = (table[scale, kind, "chain"] < table[scale, kind, "single autoencoder"]).groupby(level=0).sum()
                for rows in ROWS:
                    chain, single = means.loc[rows, list(MODELS)]
                    print(f"{scale}, {kind}, {rows} rows: {chain:.4g} ({single:.4g}), better in {better[rows]} draws")
            for rows in ROWS:
                print(f"{scale}, {rows} rows: p " + ", ".join(f"{p:.3f}" for p in table[scale, "p", ""].loc[rows]))
        curves = {
            model: np.array([[each["coarse", "median", model] for each in drawn[rows]] for rows in ROWS])
            for model in MODELS
        }
        title = f"coarse scale, {name} (synthetic data)"
        with styled():
            figure, _ = plot_learning_curve(np.array(ROWS), curves, label="median error of coarse.y", title=title)
            figure.savefig(Path(own["figures"]) / f"learning_curve_{name}.png")


if __name__ == "__main__":
    main(sys.argv[1:])
