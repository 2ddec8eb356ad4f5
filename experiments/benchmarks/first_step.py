"""Seconds from a command to the first line of its own work, here and at an earlier commit.

    python experiments/benchmarks/first_step.py [pairs] [commit] [verb …]

Verbs are those of ``COMMANDS``; all of them without any. What is waited for: of ``train`` the first step of a training,
of a sweep with two workers its first trial, and of the others, whose work on a small table takes no time, their end.
The wall is that of the command as a user types it, in a process of its own. Beside it are the processor seconds of this
process, which a busy machine changes less; a sweep has several, so that it is known by the wall alone. With a commit,
both packages take turns, each with folders of its own, and the ratio is that of what is named before it. The last line
is what a script waits for that imports the same libraries plainly and does nothing.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from earlier_package import REPOSITORY, unpack

RUN = ["experiment=piezo/single", "trainer.max_epochs=2", "baselines=none"]
COMMANDS = {
    "train": ["train", *RUN],
    "sweep": ["train", "-m", *RUN, "n_jobs=2", "model.lr=.001,.002", "seed={turn}"],
    "predict": ["predict", "run={run}", "input=rows.csv", "output=predicted.csv"],
    "evaluate": ["evaluate", "run={run}", "data.path=rows.csv"],
    "compare": ["compare", "piezo"],
    "help": ["--help"],
}
MARKED = {"train": ("remanence.models.dnn", "DNN.training_step"), "sweep": ("remanence.sweeps.trial", "run_trial")}
"""Function whose first call is waited for, in this process or in another one of the command."""
BY_WALL = {"sweep"}
LIBRARIES = (
    "import hydra, pandas, sklearn.model_selection, torch, pytorch_lightning, mlflow, "
    "mlflow.store.tracking.sqlalchemy_store"
)
ROWS = 100

MARK = '''
"""Writes to FIRST_STEP_FILE when a function is called; Python imports this module when it starts."""

import importlib.util
import os
import resource
import sys
import time

module, _, place = os.environ["FIRST_STEP_CALL"].partition(":")
*owners, name = place.split(".")


def tell():
    used = resource.getrusage(resource.RUSAGE_SELF)
    with open(os.environ["FIRST_STEP_FILE"], "a", encoding="utf-8") as file:
        file.write(f"{time.time()} {used.ru_utime + used.ru_stime}\\n")


class Finder:
    def find_spec(self, wanted, path, target=None):
        if wanted != module:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(wanted)
        run = spec.loader.exec_module

        def run_and_mark(imported):
            run(imported)
            owner = imported
            for each in owners:
                owner = getattr(owner, each)
            call = getattr(owner, name)

            def marked(*arguments, **named):
                setattr(owner, name, call)
                tell()
                return call(*arguments, **named)

            setattr(owner, name, marked)

        spec.loader.exec_module = run_and_mark
        return spec


sys.meta_path.insert(0, Finder())
'''


class Package:
    """A package and its folders.

    Args:
        tree: folder with ``src``.
        place: folder for what its commands read and write.
    """

    def __init__(self, tree: Path, place: Path) -> None:
        self.place, self.mark = place, place / "mark.txt"
        (place / "site").mkdir(parents=True)
        (place / "site" / "sitecustomize.py").write_text(MARK, encoding="utf-8")
        self.environment = {**os.environ, "REMANENCE_OUTPUTS": str(place / "outputs")}
        self.environment.pop("MLFLOW_TRACKING_URI", None)
        self.source = str(tree / "src")
        self.run, self.turn = "", 0

    def prepare(self) -> None:
        """Train a run for the verbs that need one, and write its table; this makes database and bytecode as well."""
        self.first("train")
        self.run = max((self.place / "outputs" / "runs").iterdir(), key=lambda path: path.stat().st_mtime).name
        simulated = self.place / "simulated.csv"
        self._wait_for(["data", "simulate", "nbbt", simulated.name], {})
        lines = simulated.read_text(encoding="utf-8").splitlines()
        rows = [lines[1 + number % (len(lines) - 1)] for number in range(ROWS)]
        (self.place / "rows.csv").write_text("\n".join([lines[0], *rows]) + "\n", encoding="utf-8")

    def first(self, verb: str) -> tuple[float, float]:
        """Return the seconds of the wall and of the processor from the command to the first line of its own work."""
        self.turn += 1  # a sweep that is typed again goes on, and has nothing left to train
        self.mark.unlink(missing_ok=True)
        (self.place / "predicted.csv").unlink(missing_ok=True)
        marking = {}
        if verb in MARKED:
            marking = {"FIRST_STEP_CALL": ":".join(MARKED[verb]), "FIRST_STEP_FILE": str(self.mark)}
        began = time.time()
        used = self._wait_for([part.format(run=self.run, turn=self.turn) for part in COMMANDS[verb]], marking)
        ended = time.time()
        if verb not in MARKED:
            return ended - began, used
        at, used_then = map(float, self.mark.read_text(encoding="utf-8").splitlines()[0].split())
        return at - began, used_then

    def _wait_for(self, command: list[str], marking: dict[str, str]) -> float:
        """Run a command and return its processor seconds."""
        path = os.pathsep.join([str(self.place / "site"), self.source] if marking else [self.source])
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        answer = subprocess.run(
            [sys.executable, "-m", "remanence", *command],
            cwd=self.place,
            env={**self.environment, "PYTHONPATH": path, **marking},
            capture_output=True,
            text=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def plainly() -> tuple[float, float]:
    """Return the seconds of the wall and of the processor that importing the libraries takes without the package."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    subprocess.run([sys.executable, "-c", LIBRARIES], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.time() - began, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def told(verb: str, took: dict[str, list[tuple[float, float]]]) -> str:
    """Return the line of a verb: medians of wall and processor of each package, and their ratio."""
    medians = {label: [statistics.median(column) for column in zip(*rows, strict=True)] for label, rows in took.items()}
    by_wall = verb in BY_WALL
    parts = [
        f"{label} {wall:.2f} s" + ("" if by_wall else f" (processor {used:.2f} s)")
        for label, (wall, used) in medians.items()
    ]
    line = f"{verb:8} {', '.join(parts)}"
    if len(took) == 1:
        return line
    before, now = took.values()
    column = 0 if by_wall else 1
    ratios = [new[column] / old[column] for old, new in zip(before, now, strict=True)]
    what = "wall" if by_wall else "processor"
    return f"{line}; {what} {statistics.median(ratios):.2f} (from {min(ratios):.2f} to {max(ratios):.2f})"


def main(arguments: list[str]) -> None:
    """Measure, and print a line for each verb."""
    pairs = int(arguments[0]) if arguments else 5
    commit = arguments[1] if len(arguments) > 1 else None
    verbs = arguments[2:] or list(COMMANDS)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        trees = {} if commit is None else {commit: unpack(commit, place / "tree")}
        packages = {label: Package(tree, place / label) for label, tree in (trees | {"now": REPOSITORY}).items()}
        for package in packages.values():
            package.prepare()
        for verb in verbs:
            took: dict[str, list[tuple[float, float]]] = {label: [] for label in packages}
            for _ in range(pairs):
                for label, package in packages.items():
                    took[label].append(package.first(verb))
            print(told(verb, took), flush=True)
        print(told("imports", {"plain": [plainly() for _ in range(pairs)]}))


if __name__ == "__main__":
    main(sys.argv[1:])
