"""The register of the kinds of data, and the choice of the kind that a configuration is about."""

import importlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from omegaconf import DictConfig

from remanence.configuration.compose import amend
from remanence.configuration.configuration import Configuration
from remanence.configuration.described import describe
from remanence.configuration.validate import check_objectives, nearest, objectives, validate
from remanence.errors import ConfigurationError
from remanence.foundation.first_line import first_line
from remanence.foundation.imports import importing
from remanence.foundation.trust import allowed_targets, check_importable, import_target
from remanence.studies.kind import Applied, Fit, Kind, Opened, Scores, Study

if TYPE_CHECKING:  # MLflow takes seconds to import and is not needed to find the kind
    from mlflow.entities import Run as MlflowRun

    from remanence.tracking.run import Run

TABLE = Kind(
    name="table",
    options=frozenset({"ensemble", "augmentation", "blend"}),
    study="remanence.studies.table.study:TableStudy",
    applied="remanence.studies.table.apply:AppliedTable",
    metrics="remanence.studies.table.metric_names:metric_names",
    logged="remanence.studies.table.logged_model:TableModel",
    compared=("test/r2", "test/rmse", "test/mae", "test/mse", "val/mse"),
    side_by_side="remanence.studies.side_by_side:show_predictions",
)
SPECTRA = Kind(
    name="spectra",
    options=frozenset({"beta_schedule"}),
    study="remanence.studies.spectra.study:SpectraStudy",
    applied="remanence.studies.spectra.apply:AppliedSpectra",
    metrics="remanence.studies.spectra.metric_names:metric_names",
    logged="remanence.studies.spectra.logged_model:SpectralModel",
    compared=("test/r2", "test/mse", "test/mse_amortised", "test/mse_sampled", "test/active_units", "val/mse"),
    side_by_side="remanence.studies.spectra.side_by_side:show_errors",
)
CHAIN = Kind(
    name="chain",
    options=frozenset({"ensemble"}),
    study="remanence.studies.chain.study:ChainStudy",
    applied="remanence.studies.chain.apply:AppliedChain",
    metrics="remanence.studies.chain.metric_names:metric_names",
    logged="remanence.studies.chain.logged_model:ChainModel",
    compared=("test/r2", "test/rmse", "test/mae", "test/mse", "val/mse"),
    side_by_side="remanence.studies.side_by_side:show_predictions",
    beside=frozenset({"table"}),
)
KINDS = {kind.name: kind for kind in (TABLE, SPECTRA, CHAIN)}


def kind_of(data: Mapping[str, Any], allowed: Sequence[str]) -> Kind:
    """Return the kind of a ``data`` node.

    Args:
        data: ``data`` node with ``_target_``, and with ``kind`` if the class does not declare its kind.
        allowed: prefixes of names that may be imported.

    Raises:
        ConfigurationError: if there is no such kind, or it may not be imported.
    """
    check_importable("data._target_", data.get("_target_"), allowed)  # first: its source is read, and partly evaluated
    described = describe(str(data["_target_"]))
    known = described.kind if described else None
    named = data.get("kind") or known
    if known is not None and named != known:
        name = str(data["_target_"]).rpartition(".")[2]
        raise ConfigurationError(f"data.kind: {name} is of kind '{known}', got '{named}'; leave it out")
    if named is None:
        named = getattr(import_target("data._target_", str(data.get("_target_")), allowed), "kind", None)
    if named is None:
        raise ConfigurationError(
            f"data.kind: {data['_target_']} does not say which kind of data it is, if any; give one of "
            f"{', '.join(KINDS)}, or module:NAME of your own"
        )
    return kind_named("data.kind", str(named), allowed)


def kind_named(key: str, named: str, allowed: Sequence[str]) -> Kind:
    """Return the kind that a name stands for: ``table``, or ``module:NAME`` of one's own.

    Args:
        key: key of the configuration, or file, that holds the name.
        named: the name.
        allowed: prefixes of names that may be imported.

    Raises:
        ConfigurationError: if there is no such kind, or it may not be imported.
    """
    if named in KINDS:
        return KINDS[named]
    if ":" not in named:
        hint = nearest(named, KINDS) or f"; known: {', '.join(KINDS)}"
        raise ConfigurationError(f"{key}: unknown kind '{named}'{hint}; one of your own is module:NAME")
    check_importable(key, named, allowed)
    found = _load(key, named)
    if not isinstance(found, Kind):
        raise ConfigurationError(f"{key}: {named} is no Kind, but {type(found).__name__}")
    return found


