"""Processor seconds of a whole run, here and at an earlier commit, as a user types it.

    python experiments/benchmarks/whole_run.py [pairs] [commit] [overrides of remanence train]

Both packages run `remanence train experiment=piezo/ns`, or with the overrides that are given, in processes of the same
interpreter, each in folders of its own on a database that has its tables already: the run that makes them, and that
writes the bytecode of the earlier package, is not counted. Neither works inside a repository, whose changes would be
read and logged. The two take turns, so that a busy machine slows both, and the seconds are those of the processor in
user and system mode. Today's run must leave all figures and tables of the earlier one, by name. Baselines, intervals
and defaults have changed since, so that what both runs make is not the same: R² of both is printed beside the seconds.
"""

import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from earlier_package import REPOSITORY, unpack

PAIRS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
COMMIT = sys.argv[2] if len(sys.argv) > 2 else "121b3bf"
OVERRIDES = sys.argv[3:] or ["experiment=piezo/ns"]
COMMAND = [sys.executable, "-m", "remanence", "train", *OVERRIDES]


def processor_seconds(tree: Path, outputs: Path) -> float:
    """Run the command with the package of a tree and return what it and its children took."""
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "REMANENCE_OUTPUTS": str(outputs)}
    environment.pop("MLFLOW_TRACKING_URI", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer = subprocess.run(COMMAND, cwd=outputs.parent, env=environment, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def left(outputs: Path) -> tuple[set[str], dict[str, float]]:
    """Return the figures and tables of the latest run, by name, and its final metrics."""
    folder = max((outputs / "runs").iterdir(), key=lambda run: run.stat().st_mtime)
    names = {str(path.relative_to(folder)) for kind in ("figures", "tables") for path in (folder / kind).iterdir()}
    with sqlite3.connect(outputs / "mlflow.db") as database:
        rows = database.execute("SELECT key, value FROM latest_metrics WHERE run_uuid = ?", (folder.name,)).fetchall()
    return names, {key: value for key, value in rows if not key.startswith("system/")}


def compare(before: Path, now: Path) -> tuple[float, float]:
    """Check that today's run left what the earlier one did, and return R² of both on the held-out rows."""
    (old_names, old), (new_names, new) = left(before), left(now)
    assert old_names <= new_names, old_names - new_names
    return old["test/r2"], new["test/r2"]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        trees = {COMMIT: unpack(COMMIT, place / "tree"), "now": REPOSITORY}
        outputs = {label: place / f"outputs-{label}" for label in trees}
        for label, tree in trees.items():
            processor_seconds(tree, outputs[label])
        ratios = []
        for pair in range(PAIRS):
            took = {label: processor_seconds(tree, outputs[label]) for label, tree in trees.items()}
            old, new = compare(*outputs.values())
            ratios.append(took["now"] / took[COMMIT])
            seconds = ", ".join(f"{label} {value:.2f} s" for label, value in took.items())
            print(f"pair {pair + 1}: {seconds}, ratio {ratios[-1]:.3f}; R² {old:.4f} and {new:.4f}", flush=True)
    print(f"now / {COMMIT}: {statistics.median(ratios):.3f} (from {min(ratios):.3f} to {max(ratios):.3f})")


if __name__ == "__main__":
    main()
