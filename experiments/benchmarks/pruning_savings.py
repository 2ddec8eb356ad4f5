"""What pruning saves: epochs and best value of a search of 30 trials, with pruners and without.

    python experiments/benchmarks/pruning_savings.py [seeds] [pruner …]

The same 30 random proposals every time: learning rate, width and activation of the network of piezo/single, 200
epochs. Epochs are summed over all trials; the best value is that of a trial that was trained to its end. Proposals do
not depend on values here, so that the two searches differ in nothing but the pruning; with tpe a pruned trial also
tells the sampler less.
"""

import contextlib
import io
import os
import sys
import tempfile
import warnings
from pathlib import Path

import pandas as pd

from remanence.verbs.cli import main

SEEDS = int(sys.argv[1]) if len(sys.argv) > 1 else 3
PRUNERS = sys.argv[2:] or ["asha", "median", "hyperband", "patience"]
TRIALS = 30
SEARCH = {
    "model.lr": "tag(log,interval(1e-5,0.5))",
    "model.hidden": "[16,16],[64,64],[256,256]",
    "model.activation": "tanh,sigmoid,relu",
}
COMMAND = [
    *("train", "-m", "experiment=piezo/single", "baselines=none", "callbacks.patience=null", "trainer.max_epochs=200"),
    *("hydra.sweeper.sampler=random", f"hydra.sweeper.n_trials={TRIALS}", "sweep.name=toy"),
    *(f"{key}={values}" for key, values in SEARCH.items()),
]


def trials(pruner: str, seed: int) -> pd.DataFrame:
    """Run one search and return the table of its trials."""
    with tempfile.TemporaryDirectory() as outputs:
        os.environ["REMANENCE_OUTPUTS"] = outputs
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            code = main([*COMMAND, f"pruner={pruner}", f"hydra.sweeper.seed={seed}"])
        assert code == 0, printed.getvalue()
        (table,) = Path(outputs).rglob("sweeps/**/tables/trials.csv")
        return pd.read_csv(table)


def best(table: pd.DataFrame) -> float:
    """Return the best value among the trials that were not pruned."""
    return float(table.loc[table["outcome"] == "ok", "val/mse"].min())


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    for seed in range(SEEDS):
        whole = trials("none", seed)
        assert len(whole) == TRIALS
        print(f"seed {seed}: none      {whole['epochs'].sum():5} epochs, best {best(whole):.5f}", flush=True)
        for pruner in PRUNERS:
            table = trials(pruner, seed)
            assert (table[list(SEARCH)] == whole[list(SEARCH)]).all(axis=None), "the proposals differ"
            epochs, pruned = table["epochs"].sum(), (table["outcome"] == "pruned").sum()
            saved, worse = 1 - epochs / whole["epochs"].sum(), best(table) / best(whole) - 1
            print(
                f"        {pruner:9} {epochs:5} epochs, best {best(table):.5f}: {saved:.0%} saved, "
                f"{pruned} of {TRIALS} pruned, best value {worse:+.1%}",
                flush=True,
            )
