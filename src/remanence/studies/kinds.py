"""The kinds of data that there are, and which one a configuration is about."""

import importlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from hydra.utils import get_class
from omegaconf import DictConfig

from remanence.configuration.compose import amend
from remanence.configuration.configuration import Configuration
from remanence.configuration.described import describe
from remanence.configuration.validate import first_line, nearest, validate
from remanence.errors import ConfigurationError
from remanence.studies.kind import Applied, Fit, Kind, Opened, Scores, Study

if TYPE_CHECKING:  # MLflow takes seconds; which kind there is can be told without
    from mlflow.entities import Run as MlflowRun

    from remanence.tracking.run import Run

ALLOWED = "REMANENCE_ALLOWED_TARGETS"
"""Environment variable with further prefixes of what may be imported, separated by commas, for verbs that take none."""

TABLE = Kind(
    name="table",
    options=frozenset({"ensemble", "augmentation"}),
    study="remanence.studies.table.study:TableStudy",
    applied="remanence.studies.table.apply:AppliedTable",
    compared=("test/r2", "test/rmse", "test/mae", "test/mse", "val/mse"),
    side_by_side="remanence.studies.side_by_side:show_predictions",
)
SPECTRA = Kind(
    name="spectra",
    options=frozenset({"beta_schedule"}),
    study="remanence.studies.spectra.study:SpectraStudy",
    applied="remanence.studies.spectra.apply:AppliedSpectra",
    compared=("test/r2", "test/mse", "test/mse_sampled", "test/active_units", "val/mse"),
    side_by_side="remanence.studies.spectra.side_by_side:show_errors",
)
CHAIN = Kind(
    name="chain",
    options=frozenset({"ensemble"}),
    study="remanence.studies.chain.study:ChainStudy",
    applied="remanence.studies.chain.apply:AppliedChain",
    compared=("test/r2", "test/rmse", "test/mae", "test/mse", "val/mse"),
    side_by_side="remanence.studies.side_by_side:show_predictions",
    beside=frozenset({"table"}),
)
KINDS = {kind.name: kind for kind in (TABLE, SPECTRA, CHAIN)}


class NotAllowedError(ConfigurationError):
    """What a configuration names may not be imported.

    Args:
        key: that names it.
        target: class, or ``module:name``.
        allowed: prefixes of what may be.
    """

    def __init__(self, key: str, target: str, allowed: Sequence[str]) -> None:
        super().__init__(f"{key}: '{target}' is not under allowed_targets ({', '.join(allowed)})")
        self.package = f"{target.partition(':')[0].partition('.')[0]}."


def kind_of(data: Mapping[str, Any], allowed: Sequence[str]) -> Kind:
    """Return the kind of a ``data`` node.

    Args:
        data: with ``_target_``, and ``kind`` where the class does not say it itself.
        allowed: prefixes of what may be imported.

    Raises:
        ConfigurationError: if there is no such kind, or it may not be imported.
    """
    described = describe(str(data.get("_target_")))
    known = described.kind if described else None
    named = data.get("kind") or known
    if known is not None and named != known:
        name = str(data["_target_"]).rpartition(".")[2]
        raise ConfigurationError(f"data.kind: {name} is of kind '{known}', got '{named}'; leave it out")
    if named is None:
        named = getattr(_import_class("data._target_", str(data.get("_target_")), allowed), "kind", None)
    if named is None:
        raise ConfigurationError(
            f"data.kind: {data['_target_']} does not say which kind of data it is, if any; give one of "
            f"{', '.join(KINDS)}, or module:NAME of your own"
        )
    if str(named) in KINDS:
        return KINDS[str(named)]
    if ":" not in str(named):
        hint = nearest(str(named), KINDS) or f"; known: {', '.join(KINDS)}"
        raise ConfigurationError(f"data.kind: unknown kind '{named}'{hint}; one of your own is module:NAME")
    found = _load("data.kind", str(named), allowed)
    if not isinstance(found, Kind):
        raise ConfigurationError(f"data.kind: {named} is no Kind, but {type(found).__name__}")
    return found


