"""Models as MLflow stores them: weights and plain configuration behind a pyfunc, rebuilt without unpickling code."""

import importlib
import json
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io
from mlflow import pyfunc
from mlflow.models import Model as MlflowModel
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema
from safetensors.torch import load_file, save_file
from torch import nn

from remanence.data.columns import Columns
from remanence.data.table_file import check_header
from remanence.errors import ConfigurationError
from remanence.models.estimator import Estimator
from remanence.tracking.database import check_version
from remanence.tracking.run import Run
from remanence.tracking.schema import VERSION
from remanence.training.fitted import Model

# what fitted scikit-learn estimators hold beyond skops' own list; none of them runs code when it is built
TRUSTED = ["sklearn.tree._tree.Tree", "numpy.dtype"]
REQUIREMENTS = ["torch", "pytorch-lightning", "mlflow", "scikit-learn", "skops", "safetensors", "numpy", "pandas"]


class TableModel:
    """A fitted model together with the meaning of its columns: tables in, tables out, physical units."""

    def __init__(self, model: Model, columns: Columns) -> None:
        self.model = model
        self.columns = columns

    def predict(self, frame: pd.DataFrame, params: dict[str, Any] | None = None, *, source: str = "input") -> Any:
        """Return one column per target for the rows of ``frame``, and its interval where the model has one.

        Further columns of ``frame`` are ignored.

        Raises:
            DataError: naming a missing column, or the row and column of a bad cell.
        """
        check_header(list(frame.columns), self.columns.features, source)
        predicted = self.model.predict(self.columns.encode(frame, source))
        table = pd.DataFrame(predicted, columns=self.columns.targets, index=frame.index)
        for target, width in zip(self.columns.targets, half_width(self.model, len(self.columns.targets)), strict=True):
            if np.isfinite(width):
                table[f"{target}_low"], table[f"{target}_high"] = table[target] - width, table[target] + width
        return table


def save_model(model: Model, columns: Columns, folder: Path) -> None:
    """Write ``model.json`` and ``weights.safetensors`` or ``regressors.skops``."""
    folder.mkdir(parents=True, exist_ok=True)
    description = {
        "schema_version": VERSION,
        "target": f"{type(model).__module__}.{type(model).__qualname__}",
        "arguments": dict(model.hparams),
        "columns": columns.to_dict(),
    }
    (folder / "model.json").write_text(json.dumps(description, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if isinstance(model, nn.Module):
        weights = {name: value.contiguous().cpu() for name, value in model.state_dict().items()}
        save_file(weights, folder / "weights.safetensors")
    else:
        skops.io.dump(model.regressors_, folder / "regressors.skops")  # type: ignore[attr-defined]


def load_model(folder: Path) -> TableModel:
    """Rebuild a saved model; nothing in the folder can run code.

    Raises:
        ConfigurationError: if the folder is of another schema version, or its class is not a model.
    """
    description = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    check_version(description["schema_version"], str(folder / "model.json"))
    module, _, name = description["target"].rpartition(".")
    try:
        model_class = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(f"{folder}: its class {description['target']} cannot be imported: {error}") from error
    if not (isinstance(model_class, type) and issubclass(model_class, (nn.Module, Estimator))):
        raise ConfigurationError(f"{folder}: {description['target']} is neither a network nor an Estimator")
    model = model_class(**description["arguments"])
    if isinstance(model, nn.Module):
        model.load_state_dict(load_file(folder / "weights.safetensors"))
        model.eval()
    else:
        model.regressors_ = skops.io.load(folder / "regressors.skops", trusted=TRUSTED)
    return TableModel(model, Columns(**description["columns"]))  # type: ignore[arg-type]


def log_model(run: Run, model: Model, columns: Columns, example: pd.DataFrame, *, step: int) -> None:
    """Log ``model`` once under the name ``model``, with signature, input example and requirements.

    Args:
        run: that it belongs to.
        model: fitted.
        columns: meaning of its inputs and outputs.
        example: a few rows with the feature columns, as a user would have them.
        step: of the metrics that describe it.
    """
    info = run.client.get_run(run.id).info
    # created here: MLflow's log would put it into its default experiment, below the working directory
    created = run.client.create_logged_model(info.experiment_id, name="model", source_run_id=run.id)
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "remanence_model"
        save_model(model, columns, saved)
        MlflowModel.log(
            artifact_path=None,
            flavor=pyfunc,
            model_id=created.model_id,
            run_id=run.id,
            step=step,
            loader_module=__name__,
            data_path=str(saved),
            signature=_signature(model, columns),
            input_example=_typed(example, columns),
            # named, because MLflow would import everything for half a minute to find out
            pip_requirements=[f"{name}=={metadata.version(name)}" for name in ("remanence", *REQUIREMENTS)],
        )


def load_logged_model(run_id: str) -> TableModel:
    """Load the model that a run logged.

    Raises:
        ConfigurationError: if the run logged none.
    """
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    try:
        folder = Path(download_artifacts(f"runs:/{run_id}/model"))
    except MlflowException as error:
        raise ConfigurationError(f"run {run_id} has no logged model: it did not finish, or is a sweep") from error
    return load_model(folder / "data" / "remanence_model")


def _load_pyfunc(path: str) -> TableModel:
    """Entry point of ``mlflow.pyfunc.load_model``."""
    return load_model(Path(path))


def half_width(model: Model, targets: int) -> np.ndarray:
    """Return half the width of each target's interval, NaN where ``model`` has none."""
    return np.asarray(getattr(model, "half_width", np.full(targets, np.nan)))


def _signature(model: Model, columns: Columns) -> ModelSignature:
    outputs = [
        name
        for target, width in zip(columns.targets, half_width(model, len(columns.targets)), strict=True)
        for name in ([target, f"{target}_low", f"{target}_high"] if np.isfinite(width) else [target])
    ]
    inputs = [ColSpec("string" if name in columns.levels else "double", name) for name in columns.features]
    return ModelSignature(Schema(inputs), Schema([ColSpec("double", name) for name in outputs]))


def _typed(frame: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    kinds: dict[str, Any] = {name: str if name in columns.levels else np.float64 for name in columns.features}
    return frame[columns.features].astype(kinds)
