"""Models as MLflow stores them: weights and plain configuration behind a pyfunc, rebuilt without unpickling code."""

import importlib
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from mlflow import pyfunc
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema, TensorSpec
from safetensors.torch import load_file, save_file
from torch import nn

from remanence.data.columns import Columns
from remanence.data.table_file import check_header
from remanence.errors import ConfigurationError
from remanence.models.estimator import Estimator
from remanence.models.gradient_boosting import GradientBoosting
from remanence.models.unmixer import Unmixer
from remanence.studies.chain.logged_model import ChainMeaning, ChainModel
from remanence.studies.spectra.fit import SpectraModel
from remanence.studies.spectra.logged_model import Instrument, SpectralModel
from remanence.tracking.database import check_version
from remanence.tracking.delivery import MODEL
from remanence.tracking.patience import ServerAway, is_away, reason
from remanence.tracking.run import Run
from remanence.tracking.schema import VERSION
from remanence.training.fitted import Model

# what fitted scikit-learn estimators hold beyond skops' own list; none of them runs code when it is built
TRUSTED = [
    "sklearn.tree._tree.Tree",
    "numpy.dtype",
    "sklearn.model_selection._split.KFold",
    *(
        f"sklearn.gaussian_process.kernels.{name}"
        for name in ("ConstantKernel", "Matern", "Product", "Sum", "WhiteKernel")
    ),
]
CHAIN = "chain.json"
"""What a chain's folder holds beside one folder for each of its scales."""
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


