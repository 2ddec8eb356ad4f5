"""How many files a reader opens to follow something through the package: those whose functions are called.

``python experiments/benchmarks/opened_files.py [commit]`` follows a row of the KNN table through a run, and a
hyperparameter through a sweep, in this tree or in another commit of it.
``REMANENCE_KNN`` names the table; without it, it is fetched.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
QUICK = ["trainer.max_epochs=2", "ensemble.repeats=1", "ensemble.folds=2", "data.split.folds=2", "data.split.repeats=1"]
ROW = ["train", "experiment=piezo/knn", *QUICK]
HYPERPARAMETER = ["train", "-m", "experiment=piezo/single", "trainer.max_epochs=2", "model.lr=1e-3,1e-2"]

TRACED = """
import inspect, json, sys, threading
called = set()
def note(frame, event, argument):
    # functions only, no class bodies; and not those that a module calls while it is imported
    if event == "call" and frame.f_code.co_flags & inspect.CO_OPTIMIZED and not frame.f_code.co_name.startswith("<"):
        caller = frame.f_back
        if caller is None or caller.f_code.co_flags & inspect.CO_OPTIMIZED or caller.f_code.co_filename == "<string>":
            called.add(frame.f_code.co_filename)
threading.setprofile(note)
sys.setprofile(note)
from remanence.{cli} import main
code = main(sys.argv[2:])
sys.setprofile(None)
import remanence, pathlib
here = pathlib.Path(remanence.__file__).parent
files = sorted(str(pathlib.Path(name).relative_to(here)) for name in called if str(name).startswith(str(here)))
pathlib.Path(sys.argv[1]).write_text(json.dumps([code, files]))
"""


def called_files(source: Path, arguments: list[str]) -> list[str]:
    """Return the files of the package whose functions a command calls.

    Args:
        source: folder that holds the package.
        arguments: of ``remanence``.
    """
    cli = "verbs.cli" if (source / "remanence" / "verbs").is_dir() else "cli"
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "files.json"
        environment = {**os.environ, "PYTHONPATH": str(source), "REMANENCE_OUTPUTS": folder}
        command = [sys.executable, "-c", TRACED.replace("{cli}", cli), str(answer), *arguments]
        ended = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
        if not answer.is_file():
            raise SystemExit(ended.stderr)
        code, files = json.loads(answer.read_text())
        if code:
            raise SystemExit(ended.stderr)
        return files


def main() -> None:
    """Print the numbers, and the files of each folder."""
    knn = os.environ.get("REMANENCE_KNN")
    row = [*ROW, *([f"data.path={Path(knn).absolute()}"] if knn else [])]
    with tempfile.TemporaryDirectory() as folder:
        source = ROOT / "src"
        if len(sys.argv) > 1:
            archive = subprocess.run(["git", "archive", sys.argv[1], "src", "conf"], cwd=ROOT, capture_output=True)
            subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
            source = Path(folder) / "src"
        for name, arguments in {"a row through a run": row, "a hyperparameter through a sweep": HYPERPARAMETER}.items():
            files = called_files(source, arguments)
            print(f"{name}: {len(files)} files")
            for room in sorted({str(Path(file).parent) for file in files}):
                there = [Path(file).stem for file in files if str(Path(file).parent) == room]
                print(f"  {room:20} {len(there):3}  {' '.join(there)}")


if __name__ == "__main__":
    main()
