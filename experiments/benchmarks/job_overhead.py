"""What a further job of a `-m` grid costs beyond its own fit, here and with the stock parts, in one process.

    python experiments/benchmarks/job_overhead.py [jobs]

Ours: `remanence train -m experiment=piezo/single model.lr=…`: sweeper, tracking, two baselines (fitted once a grid),
figures, logged model; every grid has other learning rates, because results of equal runs would be taken over.
Stock: Hydra's basic sweeper around Lightning with `MLFlowLogger`, `ModelCheckpoint` and `mlflow.pytorch.log_model`
with `pip_requirements` (without, a job takes half a minute); the same network, rows and epochs, no figures, no
baselines. The fit itself is the same training with neither logger nor checkpoints. All take turns, so that a busy
machine slows all of them.
"""

import contextlib
import io
import logging
import os
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path

import hydra
import mlflow
import torch
from pytorch_lightning import Trainer, seed_everything
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint
from pytorch_lightning.loggers import MLFlowLogger

from remanence.configuration.compose import compose
from remanence.data.module import TableModule
from remanence.data.nbbt import NBBT
from remanence.models.dnn import DNN
from remanence.studies.run import known_fits
from remanence.verbs.cli import main

JOBS = int(sys.argv[1]) if len(sys.argv) > 1 else 6
EPOCHS = 50
ROUNDS = 3
SEEDS = "seed=" + ",".join(map(str, range(JOBS)))
DATA = {key: value for key, value in compose(["experiment=piezo/single"]).data.items() if key != "_target_"}


def ours(folder: Path, turn: int) -> None:
    known_fits.cache_clear()  # each grid as a process of its own
    os.environ.pop("MLFLOW_TRACKING_URI", None)  # the stock job exports its own
    os.environ["REMANENCE_OUTPUTS"] = str(folder / "ours")
    rates = ",".join(f"{0.005 + 1e-5 * (turn * JOBS + job):.5f}" for job in range(JOBS))
    code = main(["train", "-m", "experiment=piezo/single", f"model.lr={rates}", f"trainer.max_epochs={EPOCHS}"])
    assert code == 0, code


def stock(folder: Path, _: int) -> None:
    uri = f"sqlite:///{folder}/stock.db"
    mlflow.set_tracking_uri(uri)

    def job(cfg):
        seed_everything(cfg.seed, verbose=False)
        logger = MLFlowLogger("piezo", tracking_uri=uri, artifact_location=str(folder / "artifacts"))
        callbacks = [ModelCheckpoint(folder / "stock", monitor="val/loss"), EarlyStopping("val/loss", patience=80)]
        model, data = fit(logger=logger, callbacks=callbacks)
        x = torch.as_tensor(data.part("test")[0], dtype=torch.float32)
        with mlflow.start_run(run_id=logger.run_id):
            mlflow.pytorch.log_model(
                model,
                name="model",
                input_example=x[:3].numpy(),
                pip_requirements=["torch"],
                serialization_format="pickle",
            )

    (folder / "conf").mkdir(exist_ok=True)
    (folder / "conf" / "config.yaml").write_text(f"seed: 0\nhydra: {{sweep: {{dir: {folder}/multirun}}}}\n")
    sys.argv = ["stock", "-m", SEEDS, "hydra/hydra_logging=none", "hydra/job_logging=none"]
    hydra.main(version_base="1.3", config_path=str(folder / "conf"), config_name="config")(job)()


def bare(folder: Path, turn: int) -> None:
    for _ in range(JOBS):
        fit(logger=False, enable_checkpointing=False)


def fit(**options):
    data = NBBT(**DATA).open()
    model = DNN(n_features=2)
    model.prepare(*data.part("train"))
    trainer = Trainer(
        max_epochs=EPOCHS,
        accelerator="cpu",
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        log_every_n_steps=1,
        **options,
    )
    trainer.fit(model, TableModule(data))
    return model, data


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    grids = {"ours": ours, "stock": stock, "bare fit": bare}
    measured: dict[str, list[float]] = {label: [] for label in grids}
    with tempfile.TemporaryDirectory() as name:
        for turn in range(ROUNDS + 1):
            for label, grid in grids.items():
                began = time.perf_counter()
                with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                    grid(Path(name), turn)
                if turn:  # the first turn pays the imports and the fresh databases
                    measured[label].append((time.perf_counter() - began) / JOBS)
    per_job = {label: statistics.median(values) for label, values in measured.items()}
    print(f"{JOBS} jobs a grid, {EPOCHS} epochs a job, median of {ROUNDS} grids, seconds a job:")
    for label, values in measured.items():
        beyond = "" if label == "bare fit" else f", beyond the fit {per_job[label] - per_job['bare fit']:.2f}"
        print(f"  {label:9} {per_job[label]:.2f} (from {min(values):.2f} to {max(values):.2f}){beyond}")
