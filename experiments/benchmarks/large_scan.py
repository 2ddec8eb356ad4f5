"""A raw scan of 4 GB: how long it takes to open and describe, and the memory that this and ``predict`` need.

``python experiments/benchmarks/large_scan.py [side]`` simulates a scan of side × side pixels (192: 4.2 GB) in the
temporary folder, trains PCA on a small one, and asks for the peak of the resident memory of each process
(``getrusage``). Describing is asked of a warm interpreter in a process of its own: what is imported is told apart.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
DESCRIBE = """
import json, resource, sys, time
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
began = time.perf_counter()
from remanence.data.spectra.described_file import described_file
imported, before = time.perf_counter(), peak()
lines = list(described_file(sys.argv[1]))
told = time.perf_counter()
print(json.dumps([imported - began, told - imported, before, peak(), lines]))
"""
COMMAND = """
import resource, sys
from remanence.verbs.cli import main
code = main(sys.argv[1:])
print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
sys.exit(code)
"""


def run(folder: str, script: str, *arguments: str) -> str:
    """Run a script in a process of its own and return what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "REMANENCE_OUTPUTS": "outputs"}
    command = [sys.executable, "-c", script, *arguments]
    ended = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    if ended.returncode:
        raise SystemExit(ended.stdout + ended.stderr)
    return ended.stdout


def main() -> None:
    """Print what was measured."""
    side = sys.argv[1] if len(sys.argv) > 1 else "192"
    with tempfile.TemporaryDirectory() as folder:
        told = run(folder, COMMAND, "data", "simulate", "beps", "large.h5", f"data.rows={side}", f"data.cols={side}")
        size = (Path(folder) / "large.h5").stat().st_size / 1e9
        print(f"simulated {size:.2f} GB; {told.splitlines()[-1]}")
        imported, seconds, before, peak, lines = json.loads(run(folder, DESCRIBE, "large.h5"))
        print("\n".join(f"  {line}" for line in lines))
        print(f"opened and described in {seconds:.2f} s, after imports of {imported:.2f} s")
        print(f"peak {peak:.0f} MB, of which {before:.0f} MB are imports")
        run(folder, COMMAND, "data", "simulate", "beps", "small.h5", "data.rows=12", "data.cols=12")
        small = ["model=pca", "model.n_components=5", "baselines=none", "figures=brief", "name=small"]
        run(folder, COMMAND, "train", "experiment=beps/raw", "data.path=small.h5", *small)
        told = run(folder, COMMAND, "predict", "run=small", "input=large.h5", "output=latents.h5")
        print(f"predict: {' '.join(told.splitlines()[-2:])}, of {size:.2f} GB")


if __name__ == "__main__":
    main()
