"""`remanence compare --html` of many runs with figures: how long the page takes, and how large it is.

    python experiments/benchmarks/compare_page.py [runs]

A run with all its figures is trained on a small table and copied by MLflow's client, with its parameters, tags,
metrics, losses of each epoch and figures, under other seeds and learning rates, so that there are settings to test.
Then the command is run in a process of its own, so that imports count, three times; the best counts. Beside it stand
the seconds that the processor worked, which a busy machine changes less.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 50
ROUNDS = 3
SEEDS = 5
LOSSES = ("val/loss", "train/loss")


def remanence(outputs: Path, *arguments: str) -> tuple[float, float]:
    """Run a verb and return the seconds that it took, and those that the processor worked."""
    environment = {**os.environ, "REMANENCE_OUTPUTS": str(outputs)}
    environment.pop("MLFLOW_TRACKING_URI", None)
    began, before = time.perf_counter(), os.times()
    done = subprocess.run(
        [sys.executable, "-m", "remanence", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    seconds, after = time.perf_counter() - began, os.times()
    worked = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, worked


def write_table(path: Path) -> None:
    """Write 120 rows of two inputs and a property."""
    random = np.random.default_rng(0)
    x, amount = random.uniform(0, 0.3, 120), np.arange(120) % 7
    d33 = 120 + 200 * x + 3 * amount + 40 * np.sin(12 * x) + random.normal(0, 6, 120)
    pd.DataFrame({"x": x, "amount": amount, "d33": d33}).to_csv(path, index=False)


def copy_run(client: MlflowClient, number: int) -> None:
    """Copy the first run under another seed and learning rate, with metrics that are a little different."""
    experiment = client.get_experiment_by_name("piezo")
    (source,) = client.search_runs([experiment.experiment_id], order_by=["start_time"], max_results=1)
    seed, setting = number % SEEDS, number // SEEDS
    new = client.create_run(experiment.experiment_id, run_name=f"seed={seed}, lr={0.001 * (setting + 1):.3f}")
    changed = {"seed": str(seed), "model.lr": f"{0.001 * (setting + 1):.3f}"}
    params = [Param(key, changed.get(key, value)) for key, value in source.data.params.items()]
    tags = [RunTag(key, value) for key, value in source.data.tags.items() if not key.startswith("mlflow.run")]
    tags = [tag for tag in tags if tag.key not in ("remanence.folder", "remanence.owner")]
    factor = 1 + 0.1 * float(np.random.default_rng(number).uniform())
    metrics = [Metric(key, value * factor, 0, 1000) for key, value in source.data.metrics.items() if key not in LOSSES]
    for key in LOSSES:
        history = client.get_metric_history(source.info.run_id, key)
        metrics += [Metric(key, point.value * factor, point.timestamp, point.step) for point in history]
    client.log_batch(new.info.run_id, [], params[:100], tags)
    for start in range(0, len(metrics), 1000):
        client.log_batch(new.info.run_id, metrics[start : start + 1000])
    client.log_inputs(new.info.run_id, source.inputs.dataset_inputs)
    figures = Path(source.info.artifact_uri.removeprefix("file://")) / "figures"
    for path in sorted(figures.glob("*.png")):
        client.log_artifact(new.info.run_id, str(path), "figures")
    client.set_terminated(new.info.run_id)


def main() -> None:
    """Make the runs, measure, and print."""
    with tempfile.TemporaryDirectory() as folder:
        outputs, table, page = Path(folder) / "outputs", Path(folder) / "mine.csv", Path(folder) / "page.html"
        write_table(table)
        data = [f"data.path={table}", "data.target=d33", "data.features=[x,amount]", "data/split=stratified"]
        kept = ["tracking.experiment=piezo", "trainer.max_epochs=100", "baselines=quick"]
        remanence(outputs, "train", "experiment=piezo/table", *data, *kept)
        client = MlflowClient(f"sqlite:///{outputs}/mlflow.db")
        for number in range(1, RUNS):
            copy_run(client, number)
        rounds = [remanence(outputs, "compare", "piezo", "--html", str(page)) for _ in range(ROUNDS)]
        seconds, worked = map(min, zip(*rounds, strict=True))
        shown = page.read_text(encoding="utf-8").count("<figure>")
        megabytes = page.stat().st_size / 1e6
        print(f"{RUNS} runs with figures: {seconds:.1f} s, {megabytes:.1f} MB")
        print(f"{worked:.1f} s of the processor; {shown} figures")


if __name__ == "__main__":
    main()
