"""Thousands of runs in one SQLite store: `remanence compare` beside `mlflow.search_runs`, and a long sweep goes on.

    python experiments/benchmarks/many_runs.py [runs] [trials]

One sweep of two trials is trained, and its second trial is copied by SQL, with every parameter, tag, metric, history,
dataset and model that it has, other learning rates and other errors. Each command is a process of its own, so that
imports count, and is measured from its start to its end; ours and MLflow's take turns, three times each, and the best
counts. Beside the seconds stand those that the processor worked, which a busy machine changes less, and peak memory.

`compare piezo` reads and prints the runs. `mlflow.search_runs` returns the same runs as a DataFrame, in a script that
does nothing else. The long sweep has two trials left: the time before the first of them starts and after the last of
them has ended is what the sweep costs beside its trials.
"""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
TRIALS = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
ROUNDS = 3
SMALL = ["experiment=piezo/single", "data.replicates=4", "trainer.max_epochs=40", "figures=brief"]
SEARCH = ["model.lr=tag(log,interval(1e-4,1e-1))", "hydra.sweeper.sampler=random", "sweep.name=piezo/long"]
SEARCH_RUNS = """
import mlflow
mlflow.set_tracking_uri("{uri}")
print(len(mlflow.search_runs(search_all_experiments=True, max_results=100000)), "runs")
"""


def remanence(*arguments: str) -> list[str]:
    """Return the command of a verb."""
    return [sys.executable, "-m", "remanence", *arguments]


class Cost(NamedTuple):
    """What a command has cost."""

    seconds: float
    processor: float
    megabytes: float

    def __str__(self) -> str:
        """Return all three for reading."""
        return f"{self.seconds:6.2f} s  {self.processor:6.2f} s of the processor  {self.megabytes:5.0f} MB"


def measured(outputs: Path, command: list[str]) -> tuple[Cost, list[tuple[float, str]]]:
    """Return the cost of a command, and its lines, each with the time at which it was printed."""
    environment = {**os.environ, "REMANENCE_OUTPUTS": str(outputs), "PYTHONUNBUFFERED": "1"}
    environment.pop("MLFLOW_TRACKING_URI", None)
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    lines = [(time.perf_counter() - began, line.rstrip()) for line in process.stdout]
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    assert process.returncode == 0, "\n".join(line for _, line in lines)
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024), lines


def copy_runs(path: Path, number: int) -> list[str]:
    """Copy the newest trial's run, and return the ids of the copies."""
    with closing(sqlite3.connect(path)) as store, store:
        ((source,),) = store.execute(
            "SELECT run_uuid FROM runs WHERE run_uuid IN (SELECT run_uuid FROM tags WHERE key = "
            "'remanence.trial') ORDER BY start_time DESC LIMIT 1"
        ).fetchall()
        ids = [uuid.uuid4().hex for _ in range(number)]
        store.execute("CREATE TEMP TABLE copies (id TEXT, number INTEGER)")
        store.executemany("INSERT INTO copies VALUES (?, ?)", [(name, place) for place, name in enumerate(ids)])
        given = {
            "run_uuid": "copies.id",
            "start_time": "start_time + 1000 * copies.number",
            "end_time": "end_time + 1000 * copies.number",
            "name": "name || ' ' || copies.number",
            "destination_id": "copies.id",
            "input_uuid": "copies.id || substr(input_uuid, 1, 4)",
        }
        changed = {
            "params": {"value": "CASE key WHEN 'model.lr' THEN 0.0001 * (1 + copies.number % 900) ELSE value END"},
            "latest_metrics": {"value": "value * (1 + 0.0001 * (copies.number * 7919 % 1000))"},
            "tags": {
                "value": "CASE key WHEN 'remanence.trial' THEN copies.number + 2 "
                "WHEN 'mlflow.runName' THEN value || ' ' || copies.number ELSE value END"
            },
        }
        for table, key in (
            ("runs", "run_uuid"),
            ("params", "run_uuid"),
            ("tags", "run_uuid"),
            ("latest_metrics", "run_uuid"),
            ("metrics", "run_uuid"),
            ("inputs", "destination_id"),
        ):
            columns = [row[1] for row in store.execute(f"PRAGMA table_info({table})")]
            values = ", ".join({**given, **changed.get(table, {})}.get(column, column) for column in columns)
            store.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table}, copies WHERE {key} = ?",
                [source],
            )
    return ids


