"""A sweep of 24 trials of the tabular network: ours with two workers, and the stock parts one after another.

    python experiments/benchmarks/sweep_vs_stock.py [rounds] [epochs]

Ours is what a user types: `remanence train -m experiment=piezo/single … n_jobs=2`, with two baselines, figures, tables
and a logged model for every trial, the study and the figures of the sweep. Stock: a Hydra application with Hydra's own
sweeper and launcher around Lightning with `MLFlowLogger`, `ModelCheckpoint`, `EarlyStopping` and
`mlflow.pytorch.log_model` with `pip_requirements`; without these a trial takes far longer, which is measured on two
trials. The same 24 configurations, rows, network, epochs and patience on both sides; no baselines and no figures there.

Each sweep is a process of its own, imports included, on a database that has its tables already. The two take turns, so
that a busy machine slows both.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 3
EPOCHS = int(sys.argv[2]) if len(sys.argv) > 2 else 50
GRID = {
    "model.lr": "1e-3,3e-3,1e-2,3e-2",
    "model.activation": "tanh,sigmoid,relu",
    "model.loss": "mse,smooth_l1",
}
TRIALS = 24


def ours(folder: Path) -> list[str]:
    """Return the command of our sweep."""
    os.environ["REMANENCE_OUTPUTS"] = str(folder)
    searched = [f"{key}={values}" for key, values in GRID.items()]
    common = ["experiment=piezo/single", f"trainer.max_epochs={EPOCHS}", "n_jobs=2"]
    return [sys.executable, "-m", "remanence", "train", "-m", *common, *searched]


def stock(folder: Path) -> list[str]:
    """Return the command of the stock sweep; its trials read the rest from the environment."""
    (folder / "conf").mkdir(exist_ok=True)
    (folder / "conf" / "config.yaml").write_text(
        "model: {lr: 0.005, activation: tanh, loss: mse}\nseed: 0\nrequirements: [torch]\n"
        f"hydra: {{sweep: {{dir: {folder}/multirun}}}}\n"
    )
    os.environ["STOCK_FOLDER"] = str(folder)
    return [sys.executable, __file__, "0", str(EPOCHS), "-m", *(f"{key}={values}" for key, values in GRID.items())]


def stock_application(folder: Path) -> None:
    """Train as the documentation of Hydra, Lightning and MLflow shows it."""
    import hydra
    import mlflow
    from pytorch_lightning import Trainer, seed_everything
    from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint
    from pytorch_lightning.loggers import MLFlowLogger

    from remanence.configuration.compose import compose
    from remanence.data.module import TableModule
    from remanence.data.nbbt import NBBT
    from remanence.models.dnn import DNN

    uri = f"sqlite:///{folder}/mlflow.db"
    mlflow.set_tracking_uri(uri)
    rows = {key: value for key, value in compose(["experiment=piezo/single"]).data.items() if key != "_target_"}

    def trial(cfg):
        seed_everything(cfg.seed, workers=True)
        data = NBBT(**rows).open()
        model = DNN(n_features=2, **cfg.model)
        model.prepare(*data.part("train"))
        logger = MLFlowLogger("piezo", tracking_uri=uri, artifact_location=str(folder / "artifacts"))
        best = ModelCheckpoint(monitor="val/loss")
        trainer = Trainer(
            max_epochs=EPOCHS,
            accelerator="cpu",
            deterministic=True,
            logger=logger,
            callbacks=[best, EarlyStopping("val/loss", patience=80)],
            default_root_dir=folder,
            enable_progress_bar=False,
            log_every_n_steps=1,
        )
        logger.log_hyperparams({**cfg.model, "seed": cfg.seed})
        trainer.fit(model, TableModule(data))
        model = DNN.load_from_checkpoint(best.best_model_path, weights_only=True)
        x, y = data.part("test")
        logger.log_metrics({"test/mse": float(((model.predict(x) - y) ** 2).mean())})
        requirements = {} if cfg.requirements is None else {"pip_requirements": list(cfg.requirements)}
        with mlflow.start_run(run_id=logger.run_id):
            example = x[:3].astype("float32")
            mlflow.pytorch.log_model(
                model, name="model", input_example=example, serialization_format="pickle", **requirements
            )
        return float(best.best_model_score)

    hydra.main(version_base="1.3", config_path=str(folder / "conf"), config_name="config")(trial)()


def seconds(command: list[str], folder: Path, trials: int) -> float:
    """Run a sweep and check that it left as many finished runs as it should."""
    began = time.perf_counter()
    answer = subprocess.run(command, capture_output=True, text=True)
    took = time.perf_counter() - began
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    assert finished(folder) == trials, (finished(folder), answer.stdout[-3000:], answer.stderr[-3000:])
    return took


def finished(folder: Path) -> int:
    """Return the number of finished runs that are not a sweep."""
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{folder}/mlflow.db")
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    runs = client.search_runs(experiments, "attributes.status = 'FINISHED'")
    return len([run for run in runs if run.data.tags.get("remanence.kind") != "sweep"])


def main() -> None:
    from remanence.tracking.database import connect

    with tempfile.TemporaryDirectory() as name:
        empty = Path(name) / "empty.db"
        connect(f"sqlite:///{empty}")

        def fresh(label: str) -> Path:
            folder = Path(name) / label
            folder.mkdir()
            shutil.copy(empty, folder / "mlflow.db")
            return folder

        measured: dict[str, list[float]] = {"ours": [], "stock": []}
        for turn in range(ROUNDS):
            for label, command in (("stock", stock), ("ours", ours)):
                folder = fresh(f"{label}-{turn}")
                measured[label].append(seconds(command(folder), folder, TRIALS))
            print(
                f"round {turn + 1}: ours {measured['ours'][-1]:.1f} s, stock {measured['stock'][-1]:.1f} s", flush=True
            )
        folder = fresh("inferred")
        two = ["requirements=null", "seed=0,1"]
        inferred = seconds([*stock(folder)[:5], *two], folder, 2)
    ratios = [ours / stock for ours, stock in zip(measured["ours"], measured["stock"], strict=True)]
    print(f"{TRIALS} trials of {EPOCHS} epochs, {os.cpu_count()} cores, seconds of a sweep, median of {ROUNDS}:")
    for label, values in measured.items():
        print(f"  {label:6} {statistics.median(values):6.1f} (from {min(values):.1f} to {max(values):.1f})")
    print(f"  ours / stock {statistics.median(ratios):.2f} (from {min(ratios):.2f} to {max(ratios):.2f})")
    print(f"  stock without pip_requirements: {inferred:.1f} s for 2 trials")


if __name__ == "__main__":
    if folder := os.environ.get("STOCK_FOLDER"):
        sys.argv = [sys.argv[0], *sys.argv[3:]]
        stock_application(Path(folder))
    else:
        main()