def save_model(model: Model | SpectraModel, meaning: Columns | Instrument, folder: Path) -> None:
    """Write ``model.json``, and ``weights.safetensors`` or what was learnt as ``fitted.skops`` or ``fitted_*.json``.

    Args:
        model: fitted.
        meaning: of its inputs and outputs.
        folder: for the files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    description = {
        "schema_version": VERSION,
        "target": f"{type(model).__module__}.{type(model).__qualname__}",
        "arguments": dict(model.hparams),
        "columns" if isinstance(meaning, Columns) else "instrument": meaning.to_dict(),
    }
    (folder / "model.json").write_text(json.dumps(description, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if isinstance(model, nn.Module):
        weights = {name: value.contiguous().cpu() for name, value in model.state_dict().items()}
        save_file(weights, folder / "weights.safetensors")
    elif isinstance(model, GradientBoosting) and model.saved_as_json:
        model.write_json(folder)
    else:
        import skops.io  # takes a second; networks do without it

        learnt = model.fitted_ if isinstance(model, Unmixer) else model.regressors_  # type: ignore[union-attr]
        skops.io.dump(learnt, folder / "fitted.skops")


def load_model(folder: Path) -> TableModel | SpectralModel | ChainModel:
    """Rebuild a saved model; nothing in the folder can run code.

    Raises:
        ConfigurationError: if the folder is of another schema version, or its class is not a model.
    """
    if (folder / CHAIN).is_file():
        meaning = ChainMeaning.from_dict(json.loads((folder / CHAIN).read_text(encoding="utf-8")))
        loaded: Any = {name: load_model(folder / name) for name in meaning.scales}
        models, columns = ({name: getattr(x, key) for name, x in loaded.items()} for key in ("model", "columns"))
        return ChainModel(models, columns, meaning)
    description = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    check_version(description["schema_version"], str(folder / "model.json"))
    module, _, name = description["target"].rpartition(".")
    try:
        model_class = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(f"{folder}: its class {description['target']} cannot be imported: {error}") from error
    if not (isinstance(model_class, type) and issubclass(model_class, (nn.Module, Estimator, Unmixer))):
        raise ConfigurationError(f"{folder}: {description['target']} is no network, Estimator or Unmixer")
    model = model_class(**description["arguments"])
    if isinstance(model, nn.Module):
        model.load_state_dict(load_file(folder / "weights.safetensors"))
        model.eval()
    elif isinstance(model, GradientBoosting) and model.saved_as_json:
        model.read_json(folder)
    else:
        import skops.io

        learnt = skops.io.load(folder / "fitted.skops", trusted=TRUSTED)
        setattr(model, "fitted_" if isinstance(model, Unmixer) else "regressors_", learnt)
    if "instrument" in description:
        return SpectralModel(model, Instrument(**description["instrument"]))  # type: ignore[arg-type]
    return TableModel(model, Columns(**description["columns"]))  # type: ignore[arg-type]


def log_model(
    run: Run,
    model: Model | SpectraModel,
    meaning: Columns | Instrument,
    example: pd.DataFrame | np.ndarray,
    *,
    step: int,
) -> None:
    """Log ``model`` once under the name ``model``, with signature, input example and requirements.

    Args:
        run: that it belongs to.
        model: fitted.
        meaning: of its inputs and outputs.
        example: a few rows with the feature columns, or a few spectra, as a user would have them.
        step: of the metrics that describe it.
    """
    if isinstance(meaning, Columns):
        signature = _signature(model, meaning)  # type: ignore[arg-type]
        example = _typed(example, meaning)  # type: ignore[arg-type]
    else:
        signature = _spectral_signature(model, meaning)  # type: ignore[arg-type]
    own = model.requirements if isinstance(model, GradientBoosting) else []
    log_saved(run, lambda folder: save_model(model, meaning, folder), signature, example, step=step, requirements=own)


def log_saved(
    run: Run,
    save: Callable[[Path], None],
    signature: ModelSignature,
    example: Any,
    *,
    step: int,
    requirements: Sequence[str] = (),
) -> None:
    """Log what ``save`` writes into a folder as the run's model; ``load_model`` must be able to load it.

    ``requirements`` are the distributions that it needs beside those of every model.
    """
    folder = run.folder / MODEL
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was stopped while it saved its model
    with tempfile.TemporaryDirectory() as place:
        saved = Path(place) / "remanence_model"
        save(saved)
        pyfunc.save_model(
            folder,
            loader_module=__name__,
            data_path=str(saved),
            signature=signature,
            input_example=example,
            # named, because MLflow would import everything for half a minute to find out
            pip_requirements=[
                f"{name}=={metadata.version(name)}" for name in ("remanence", *REQUIREMENTS, *requirements)
            ],
        )
    run.client.log_model(run.id, str(folder), step=step)


def load_logged_model(run_id: str) -> TableModel | SpectralModel | ChainModel:
    """Load the model that a run logged.

    Raises:
        ConfigurationError: if the run logged none, or its files are gone.
        ServerAway: if the server does not answer.
    """
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    try:
        folder = Path(download_artifacts(f"runs:/{run_id}/model"))
        return load_model(folder / "data" / "remanence_model")
    except (MlflowException, OSError) as error:
        if is_away(error):
            raise ServerAway(f"tracking.uri: the server of run {run_id} does not answer: {reason(error)}") from error
        if isinstance(error, OSError):
            raise ConfigurationError(f"run {run_id}: files of its logged model are gone: {reason(error)}") from error
        raise ConfigurationError(f"run {run_id} has no logged model: it did not finish, or is a sweep") from error


def _load_pyfunc(path: str) -> TableModel | SpectralModel | ChainModel:
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


def _spectral_signature(model: SpectraModel, instrument: Instrument) -> ModelSignature:
    shape = (-1, len(instrument.axis), len(instrument.channels))
    double = np.dtype(np.float64)
    latents = model.hparams["latents" if isinstance(model, nn.Module) else "n_components"]
    outputs = [TensorSpec(double, (-1, latents), "embedding"), TensorSpec(double, shape, "reconstruction")]
    return ModelSignature(Schema([TensorSpec(double, shape)]), Schema(outputs))


def _typed(frame: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    kinds: dict[str, Any] = {name: str if name in columns.levels else np.float64 for name in columns.features}
    return frame[columns.features].astype(kinds)
