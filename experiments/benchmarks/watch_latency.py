"""How long after a pixel is written its latents are: ``remanence watch`` behind a simulated instrument.

``python experiments/benchmarks/watch_latency.py [model=beta_vae …]`` trains each network briefly on a simulated scan
(96 bias steps on and off field, 74 bins: 192 × 74 points a pixel), lets ``remanence data simulate beps … pace=64``
write another one, and watches it from the command line: the two processes share what cores there are. The time of a
pixel is that from the stamp of the writer, taken before it writes the pixel, to that of the watcher, taken after its
latents were flushed; both are of the clock of this machine. Pixels that were written before the watcher was ready are
left out.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np

ROOT = Path(__file__).parents[2]
PACE = 64.0
"""Pixels a second."""
SIDE = {"train": 12, "scan": 56}
"""Width of the maps in pixels; the scan takes 49 s, of which the watcher needs some to start."""
TRAINED = {
    "beta_vae": ["trainer.max_epochs=9", "beta_schedule=none"],
    "beta_vae_mlp": ["model=beta_vae_mlp", "trainer.max_epochs=40", "beta_schedule=none"],
}
"""Network to the arguments that train it briefly: the time that it takes does not depend on what it has learnt."""
STAMPS = "Measurement_000/Channel_000/Pixel_Written"


def remanence(*arguments: str, **options: object) -> "subprocess.Popen[str]":
    """Start a command."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "REMANENCE_OUTPUTS": "outputs"}
    command = [sys.executable, "-m", "remanence", *arguments]
    return subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options
    )  # type: ignore[call-overload]


def finish(process: "subprocess.Popen[str]") -> str:
    """Wait for a command and return what it printed."""
    out, _ = process.communicate()
    if process.returncode:
        raise SystemExit(out)
    return str(out)


def latencies(folder: str, network: str) -> tuple["np.ndarray[tuple[int], np.dtype[np.float64]]", str]:
    """Train, write and watch; return the latency of each pixel in ms, in the order of writing, and what was printed."""
    train = f"train_{network}"
    finish(
        remanence(
            "train", "experiment=beps/raw", "data.path=train.h5", f"name={train}", "baselines=none", "figures=brief",
            *TRAINED[network], cwd=folder,
        )
    )  # fmt: skip
    size = [f"data.{name}={SIDE['scan']}" for name in ("rows", "cols")]
    scan, output = f"{network}.h5", f"{network}_latents.h5"
    writer = remanence("data", "simulate", "beps", scan, f"pace={PACE}", *size, "data.seed=1", cwd=folder)
    while not (Path(folder) / scan).exists():  # the simulation comes before the first pixel
        if writer.poll() is not None:
            raise SystemExit(writer.communicate()[0])
    told = finish(remanence("watch", f"run={train}", f"input={scan}", f"output={output}", cwd=folder))
    finish(writer)
    with h5py.File(Path(folder) / scan) as file:
        written = file[STAMPS][...]
    with h5py.File(Path(folder) / output) as file:
        encoded = file[f"{network}/written_at/written_at"][...].ravel()
    ready = encoded.min()  # when the first batch was done; what was written before had to wait for the start
    caught_up = written > ready + 1.0
    return 1e3 * (encoded - written)[caught_up], told


def main() -> None:
    """Print the median and the 99th percentile for each network."""
    with tempfile.TemporaryDirectory() as folder:
        size = [f"data.{name}={SIDE['train']}" for name in ("rows", "cols")]
        finish(remanence("data", "simulate", "beps", "train.h5", *size, cwd=folder))
        for network in sys.argv[1:] or TRAINED:
            found, told = latencies(folder, network)
            print(told.strip().splitlines()[-1])
            quantiles = np.percentile(found, [50, 99, 100])
            print(
                f"{network}: {len(found)} pixels at {PACE:g} a second on {os.cpu_count()} cores: "
                f"median {quantiles[0]:.1f} ms, p99 {quantiles[1]:.1f} ms, largest {quantiles[2]:.1f} ms"
            )


if __name__ == "__main__":
    main()
