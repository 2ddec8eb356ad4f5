"""Twelve runs of all three kinds, each made again by `remanence reproduce`, and what comes out otherwise.

    python experiments/benchmarks/reproduced_runs.py [environment]

Networks, stacked members and estimators of tables, β-VAEs and a matrix factorisation of spectra, and chains, with few
epochs. `environment=fresh`, the default, makes an environment with the recorded versions, which takes minutes the first
time; the runs share it. Each reproduction is a process of its own.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter

ENVIRONMENT = sys.argv[1] if len(sys.argv) > 1 else "fresh"
TOY = "experiment=beps/toy baselines=none model=beta_vae_mlp trainer.max_epochs=9 beta_schedule.refine_epochs=3"
CHAIN = "experiment=nested/synthetic data.rows=60 data.split.folds=2 ensemble.folds=2 trainer.max_epochs=5"
RUNS = (
    "experiment=piezo/single trainer.max_epochs=30",
    "experiment=piezo/single model.loss=smooth_l1 model.activation=relu seed=3 trainer.max_epochs=30",
    "experiment=piezo/ns trainer.max_epochs=20 baselines=none",
    "experiment=piezo/global model=extra_trees baselines=quick",
    "experiment=piezo/global data.target=[eps_r,d33] trainer.max_epochs=10 baselines=none",
    TOY,
    f"{TOY} seed=2 model.latents=4",
    f"{TOY} model.decoder=additive",
    "experiment=beps/toy model=nmf baselines=none",
    f"{CHAIN} baselines=none",
    f"{CHAIN} baselines=quick seed=1",
    f"{CHAIN} baselines=none model.scales.middle.regularizers.l1=0.001",
)


def remanence(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run([sys.executable, "-m", "remanence", *arguments], capture_output=True, text=True, check=False)


def main() -> None:
    verdicts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as outputs:
        os.environ["REMANENCE_OUTPUTS"] = outputs
        for number, overrides in enumerate(RUNS, 1):
            trained = remanence("train", *overrides.split(), f"name=run{number}")
            assert trained.returncode == 0, (overrides, trained.stdout[-2000:], trained.stderr[-2000:])
            began = time.monotonic()
            again = remanence("reproduce", f"run=run{number}", f"environment={ENVIRONMENT}")
            verdict = re.findall(r"^(identical|within tolerance|different): (.*)$", again.stdout, re.MULTILINE)
            assert verdict, (overrides, again.returncode, again.stdout[-3000:], again.stderr[-3000:])
            verdicts[verdict[-1][0]] += 1
            print(f"{verdict[-1][0]}: {verdict[-1][1]} ({time.monotonic() - began:.0f} s): {overrides}", flush=True)
    print(f"{len(RUNS)} runs, environment={ENVIRONMENT}: {', '.join(f'{n} {kind}' for kind, n in verdicts.items())}")


if __name__ == "__main__":
    main()
