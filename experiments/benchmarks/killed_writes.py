"""What ``kill -9`` of ``predict`` and ``data simulate`` leaves of their output: the earlier file or the new one.

``python experiments/benchmarks/killed_writes.py [kills] [seed]`` kills each command so often, half of the times while
it writes, and runs it once more after each kill. It ends with 1 if a file was torn or anything stayed beside it.
"""

import hashlib
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

EARLIER = b"the file of an earlier command"
FORK = multiprocessing.get_context("forkserver")
"""A process that has imported what all commands need starts them; it takes seconds from each of them."""
FORK.set_forkserver_preload(
    ["remanence.training.preload", "remanence.studies.spectra.apply", "remanence.studies.table.apply"]
)


def run(arguments: list[str]) -> None:
    """Run a command as a process of its own does."""
    from remanence.verbs.cli import main

    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    sys.exit(main(arguments))


def start(command: list[str]) -> multiprocessing.process.BaseProcess:
    """Start a command."""
    process = FORK.Process(target=run, args=(command,))
    process.start()
    return process


def complete(command: list[str], output: Path | None = None) -> tuple[float, float]:
    """Run a command to its end; return how long it took, and how long it wrote ``output``."""
    began, writing = time.monotonic(), []
    process = start(command)
    while output is not None and process.is_alive():
        if beside(output):
            writing.append(time.monotonic())
        time.sleep(0.001)
    process.join()
    if process.exitcode:
        raise SystemExit(f"{' '.join(command)}: ended with {process.exitcode}")
    return time.monotonic() - began, writing[-1] - writing[0] if writing else 0.0


def beside(output: Path) -> list[Path]:
    """Return all that stands beside an output."""
    return [path for path in output.parent.iterdir() if path != output]


def digest(path: Path) -> str:
    """Return a digest of the content of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def kill(command: list[str], output: Path, *, after: float, writing: bool) -> bool:
    """Kill a command ``after`` seconds, counted from its first write if ``writing``; return whether it still ran."""
    process = start(command)
    while writing and process.is_alive() and not beside(output):
        time.sleep(0.001)
    process.join(after)
    alive = process.is_alive()
    process.kill()
    process.join()
    return alive


def watch(name: str, command: list[str], output: Path, kills: int) -> int:
    """Kill a command again and again; print and return how many files were torn or left over."""
    output.parent.mkdir()
    took, wrote = complete(command, output)
    new, earlier = digest(output), hashlib.sha256(EARLIER).hexdigest()
    seen: Counter[str] = Counter()
    for number in range(kills):
        output.write_bytes(EARLIER)
        writing = bool(number % 2)
        alive = kill(command, output, after=random.uniform(0, wrote if writing else took), writing=writing)
        found = digest(output)
        seen["killed"] += alive
        seen["earlier" if found == earlier else "new" if found == new else "torn"] += 1
        seen["left"] += bool(beside(output))
        complete(command)
        seen["torn"] += digest(output) != new
        seen["stayed"] += bool(beside(output))
    print(
        f"{name}: {kills} kills, {seen['killed']} of them before the end: {seen['earlier']} times the earlier file, "
        f"{seen['new']} times the new one, {seen['torn']} torn; {seen['left']} left-overs, {seen['stayed']} of them "
        f"after the next run",
        flush=True,
    )
    return seen["torn"] + seen["stayed"]


def main(kills: int, seed: int) -> int:
    """Train a model of a table and one of a scan, then kill what uses them."""
    random.seed(seed)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ["REMANENCE_OUTPUTS"] = place + "/outputs"
        rng, rows = np.random.default_rng(seed), 20_000
        table = {"x": rng.uniform(0, 0.2, rows), "lph_slope": rng.uniform(20, 50, rows), "dopant": np.zeros(rows)}
        pd.DataFrame(table).to_csv(folder / "in.csv", index=False)
        scan, small = folder / "scan.h5", ["baselines=none", "figures=brief", "ensemble=single"]
        simulate = ["data", "simulate", "beps"]
        complete([*simulate, str(scan), "data.rows=8", "data.cols=8", "data.steps=16", "data.bins=20"])
        complete(["train", "experiment=piezo/single", "model=linear", "name=table", *small])
        complete(["train", "experiment=beps/raw", f"data.path={scan}", "model=pca", "name=scan", *small[:2]])
        commands = {
            "predict csv": ["predict", "run=table", f"input={folder}/in.csv", "output="],
            "predict h5": ["predict", "run=scan", f"input={scan}", "output="],
            "simulate h5": [*simulate, "", "data.rows=16", "data.cols=16"],
        }
        bad = 0
        for name, command in commands.items():
            output = folder / name / f"out.{name.split()[1]}"
            place_of = {"output=": f"output={output}", "": str(output)}
            bad += watch(name, [place_of.get(argument, argument) for argument in command], output, kills)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20, int(sys.argv[2]) if len(sys.argv) > 2 else 0))