def checked(cfg: DictConfig) -> Configuration:
    """Return a composed configuration after checking it against the kind of its data; see ``validate``."""
    return validate(cfg, kind_of)


def amended(stored: dict[str, Any], overrides: Sequence[str]) -> Configuration:
    """Return a stored configuration with overrides applied, after checking it; see ``amend``."""
    return amend(stored, overrides, kind_of)


def kind_of_run(config: Mapping[str, Any]) -> Kind:
    """Return the kind of a stored configuration.

    Raises:
        ConfigurationError: if the present user does not allow the kind to be imported.
    """
    return kind_of(config["data"], allowed_targets())


def make_study(kind: Kind, data: Opened, cfg: Configuration) -> Study[Fit, Scores]:
    """Return the study of opened data.

    Raises:
        ConfigurationError: if the kind's study cannot be imported, or lacks a method.
    """
    study = _load("data.kind", kind.study)
    _check_methods(kind.study, study, Study)
    return cast(Study[Fit, Scores], study(data, cfg))


def check_objective(kind: Kind, data: Opened, cfg: Configuration) -> None:
    """Refuse an objective that no run on these data can have, as far as the kind says which metrics there are.

    Raises:
        UnknownObjective: if there is no such metric.
    """
    # the names are computed for a rare objective only, because that imports what scores a run
    if kind.metrics is not None and not set(objectives(cfg)) <= set(kind.compared):
        check_objectives(cfg, _load("data.kind", kind.metrics)(data, cfg))


def show_side_by_side(kind: Kind, parent: "Run", runs: "Sequence[MlflowRun]") -> None:
    """Draw the finished runs of a sweep beside each other and log the figure to its parent run, if the kind can."""
    if kind.side_by_side is not None:
        _load("data.kind", kind.side_by_side)(parent, runs)


def apply(run: "Run") -> Applied:
    """Load the model that a run has logged, for evaluation, prediction and design.

    Raises:
        ConfigurationError: if the run logged none, or its kind may not be imported.
    """
    kind = kind_of_run(run.config)
    with importing():  # also of what the class of the model needs, which only the logged model names
        applied = _load("data.kind", kind.applied)
        _check_methods(kind.applied, applied, Applied)
        return cast(type[Applied], applied).of(run)


def load_logged(key: str, kind: Kind, folder: Path) -> Any:
    """Load a saved model of a kind from a folder, without MLflow.

    Raises:
        ConfigurationError: if the kind does not say what loads its models.
        DamagedFile: if a file is damaged.
    """
    if kind.logged is None:
        raise ConfigurationError(
            f"{key}: kind '{kind.name}' does not say what loads its models; Kind(logged=…) says it"
        )
    return _load(key, kind.logged).load(folder)


def load_saved(folder: Path) -> Any:
    """Load a model saved by an earlier release, which did not store the name of its loader."""
    if (folder / "chain.json").is_file():
        loader = "remanence.studies.chain.logged_model:ChainModel"
    else:
        description = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        kind, model = ("spectra", "SpectralModel") if "instrument" in description else ("table", "TableModel")
        loader = f"remanence.studies.{kind}.logged_model:{model}"
    return _load("model", loader).load(folder)


def _load(key: str, named: str) -> Any:
    """Return the object that ``module:name`` names, in a kind or after a check."""
    module, _, name = named.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except Exception as error:  # importing a user's module may raise anything
        raise ConfigurationError(f"{key}: {named} cannot be imported: {first_line(error)}") from error


def _check_methods(named: str, given: Any, protocol: type) -> None:
    """Refuse an object that a kind names if it lacks a method that the framework calls."""
    wanted = [name for name, value in vars(protocol).items() if callable(getattr(value, "__func__", value))]
    missing = [name for name in wanted if not name.startswith("_") and not callable(getattr(given, name, None))]
    if missing:
        raise ConfigurationError(
            f"data.kind: {named} has no {', '.join(missing)}; see studies.kind.{protocol.__name__}"
        )