def checked(cfg: DictConfig, *, stored: Mapping[str, Any] | None = None) -> Configuration:
    """Return a composed configuration, checked as data of its kind; see ``validate``."""
    return validate(cfg, kind_of, stored=stored)


def amended(stored: dict[str, Any], overrides: Sequence[str]) -> Configuration:
    """Return a stored configuration with overrides of its keys, checked; see ``amend``."""
    return amend(stored, overrides, kind_of)


def kind_of_run(config: Mapping[str, Any]) -> Kind:
    """Return the kind of a stored configuration; what it may import is this user's to say, see ``ALLOWED``.

    Raises:
        ConfigurationError: if it may not be imported.
    """
    try:
        return kind_of(config["data"], allowed_targets())
    except NotAllowedError as error:
        raise ConfigurationError(f"{error}; if you trust it, set {ALLOWED}={error.package}") from None


def allowed_targets() -> list[str]:
    """Return the prefixes of what may be imported where no configuration of the user's says more."""
    return ["remanence.", *filter(None, os.environ.get(ALLOWED, "").split(","))]


def make_study(kind: Kind, data: Opened, cfg: Configuration) -> Study[Fit, Scores]:
    """Return the study of opened data.

    Raises:
        ConfigurationError: if the kind's study cannot be imported, or lacks a method.
    """
    study = _load("data.kind", kind.study)
    _check_methods(kind.study, study, Study)
    return cast(Study[Fit, Scores], study(data, cfg))


def show_side_by_side(kind: Kind, parent: "Run", runs: "Sequence[MlflowRun]") -> None:
    """Draw the finished runs of a sweep beside each other, on the run that groups them, if their kind knows how."""
    if kind.side_by_side is not None:
        _load("data.kind", kind.side_by_side)(parent, runs)


def apply(run: "Run") -> Applied:
    """Return the model that a run has logged, loaded to be applied.

    Raises:
        ConfigurationError: if the run logged none, or its kind may not be imported.
    """
    kind = kind_of_run(run.config)
    applied = _load("data.kind", kind.applied)
    _check_methods(kind.applied, applied, Applied)
    return cast(type[Applied], applied).of(run)


def load_saved(folder: Path) -> Any:
    """Load a model that an earlier release has saved, which did not write down who loads it."""
    if (folder / "chain.json").is_file():
        loader = "remanence.studies.chain.logged_model:ChainModel"
    else:
        description = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        kind, model = ("spectra", "SpectralModel") if "instrument" in description else ("table", "TableModel")
        loader = f"remanence.studies.{kind}.logged_model:{model}"
    return _load("model", loader).load(folder)


def _load(key: str, named: str, allowed: Sequence[str] | None = None) -> Any:
    """Return what ``module:name`` names; None for ``allowed`` trusts it: a kind that is known has named it."""
    module, _, name = named.partition(":")
    if allowed is not None and not f"{module}.".startswith(tuple(allowed)):
        raise NotAllowedError(key, named, allowed)
    try:
        return getattr(importlib.import_module(module), name)
    except Exception as error:  # of whatever the user's module does when it is imported
        raise ConfigurationError(f"{key}: {named} cannot be imported: {first_line(error)}") from error


def _check_methods(named: str, given: Any, protocol: type) -> None:
    """Refuse what a kind names if it lacks a method that the framework will call."""
    wanted = [name for name, value in vars(protocol).items() if callable(getattr(value, "__func__", value))]
    missing = [name for name in wanted if not name.startswith("_") and not callable(getattr(given, name, None))]
    if missing:
        raise ConfigurationError(
            f"data.kind: {named} has no {', '.join(missing)}; see studies.kind.{protocol.__name__}"
        )


def _import_class(key: str, target: str, allowed: Sequence[str]) -> type:
    if not target.startswith(tuple(allowed)):
        raise NotAllowedError(key, target, allowed)
    try:
        found: type = get_class(target)
    except Exception as error:  # of whatever the user's module does when it is imported
        raise ConfigurationError(f"{key}: {target} cannot be imported: {first_line(error)}") from error
    return found
