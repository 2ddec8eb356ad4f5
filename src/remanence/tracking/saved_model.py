"""A model in a folder: weights and a plain description; the model is rebuilt from them without unpickling code."""

import hashlib
import json
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, cast

from torch import nn

from remanence.errors import ConfigurationError, DamagedFile
from remanence.foundation.damage import reading
from remanence.foundation.trust import import_target
from remanence.models.network_file import read_weights, write_weights
from remanence.tracking.later_keys import complete_arguments
from remanence.tracking.version import VERSION, check_version
from remanence.tracking.writable import as_others

DESCRIPTION = "model.json"
CHECKSUMS = "sha256"
"""Key of the description with the SHA-256 of every other file of the folder, by its name."""


class Rebuildable(Protocol):
    """A model that can be rebuilt from its class and the arguments of its constructor."""

    hparams: Any
    """Every argument of the constructor, as plain values."""


class Fitted(Protocol):
    """A model without a training loop (an Estimator or an Unmixer), which saves its fitted values itself."""

    def write_fitted(self, folder: Path) -> None:
        """Write the fitted values into a folder."""

    def read_fitted(self, folder: Path) -> None:
        """Read the fitted values that ``write_fitted`` wrote; nothing in the folder can run code."""


def save_model(model: Rebuildable, folder: Path, **meaning: Any) -> None:
    """Write ``model.json``, and the weights of a network (``weights.safetensors``) or an estimator's fitted values.

    Args:
        model: a fitted model.
        folder: folder for the files.
        **meaning: what the model's inputs and outputs mean; plain values, which are added to the description.
    """
    folder.mkdir(parents=True, exist_ok=True)
    description = {
        "schema_version": VERSION,
        "target": f"{type(model).__module__}.{type(model).__qualname__}",
        "arguments": dict(model.hparams),
        **meaning,
    }
    if isinstance(model, nn.Module):
        write_weights(model, folder)
    elif _is_fitted(type(model)):
        cast(Fitted, model).write_fitted(folder)
    else:
        raise TypeError(
            f"Expected a network, an Estimator or an Unmixer, but got {type(model).__name__}, which cannot write what "
            "it has learnt."
        )
    # weights hold no checksums: a flipped bit would be another number
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    for path in files:
        as_others(path)  # safetensors lets nobody else read its files
    description[CHECKSUMS] = {path.relative_to(folder).as_posix(): _checksum(path) for path in files}
    (folder / DESCRIPTION).write_text(json.dumps(description, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def load_model(folder: Path) -> tuple[Any, dict[str, Any]]:
    """Return a saved model and its description; nothing in the folder can run code.

    Raises:
        ConfigurationError: if the folder has another schema version, the class that it names is not a model or may not
            be imported, or the weights are not finite.
        DamagedFile: if a file is damaged.
    """
    description = read_description(folder)
    for name, checksum in description.get(CHECKSUMS, {}).items():  # models of earlier releases have none
        if _checksum(_inside(folder, name)) != checksum:
            raise DamagedFile(folder / name, "its checksum differs from that in model.json")
    model_class = import_target(f"{folder / DESCRIPTION}: target", description["target"])
    if not (isinstance(model_class, type) and (issubclass(model_class, nn.Module) or _is_fitted(model_class))):
        raise ConfigurationError(f"{folder}: {description['target']} is no network, Estimator or Unmixer")
    with reading(folder / DESCRIPTION):
        model = model_class(**complete_arguments(description["target"], description["arguments"]))
    if isinstance(model, nn.Module):
        read_weights(model, folder)
    else:
        model.read_fitted(folder)
    return model, description


def _inside(folder: Path, name: str) -> Path:
    """Return the file of a name in the description, which is somebody else's and never leaves the folder."""
    parts = [part for part in PurePosixPath(name).parts if part not in ("/", "..")]
    return folder.joinpath(*parts)


def _is_fitted(model_class: type) -> bool:
    return all(callable(getattr(model_class, name, None)) for name in ("write_fitted", "read_fitted"))


def read_description(folder: Path) -> dict[str, Any]:
    """Return the description of a saved model.

    Raises:
        ConfigurationError: if the description has another schema version.
        DamagedFile: if the file is damaged.
    """
    path = folder / DESCRIPTION
    with reading(path):
        description: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        check_version(description["schema_version"], str(path))
        for key, kind in {"target": str, "arguments": dict}.items():
            if not isinstance(description[key], kind):
                raise DamagedFile(path, f"its {key} is no {kind.__name__}")
    return description


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
