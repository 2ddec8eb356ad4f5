"""Checking a composed configuration; an error is one line that names the key, the given value and what is allowed."""

import dataclasses
import difflib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import Annotated, Any, Protocol, get_args, get_origin

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from remanence.configuration.choices import is_part
from remanence.configuration.configuration import Configuration
from remanence.configuration.described import describe, schema_of
from remanence.configuration.on_offer import models_for
from remanence.configuration.options import check_options
from remanence.errors import ConfigurationError, UnknownObjective
from remanence.foundation.constraints import nodes_of
from remanence.foundation.first_line import first_line
from remanence.foundation.imports import importing
from remanence.foundation.names import check_name, find_metric
from remanence.foundation.trust import allowed_targets, check_importable, check_targets
from remanence.tracking.parameters import flatten
from remanence.training.beta_schedule import BetaSchedule

LABELS = ("chain", "this run")
"""Names of a run's own model in tables of models."""


class KindOfData(Protocol):
    """The properties of a kind of data that the checks need, see ``studies.kind.Kind``."""

    @property
    def name(self) -> str:
        """Name of the kind, such as ``table``."""

    @property
    def options(self) -> Collection[str]:
        """Groups of ``options.OPTIONS`` that this kind uses."""

    @property
    def beside(self) -> Collection[str]:
        """Other kinds whose models can be baselines of a model of this kind."""


KindOf = Callable[[Mapping[str, Any], Sequence[str]], KindOfData]
"""Function that returns the kind of data of a ``data`` node, given the beginnings of names that may be imported."""


def validate(cfg: DictConfig, kind_of: KindOf, *, stored: Mapping[str, Any] | None = None) -> Configuration:
    """Check a composed configuration, and return it resolved and typed.

    Args:
        cfg: composed configuration.
        kind_of: function that returns the kind of its data, which decides the models and options that are allowed.
        stored: configuration of the run that is resumed or forked; options with the same values are not refused.

    Raises:
        ConfigurationError: for a missing, unknown, mistyped or out-of-range key, a class that is not allowed, a model
            that cannot be trained on the data, or an option that this kind of data does not have.
    """
    given = cfg.allowed_targets or []
    allowed = allowed_targets([given] if isinstance(given, str) else given)
    kind = _kind(cfg, kind_of, allowed)
    # before references are resolved: the data of a chain refer to its model, so a wrong model would make them fail
    _check_models(cfg, kind, allowed)
    # missing values are looked for before resolving, because a reference to a key without a value cannot be resolved
    missing = sorted(key for key, value in flatten(OmegaConf.to_container(cfg, resolve=False)) if value == "???")
    if missing:
        hints = " ".join(f"{key}=…" for key in missing)
        raise ConfigurationError(f"{missing[0]}: must be given; add {hints}")
    checked = configuration_of({**_resolved(cfg), "allowed_targets": allowed})
    for name in checked.baselines:
        check_name(f"baselines.{name}", str(name), taken=LABELS)
    for key, node in _nodes(checked.plain).items():
        _check_node(key, node, allowed)
    check_options(checked.plain, kind, stored=stored or {})
    objectives(checked)
    if checked.config is not None and is_part(checked.config):
        raise ConfigurationError(f"experiment: {checked.config} holds what others share, and is none by itself")
    if checked.figure_style is not None:
        with importing():  # of matplotlib
            from remanence.figures.style_sheet import check_style
        check_style("figure_style", checked.figure_style)
    # raises an error if the schedule has no stage
    BetaSchedule(**vars(checked.beta_schedule), max_epochs=checked.trainer.max_epochs)
    return checked


def configuration_of(values: Mapping[str, Any]) -> Configuration:
    """Return plain values as a typed configuration, without checking the content of data, model and baselines.

    Raises:
        ConfigurationError: for a missing, unknown, mistyped or out-of-range key.
    """
    checked: Configuration = check(Configuration, values, "")
    checked.plain = values
    return checked


