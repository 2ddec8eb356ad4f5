"""The model of a run as a folder that is loaded without MLflow: weights, plain descriptions, and how to load it."""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from remanence.errors import ConfigurationError, DamagedFile
from remanence.foundation.damage import reading
from remanence.foundation.trust import allowed_targets, trusting
from remanence.foundation.whole_file import whole_folder
from remanence.studies.kinds import KINDS, kind_named, kind_of_run, load_logged
from remanence.tracking.version import VERSION, check_version

CONFIG, README = "config.json", "README.md"


@dataclass(frozen=True)
class ExportedModel:
    """A model that was loaded from a folder of ``export_model``."""

    model: Any
    """What the kind of data loads, as ``mlflow.pyfunc`` would: ``TableModel``, ``SpectralModel`` or ``ChainModel``."""
    config: dict[str, Any]
    """What stands in ``config.json``: kind, run, version, inputs and final metrics."""

    def predict(self, given: Any) -> Any:
        """Return what the logged model returns, in physical units.

        Args:
            given: a table, for which a table comes back; or spectra (n, steps, channels), for which a dictionary of
                arrays comes back: ``embedding``, ``reconstruction``, ``distance`` and so on.

        Raises:
            DataError: if the table or the spectra do not suit the model.
        """
        return self.model.predict(given)


def export_model(run: Any, folder: str | Path) -> Path:
    """Write the model of a run into a new or empty folder, which appears whole or not at all, and return the folder.

    Args:
        run: run whose model is exported, see ``tracking.run.Run``.
        folder: the folder; the one above it has to exist.

    Raises:
        ConfigurationError: if the run logged no model, the folder is not empty, or cannot be written.
        DamagedFile: if a file of the model is damaged.
    """
    from remanence.tracking.logged_model import saved_model_of

    place = Path(folder)
    kind = kind_of_run(run.config)
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise ConfigurationError(f"export: {place} is not empty; name a new folder")
    if not place.absolute().parent.is_dir():
        raise ConfigurationError(f"export: the folder {place.absolute().parent} does not exist")
    saved = saved_model_of(run.id, _there, run.folder)
    named = kind.name if KINDS.get(kind.name) is kind else str(run.config["data"]["kind"])
    about = {
        "schema_version": VERSION,
        "kind": named,
        "run": run.id,
        "name": run.name,
        "remanence": run.found.data.tags.get("remanence.version"),
        "inputs": _inputs(saved.parents[1] / "MLmodel"),
        "metrics": {key: value for key, value in sorted(run.found.data.metrics.items()) if key.startswith("test/")},
    }
    try:
        with whole_folder(place) as unfinished:
            _copy(saved, unfinished)
            text = json.dumps(about, indent=2, ensure_ascii=False)
            (unfinished / CONFIG).write_text(f"{text}\n", encoding="utf-8")
            (unfinished / README).write_text(_readme(about, place.name), encoding="utf-8")
            load_exported(unfinished, allowed_targets())  # what cannot be loaded is not exported
    except OSError as error:
        raise ConfigurationError(f"export: {place} cannot be written: {error.strerror or error}") from error
    return place


def load_exported(folder: str | Path, allowed: Sequence[str] = ()) -> ExportedModel:
    """Return the model in a folder of ``export_model``; nothing in the folder can run code.

    Args:
        folder: the folder.
        allowed: prefixes of names beyond the package that may be imported: those of your own models and kinds of data.

    Raises:
        ConfigurationError: if this is no such folder, or it names a class or kind that may not be imported.
        DamagedFile: if a file is damaged.
    """
    place = Path(folder)
    path = place / CONFIG
    if not path.is_file():
        raise ConfigurationError(f"load_exported: {place} holds no exported model: there is no {CONFIG} in it")
    with reading(path):
        about = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(about, dict) or not isinstance(about.get("kind"), str):
            raise DamagedFile(path, "it names no kind of data")
        check_version(about.get("schema_version"), str(path))
    with trusting(allowed):
        kind = kind_named(f"{path}: kind", about["kind"], allowed_targets(allowed))
        try:
            return ExportedModel(load_logged(f"{path}: kind", kind, place), about)
        except OSError as error:
            raise ConfigurationError(f"load_exported: {place}: {error.filename or ''}: {error.strerror}") from error


def _there(folder: Path) -> Path:
    """Return a folder; an OSError says that it is gone, and lets the run's own copy be looked for."""
    os.listdir(folder)
    return folder


def _copy(saved: Path, folder: Path) -> None:
    for path in sorted(saved.rglob("*")):
        target = folder / path.relative_to(saved)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        elif path.is_file() and not path.is_symlink():
            shutil.copyfile(path, target)


def _inputs(described: Path) -> dict[str, str] | None:
    """Return what the model takes in each column; None if it takes arrays."""
    with reading(described):
        metadata = (yaml.safe_load(described.read_text(encoding="utf-8")) or {}).get("metadata") or {}
    inputs = metadata.get("inputs")
    return {str(name): str(about) for name, about in inputs.items()} if isinstance(inputs, dict) else None


def _readme(about: dict[str, Any], name: str) -> str:
    inputs = about["inputs"]
    if inputs is None:
        given, takes = 'np.load("spectra.npy")', "an array (n, steps, channels) in physical units"
        imports = "import numpy as np\nimport remanence as rm"
    else:
        given, takes = 'pd.read_csv("new.csv")', f"a table with the columns {', '.join(inputs)}"
        imports = "import pandas as pd\nimport remanence as rm"
    return f"""# {about["name"]}

The model of run {about["run"]}, exported by remanence {about["remanence"]}: a model of kind {about["kind"]}, as weights
(safetensors) and plain descriptions, without pickled code. It is loaded without MLflow:

```python
{imports}

model = rm.load_exported("{name}")
print(model.predict({given}))
```

It takes {takes}. `{CONFIG}` has the final metrics of the run.
"""
