"""A chain against one autoencoder of all inputs, on 50, 200 and 1000 samples of the synthetic scales.

    python experiments/nested/learning_curve.py [draws]

Writes figures/learning_curve_<noise>.png beside this file and prints the errors of the middle and the coarse scale.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from remanence.configuration.build import build
from remanence.configuration.compose import compose
from remanence.figures.nested.learning_curve import plot_learning_curve
from remanence.foundation.threads import one_thread
from remanence.studies.chain.fit import fit_chain
from remanence.studies.kinds import checked
from remanence.training.fitted import held_out
from remanence.training.stacked_fit import Schedule
from remanence.training.stacked_trainer import StackedTrainer

ROWS = (50, 200, 1000)
STEPS = 16  # an epoch has about as many whatever the rows: of fifty in one step a network learns little in 400 epochs
NOISE = {"smooth": 0.1, "noisy": 1.0}
SCALES = ("middle", "coarse")


def errors(rows: int, noise: float, draw: int) -> dict[tuple[str, str, str], float]:
    """Return the mean and the median absolute error of held-out rows for each (scale, model)."""
    overrides = ["experiment=nested/synthetic", f"data.rows={rows}", f"data.noise={noise}"]
    overrides += [f"data.seed={100 + draw}", f"data.noise_seed={42 + draw}", f"seed={draw}"]
    overrides += [f"data.batch_size={rows // STEPS}"]
    cfg = checked(compose(overrides))
    data = build("data", cfg["data"]).open()
    trainer = StackedTrainer(
        schedule=Schedule(
            max_epochs=cfg["trainer"]["max_epochs"], batch_size=data.batch_size, patience=cfg["callbacks"]["patience"]
        ),
        **cfg["ensemble"],
        seed=cfg["seed"],
        log=lambda metrics, epoch: None,
    )
    chain = fit_chain(build("model", cfg["model"], **data.shape), data, trainer)
    found: dict[tuple[str, str, str], float] = {}
    for scale in SCALES:
        level = data.rows[scale]
        single = build("single_autoencoder", cfg["baselines"]["single_autoencoder"], **level.shape)
        fits = {"chain": chain.rows[scale], "single autoencoder": trainer.for_baseline(level).fit(single, level)}
        for model, fit in fits.items():
            wrong = np.abs(held_out(fit.folds, level.y) - level.y)
            found[scale, model, "mean"], found[scale, model, "median"] = float(wrong.mean()), float(np.median(wrong))
    return found


def main() -> None:
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    for name, noise in NOISE.items():
        with one_thread():
            measured = {(rows, draw): errors(rows, noise, draw) for rows in ROWS for draw in range(draws)}
        table = pd.DataFrame(measured).T.sort_index()
        print(f"\n{name}: noise {noise:g}, absolute errors, mean over {draws} draws")
        print(table.groupby(level=0).mean().T.to_string(float_format="{:.4g}".format))
        for scale, kind in ((scale, kind) for scale in SCALES for kind in ("mean", "median")):
            better = table[scale, "chain", kind] < table[scale, "single autoencoder", kind]
            print(f"{scale}, {kind}: the chain is better in {better.groupby(level=0).sum().to_dict()} of {draws} draws")
        curves = {
            model: np.array(
                [[measured[rows, draw]["coarse", model, "median"] for draw in range(draws)] for rows in ROWS]
            )
            for model in ("chain", "single autoencoder")
        }
        title = f"coarse scale, {name} (synthetic data)"
        figure, _ = plot_learning_curve(np.array(ROWS), curves, label="median error of coarse.y", title=title)
        figure.savefig(Path(__file__).parent / "figures" / f"learning_curve_{name}.png")


if __name__ == "__main__":
    main()
