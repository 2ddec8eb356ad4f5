"""What pruning saves: epochs, processor seconds and best value of a search, with pruners and without.

    python experiments/benchmarks/pruning_savings.py [seeds] [pruner …] [overrides of remanence train -m]

Without overrides, the same 30 random proposals every time: learning rate, width and activation of the network of
piezo/single, 200 epochs. Proposals do not depend on values there, so that the two searches differ in nothing but the
pruning. With overrides, as `experiment=piezo/ns sweep=piezo/bayes`, that search takes its place; with tpe a pruned
trial also tells the sampler less, and the proposals differ. Epochs and processor seconds are summed over all trials;
the best value is that of a trial that was trained to its end.
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

SEEDS = int(sys.argv[1]) if len(sys.argv) > 1 else 3
OVERRIDES = [each for each in sys.argv[2:] if "=" in each]
PRUNERS = [each for each in sys.argv[2:] if "=" not in each] or ["asha", "median", "hyperband", "patience"]
TRIALS = 30
SEARCH = {
    "model.lr": "tag(log,interval(1e-5,0.5))",
    "model.hidden": "[16,16],[64,64],[256,256]",
    "model.activation": "tanh,sigmoid,relu",
}
OWN = [
    *("experiment=piezo/single", "baselines=none", "callbacks.patience=null", "trainer.max_epochs=200"),
    *("hydra.sweeper.sampler=random", f"hydra.sweeper.n_trials={TRIALS}"),
    *(f"{key}={values}" for key, values in SEARCH.items()),
]


def trials(pruner: str, seed: int) -> tuple[pd.DataFrame, float]:
    """Run one search and return the table of its trials, and its processor seconds."""
    with tempfile.TemporaryDirectory() as outputs:
        last = [f"pruner={pruner}", f"hydra.sweeper.seed={seed}", "sweep.name=search"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        answer = subprocess.run(
            [sys.executable, "-m", "remanence", "train", "-m", *(OVERRIDES or OWN), *last],
            env={**os.environ, "REMANENCE_OUTPUTS": outputs},
            capture_output=True,
            text=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
        (table,) = Path(outputs).rglob("sweeps/**/tables/trials.csv")
        return pd.read_csv(table), after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def best(table: pd.DataFrame) -> float:
    """Return the best value among the trials that were not pruned."""
    return float(table.loc[table["outcome"] == "ok", "val/mse"].min())


def main() -> None:
    """Print a line for each search."""
    for seed in range(SEEDS):
        whole, took = trials("none", seed)
        began = f"seed {seed}: none      {whole['epochs'].sum():5} epochs, {took:.0f} s"
        print(f"{began}, best {best(whole):.5f}", flush=True)
        for pruner in PRUNERS:
            table, spent = trials(pruner, seed)
            if not OVERRIDES:
                assert (table[list(SEARCH)] == whole[list(SEARCH)]).all(axis=None), "the proposals differ"
            epochs, pruned = table["epochs"].sum(), (table["outcome"] == "pruned").sum()
            fewer, less = 1 - epochs / whole["epochs"].sum(), 1 - spent / took
            print(
                f"        {pruner:9} {epochs:5} epochs, {spent:.0f} s, best {best(table):.5f}: {fewer:.0%} of the "
                f"epochs and {less:.0%} of the seconds saved, {pruned} of {len(table)} pruned, best value "
                f"{best(table) / best(whole) - 1:+.1%}",
                flush=True,
            )


if __name__ == "__main__":
    main()
