"""Processor and wall seconds of a whole run or sweep, here and at an earlier commit, as a user types it.

    python experiments/benchmarks/whole_run.py [pairs] [commit] [overrides of remanence train]

Both packages run `remanence train experiment=piezo/ns`, or with the overrides that are given, in processes of the same
interpreter, each in folders of its own on a database that has its tables already: the short run that makes them, and
that writes the bytecode of the earlier package, is not counted. `-m` among the overrides makes it a sweep. Neither
works inside a repository, whose changes would be read and logged. The two take turns, so that a busy machine slows
both; the seconds are those of the processor in user and system mode, with those of the wall behind them. Today's run
must leave all figures and tables of the earlier one, by name. Baselines, intervals and defaults have changed since, so
that what both runs make is not the same: how many of their metrics are the same to the last digit, and R² or the best
`val/mse` of both, are printed beside the seconds.
"""

import math
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from earlier_package import REPOSITORY, unpack

PAIRS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
COMMIT = sys.argv[2] if len(sys.argv) > 2 else "121b3bf"
OVERRIDES = sys.argv[3:] or ["experiment=piezo/ns"]
IS_SWEEP = "-m" in OVERRIDES
SHORT = [each for each in OVERRIDES if each.startswith(("experiment=", "data.dir=", "data.path="))]
SHORT += ["trainer.max_epochs=1", "baselines=none", "figures=brief"]


def seconds(tree: Path, outputs: Path, overrides: list[str]) -> tuple[float, float]:
    """Train with the package of a tree; return the processor seconds of it and its children, and those of the wall."""
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "REMANENCE_OUTPUTS": str(outputs)}
    environment.pop("MLFLOW_TRACKING_URI", None)
    command = [sys.executable, "-m", "remanence", "train", *overrides]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    answer = subprocess.run(command, cwd=outputs.parent, env=environment, capture_output=True, text=True)
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall


def left(outputs: Path) -> tuple[set[str], dict[str, float], float]:
    """Return figures and tables of the latest run, by name, its final metrics, and the lowest `val/mse` of all runs."""
    drawn = [run for run in (outputs / "runs").iterdir() if (run / "figures").is_dir()]
    folder = max(drawn, key=lambda run: run.stat().st_mtime)
    kinds = [folder / kind for kind in ("figures", "tables") if (folder / kind).is_dir()]
    names = {str(path.relative_to(folder)) for kind in kinds for path in kind.iterdir()}
    with sqlite3.connect(outputs / "mlflow.db") as database:
        rows = database.execute("SELECT key, value FROM latest_metrics WHERE run_uuid = ?", (folder.name,)).fetchall()
        ((lowest,),) = database.execute("SELECT MIN(value) FROM latest_metrics WHERE key = 'val/mse' AND is_nan = 0")
    return names, {key: value for key, value in rows if not key.startswith("system/")}, lowest or math.nan


def compare(before: Path, now: Path) -> str:
    """Check that today's run left what the earlier one did, and return what the two have found."""
    (old_names, old, old_lowest), (new_names, new, new_lowest) = left(before), left(now)
    assert old_names <= new_names, old_names - new_names
    if IS_SWEEP:
        return f"lowest val/mse {old_lowest:.5g} and {new_lowest:.5g}"
    equal = sum(new[key] == value for key, value in old.items() if key in new)
    found = f"R² {old['test/r2']:.4f} and {new['test/r2']:.4f}, " if "test/r2" in old else ""
    return f"{found}{equal} of {len(old.keys() & new.keys())} common metrics equal"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        trees = {COMMIT: unpack(COMMIT, place / "tree"), "now": REPOSITORY}
        outputs = {label: place / f"outputs-{label}" for label in trees}
        for label, tree in trees.items():
            seconds(tree, outputs[label], SHORT)
        ratios, walls = [], []
        for pair in range(PAIRS):
            took = {label: seconds(tree, outputs[label], OVERRIDES) for label, tree in trees.items()}
            found = compare(*outputs.values())
            processor, wall = (now / old for now, old in zip(took["now"], took[COMMIT], strict=True))
            ratios.append(processor)
            walls.append(wall)
            each = ", ".join(f"{label} {spent:.2f} s (wall {passed:.2f})" for label, (spent, passed) in took.items())
            print(f"pair {pair + 1}: {each}, ratio {processor:.3f} (wall {wall:.3f}); {found}", flush=True)
    for name, values in (("", ratios), (", wall", walls)):
        spread = f"(from {min(values):.3f} to {max(values):.3f})"
        print(f"now / {COMMIT}{name}: {statistics.median(values):.3f} {spread}")


if __name__ == "__main__":
    main()