def copy_trials(path: Path, ids: list[str]) -> None:
    """Copy the newest trial of the study as often as there are ids, and let each copy name one as its run."""
    with closing(sqlite3.connect(path)) as store, store:
        ((source, number),) = store.execute(
            "SELECT trial_id, number FROM trials ORDER BY number DESC LIMIT 1"
        ).fetchall()
        store.execute("CREATE TEMP TABLE copies (id INTEGER, run TEXT, place INTEGER)")
        rows = [(source + place, run, number + place) for place, run in enumerate(ids, 1)]
        store.executemany("INSERT INTO copies VALUES (?, ?, ?)", rows)
        changed = {
            "trials": {"number": "copies.place"},
            "trial_params": {"param_value": "0.0001 * (1 + copies.place % 900)"},
            "trial_values": {"value": "value * (1 + 0.0001 * (copies.place * 7919 % 1000))"},
            "trial_user_attributes": {
                "value_json": "CASE key WHEN 'run' THEN '\"' || copies.run || '\"' ELSE value_json END"
            },
        }
        for table in (
            "trials",
            "trial_params",
            "trial_values",
            "trial_user_attributes",
            "trial_system_attributes",
            "trial_intermediate_values",
        ):
            own, *columns = [row[1] for row in store.execute(f"PRAGMA table_info({table})")]
            values = [{"trial_id": "copies.id", **changed.get(table, {})}.get(column, column) for column in columns]
            names, chosen = ([own, *columns], ["copies.id", *values]) if table == "trials" else (columns, values)
            store.execute(
                f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(chosen)} FROM {table}, copies "
                f"WHERE trial_id = ?",
                [source],
            )


def main() -> None:
    """Make the stores, measure, and print."""
    with tempfile.TemporaryDirectory() as folder:
        outputs = Path(os.environ.get("MANY_RUNS") or folder) / "outputs"
        if not outputs.is_dir():
            search = [*SMALL, *SEARCH]
            measured(outputs, remanence("train", "-m", *search, "hydra.sweeper.n_trials=2"))
            ids = copy_runs(outputs / "mlflow.db", RUNS - 2)
            copy_trials(outputs / "sweeps.db", ids[: TRIALS - 2])
        size = (outputs / "mlflow.db").stat().st_size / 2**20
        print(f"{RUNS} runs, {TRIALS} of them trials of one sweep; {size:.0f} MB of SQLite")
        stock = [sys.executable, "-c", SEARCH_RUNS.format(uri=f"sqlite:///{outputs}/mlflow.db")]
        ours, theirs = "compare piezo", "mlflow.search_runs"
        taken: dict[str, list[Cost]] = {ours: [], theirs: []}
        for _ in range(ROUNDS):
            for name, command in ((ours, remanence("compare", "piezo")), (theirs, stock)):
                taken[name].append(measured(outputs, command)[0])
        for name, rounds in taken.items():
            print(f"{name:20} {Cost(*map(min, zip(*rounds, strict=True)))}", flush=True)
        print(f"ratio                {min(taken[ours]).seconds / min(taken[theirs]).seconds:6.2f}")
        command = ["train", "-m", *SMALL, *SEARCH, f"hydra.sweeper.n_trials={TRIALS + 2}"]
        cost, lines = measured(outputs, remanence(*command))
        print(*(f"{when:6.2f} s  {line}" for when, line in lines if re.search("sweep|test R²|ok,", line)), sep="\n")
        print(f"the whole command    {cost}")


if __name__ == "__main__":
    main()
