"""What a search loses when its trials are proposed and trained several at a time.

    python experiments/benchmarks/fused_proposals.py [seeds] [trials] [at once]

TPE searches learning rate, batch size, activation and loss of the network of piezo/single: one proposal at a time,
which knows how all before it ended, and several at a time (`hydra.sweeper.fuse`), which do not know of each other how
they will end. A seed of the sampler gives both the same start. The two take turns; seconds are those of the processor.
"""

import contextlib
import io
import os
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path

import pandas as pd

from remanence.verbs.cli import main

SEEDS = int(sys.argv[1]) if len(sys.argv) > 1 else 10
TRIALS = int(sys.argv[2]) if len(sys.argv) > 2 else 40
AT_ONCE = sys.argv[3] if len(sys.argv) > 3 else "8"
SEARCH = {
    "model.lr": "tag(log,interval(1e-5,0.5))",
    "data.batch_size": "int(interval(4,64))",
    "model.activation": "tanh,sigmoid,relu",
    "model.loss": "mse,smooth_l1",
}
COMMAND = [
    *("train", "-m", "experiment=piezo/single", "baselines=none", "callbacks.patience=20", "trainer.max_epochs=60"),
    *("hydra.sweeper.sampler=tpe", f"hydra.sweeper.n_trials={TRIALS}", "sweep.name=search"),
    *(f"{key}={values}" for key, values in SEARCH.items()),
]


def search(fuse: str, seed: int) -> tuple[float, float]:
    """Return the best value of a search and its seconds of the processor."""
    with tempfile.TemporaryDirectory() as outputs:
        os.environ["REMANENCE_OUTPUTS"] = outputs
        began = time.process_time()
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            code = main([*COMMAND, f"hydra.sweeper.fuse={fuse}", f"hydra.sweeper.seed={seed}"])
        took = time.process_time() - began
        assert code == 0, printed.getvalue()
        (table,) = Path(outputs).rglob("sweeps/**/tables/trials.csv")
        trials = pd.read_csv(table)
        assert len(trials) == TRIALS
        return float(trials["val/mse"].min()), took


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    search("off", 1000)  # pays the imports
    found: dict[str, list[float]] = {"off": [], AT_ONCE: []}
    spent: dict[str, list[float]] = {"off": [], AT_ONCE: []}
    for seed in range(SEEDS):
        for fuse in found:
            best, took = search(fuse, seed)
            found[fuse].append(best)
            spent[fuse].append(took)
        one, several = found["off"][-1], found[AT_ONCE][-1]
        print(
            f"seed {seed}: best {one:.4f} one at a time ({spent['off'][-1]:.1f} s), {several:.4f} by {AT_ONCE} "
            f"({spent[AT_ONCE][-1]:.1f} s)",
            flush=True,
        )
    for fuse, values in found.items():
        print(f"fuse={fuse}: best {statistics.mean(values):.4f} ± {statistics.stdev(values):.4f} over {SEEDS} seeds")
    differences = [b - a for a, b in zip(found["off"], found[AT_ONCE], strict=True)]
    error = statistics.stdev(differences) / len(differences) ** 0.5
    ratios = [b / a for a, b in zip(spent["off"], spent[AT_ONCE], strict=True)]
    print(f"by {AT_ONCE} minus one at a time: {statistics.mean(differences):+.4f} ± {error:.4f} (standard error)")
    print(f"seconds, by {AT_ONCE} / one at a time: {statistics.median(ratios):.2f}")
