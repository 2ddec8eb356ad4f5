"""Pictures of MLflow's pages with runs of ours, for the guide to reading a run.

    python docs/figures/mlflow_pages.py             # trains, opens the pages in Chromium, and keeps mlflow_*.webp

A sweep of four trials and a run with its baselines are trained into a temporary folder. Needs `make browser`.
"""

import io
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from mlflow import MlflowClient
from PIL import Image

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tests"))

from chromium import chromium  # noqa: E402  the browser of the tests of pages

TRAINED = (
    ("experiment=piezo/single", "name=single-network", "figures=full"),
    ("-m", "experiment=piezo/single", "baselines=none", "model.lr=0.003,0.01", "model.activation=tanh,relu"),
)
SETTLED = 6.0
"""Seconds in which MLflow has drawn a page and its pictures."""
CLOSE = """
for (const button of document.querySelectorAll('button')) {
  if (/close/i.test(button.getAttribute('aria-label') || '')) button.click();
}
"""
"""Closes MLflow's assistant, which takes a quarter of the window."""


def answers(port: int) -> bool:
    """Return whether MLflow's server answers."""
    try:
        return requests.get(f"http://127.0.0.1:{port}/health", timeout=1).ok
    except requests.RequestException:
        return False


@contextmanager
def served() -> Iterator[str]:
    """Serve the runs under REMANENCE_OUTPUTS, and yield the beginning of the addresses of MLflow's pages."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "remanence", "ui", f"port={port}"])
    try:
        while process.poll() is None and not answers(port):
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/#"
    finally:
        process.terminate()
        process.wait()


def keep(browser: Any, address: str, name: str) -> None:
    """Open a page and keep a picture of it."""
    browser.get("about:blank")
    browser.get(address)
    time.sleep(SETTLED)
    browser.execute_script(CLOSE)
    time.sleep(SETTLED)
    picture = Image.open(io.BytesIO(browser.get_screenshot_as_png())).convert("RGB")
    picture.save(HERE / f"mlflow_{name}.webp", quality=80, method=6)


def main() -> None:
    with tempfile.TemporaryDirectory() as outputs:
        os.environ["REMANENCE_OUTPUTS"] = outputs
        for overrides in TRAINED:
            subprocess.run([sys.executable, "-m", "remanence", "train", *overrides], check=True)
        client = MlflowClient(f"sqlite:///{outputs}/mlflow.db")
        experiment = client.get_experiment_by_name("piezo").experiment_id
        runs = {run.info.run_name: run.info.run_id for run in client.search_runs([experiment])}
        (sweep,) = [run_id for name, run_id in runs.items() if name.startswith("sweep ")]
        with served() as base, chromium() as browser:
            at = f"{base}/experiments/{experiment}/runs"
            keep(browser, at, "experiment")
            keep(browser, f"{at}/{runs['single-network']}", "run")
            keep(browser, f"{at}/{sweep}", "sweep")


if __name__ == "__main__":
    main()