def check_target(key: str, cfg: DictConfig, *, allowed: Sequence[str]) -> dict[str, Any]:
    """Return the resolved node at ``key``, checked against the schema of the class that its ``_target_`` names.

    Raises:
        ConfigurationError: for a missing, unknown, mistyped or out-of-range key, or a class that is not allowed.
    """
    node: dict[str, Any] = _resolved(cfg)[key]
    _check_node(key, node, allowed)
    return node


def _resolved(cfg: DictConfig) -> dict[str, Any]:
    try:
        values: dict[str, Any] = OmegaConf.to_container(cfg, resolve=True)  # type: ignore[assignment]
    except OmegaConfBaseException as error:
        raise ConfigurationError(f"{error.full_key or 'configuration'}: {first_line(error)}") from error
    return values


def _nodes(values: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the nodes that name a class (data, model and baselines), by their keys."""
    baselines = {f"baselines.{name}": baseline for name, baseline in values["baselines"].items()}
    return {"data": values["data"], "model": values["model"], **baselines}


def objectives(cfg: Configuration) -> dict[str, str]:
    """Return each metric that a sweep optimises, with its direction ``minimize`` or ``maximize``.

    Raises:
        ConfigurationError: if the numbers of objectives and directions differ, if a metric is given twice, or if there
            are several objectives and a pruner.
    """
    given = cfg.objective, cfg.objective_direction
    names, directions = (value if isinstance(value, list) else [value] for value in given)
    if len(names) != len(directions):
        raise ConfigurationError(
            f"objective_direction: {len(names)} objectives need {len(names)} directions, got {len(directions)}"
        )
    if len(set(names)) < len(names):
        raise ConfigurationError(f"objective: a metric is given twice in {names}")
    if len(names) > 1 and cfg.pruner.kind != "none":
        raise ConfigurationError(
            f"pruner: trials with {len(names)} objectives have no order while they train, so none can be pruned; "
            "add pruner=none, or give one objective"
        )
    return dict(zip(names, directions, strict=True))


def check_objectives(cfg: Configuration, metrics: Iterable[str]) -> None:
    """Raise UnknownObjective if an objective is not among the metrics of a run, see ``find_metric``.

    In a metric, ``*`` means any text.
    """
    given = sorted(metrics)
    known = [name for name in given if "*" not in name]
    for name in objectives(cfg):
        if find_metric(name, known) is None and not any(fnmatchcase(name, any_) for any_ in given if "*" in any_):
            hint = nearest(name, known) or f"; there are: {', '.join(known)}"
            raise UnknownObjective(f"objective: no metric '{name}'{hint}")


def nearest(given: str, known: Iterable[str], above: str = "") -> str:
    """Return ``"; did you mean 'x'?"`` for the nearest known name, or an empty string if none is near.

    Args:
        given: name that the user typed.
        known: known names.
        above: dotted key of the node above the name, which the message puts before the name.
    """
    close = difflib.get_close_matches(given, list(known), n=1, cutoff=0.5)
    return f"; did you mean '{above}{'.' if above else ''}{close[0]}'?" if close else ""


def _kind(cfg: DictConfig, kind_of: KindOf, allowed: Sequence[str]) -> KindOfData:
    data = OmegaConf.to_container(cfg.data, resolve=False) if cfg.get("data") else {}
    assert isinstance(data, dict)
    if not isinstance(data.get("_target_"), str):
        raise ConfigurationError("data._target_: must name a class")
    return kind_of(data, allowed)  # type: ignore[arg-type]  # keys are text


def _check_models(cfg: DictConfig, kind: KindOfData, allowed: Sequence[str]) -> None:
    """Refuse a model or baseline for another kind of data; a class that does not say its kind is accepted."""
    for key, node in {"model": cfg.get("model"), **dict(cfg.get("baselines") or {})}.items():
        target = (node or {}).get("_target_")
        if not isinstance(target, str):  # a missing name is reported later
            continue
        name = key if key == "model" else f"baselines.{key}"
        check_importable(f"{name}._target_", target, allowed)  # first: its source is read, and partly evaluated
        described = describe(target)
        suits = described.kind if described else None
        fitting = {kind.name} if key == "model" else {kind.name, *kind.beside}
        if suits is not None and suits not in fitting:
            others = f": add {key}={' or '.join(models_for(kind.name))}" if key == "model" else ": add baselines=none"
            raise ConfigurationError(
                f"{name}: {target.rpartition('.')[2]} is a model for data of kind '{suits}', and "
                f"{str(cfg.data._target_).rpartition('.')[2]} is of kind '{kind.name}'{others}"
            )


def _check_node(key: str, node: Mapping[str, Any], allowed: Sequence[str]) -> None:
    target = node.get("_target_")
    if not isinstance(target, str):
        raise ConfigurationError(f"{key}._target_: must name a class")
    check_targets(key, node, allowed)
    schema = schema_of(target)
    if schema is not None:
        given = {name: value for name, value in node.items() if name not in ("_target_", "kind")}
        check(schema, given, key)


def check(schema: type, values: Mapping[str, Any], prefix: str) -> Any:
    """Return the values of a node as an instance of its schema.

    Args:
        schema: schema of the node.
        values: plain values of the node.
        prefix: dotted key of the node, for messages; empty for the root.

    Raises:
        ConfigurationError: for a missing, unknown, mistyped or out-of-range key.
    """
    try:
        # as JSON, because for Python objects pydantic's strict mode accepts only instances of the schema
        return _adapter(schema).validate_json(json.dumps(values, default=str))
    except ValidationError as error:
        # unknown keys first: an unknown key is often a missing key misspelt, and explains more than the missing key
        details = sorted(error.errors(), key=lambda detail: detail["type"] != "unexpected_keyword_argument")
        raise ConfigurationError(_explain(details[0], schema, prefix)) from None


@cache
def _adapter(schema: type) -> TypeAdapter[Any]:
    return TypeAdapter(schema)


def _explain(detail: ErrorDetails, schema: type, prefix: str) -> str:
    location, parent = _locate(detail["loc"], schema)
    path = [prefix, *location] if prefix else location
    key = ".".join(path)
    given = detail["input"]
    match detail["type"]:
        case "unexpected_keyword_argument":
            where = ".".join(path[:-1]) or "the configuration"
            known = f"; {where} has: {', '.join(parent)}" if parent else ""
            return f"{key}: unknown key{nearest(location[-1], parent) or known}"
        case "union_tag_invalid":
            tags, tag = detail["ctx"]["expected_tags"], detail["ctx"]["tag"]
            kind = detail["ctx"]["discriminator"].strip("'")
            return f"{key}.{kind}: should be one of {tags}, got '{tag}'"
        case "union_tag_not_found":
            kind = detail["ctx"]["discriminator"].strip("'")
            return f"{key}.{kind}: must be given"
        case "missing":
            return f"{key}: must be given"
        case _:
            return f"{key}: {_lower(detail['msg'])}, got {given!r}"


def _locate(location: tuple[int | str, ...], schema: type) -> tuple[list[str], list[str]]:
    """Return the path to a wrong value as the user writes it, and the keys of the innermost node on this path.

    pydantic's location has further parts, which are left out: the tag of a node that a discriminator chooses, and the
    type that pydantic tried for a plain value.
    """
    path: list[str] = []
    node: type = schema
    annotation: Any = schema
    for part in location:
        annotation = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
        choices = nodes_of(annotation)
        if get_origin(annotation) in (dict, list):  # an entry, whose name or position the user chooses
            path.append(str(part))
            annotation = get_args(annotation)[-1]
            continue
        if len(choices) > 1:  # this part is the tag of the chosen node, one of its ``kind`` literals
            node = annotation = next(choice for choice in choices if part in _tags(choice))
            continue
        if isinstance(part, int) or (part.isidentifier() and part not in ("str", "int", "float", "bool")):
            path.append(str(part))
        node = choices[0] if choices else node
        types: dict[int | str, Any] = {f.name: f.type for f in dataclasses.fields(node)} if choices else {}
        annotation = types.get(part)
    return path, [field.name for field in dataclasses.fields(node)]


def _tags(node: type) -> list[Any]:
    return [tag for field in dataclasses.fields(node) if field.name == "kind" for tag in get_args(field.type)]


def _lower(message: str) -> str:
    return message.removeprefix("Input ")[:1].lower() + message.removeprefix("Input ")[1:]
