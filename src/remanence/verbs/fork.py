"""``remanence train fork=<run id> key=value …``: a new run that starts from the weights of another run."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import OmegaConf

from remanence.configuration.arguments import quote_verbatim, split
from remanence.configuration.build import build
from remanence.configuration.compose import with_later_keys
from remanence.configuration.configuration import Configuration
from remanence.configuration.marked_keys import names_file
from remanence.configuration.validate import configuration_of
from remanence.errors import ConfigurationError, UserError
from remanence.foundation.terminal import console, quiet
from remanence.studies.kind import Data, Encoding, Fit, Opened, Scores, Study
from remanence.studies.kinds import amended, kind_of, make_study
from remanence.tracking.address import default_outputs
from remanence.tracking.later_keys import put
from remanence.tracking.parameters import REPEATED, flatten

if TYPE_CHECKING:
    from remanence.tracking.fork import Origin
    from remanence.training.fitter import Weights
    from remanence.training.untrained_shapes import Shapes


def forked_configuration(wanted: str, overrides: Sequence[str]) -> Configuration:
    """Return the configuration of a new run: the stored configuration of another run, with changed keys.

    Args:
        wanted: id or name of the run to fork, or the address of a registered model.
        overrides: overrides as on the command line; ``trainer=gpu`` replaces all keys of the group by a file of
            ``conf/trainer``.

    Raises:
        ConfigurationError: if there is no such run, if it is a sweep, if a key is unknown or out of range, or if an
            argument cannot be combined with ``fork=``.
    """
    for override in overrides:
        if override in ("-m", "--multirun"):
            raise ConfigurationError("fork: one run is forked at a time; -m cannot be combined with it")
        if (key := override.partition("=")[0]) in ("resume", "experiment", "sweep"):
            raise ConfigurationError(f"fork: takes the configuration of the run; {key}= cannot be combined with it")
    from remanence.tracking.fork import find_origin

    given = {key: (value or "").strip("'\"") for key, value in map(split, overrides)}
    outputs = given.get("paths.outputs")
    origin = find_origin(wanted, given.get("tracking.uri"), None if outputs is None else Path(outputs))
    stored = {**origin.config, "fork": origin.run_id, "name": None, "paths": {"outputs": str(default_outputs())}}
    # a stored run does not say where the new one is written
    tags = {key: value for key, value in stored["tracking"]["tags"].items() if not key.startswith("remanence.")}
    stored["tracking"] = {**stored["tracking"], "uri": None, "parent": None, "experiment": None, "tags": tags}
    stored["sweep"] = dict.fromkeys(stored["sweep"])  # the forked run may be a trial, but the new run is not
    return amended(stored, quote_verbatim(list(overrides)))


def origin_weights(study: Study[Fit, Scores], model: Any, data: Opened) -> "Mapping[str, Weights]":
    """Return the weights of the forked run, the origin, by checkpoint, see ``training.initial_weights``.

    There are none if nothing but the file of a table has changed, and its rows give other inputs than the origin's, as
    a first formula with a new element does. The training then begins with random weights, and a line says so.

    Args:
        study: study of the new run.
        model: untrained model of the new run.
        data: data of the new run.

    Raises:
        ConfigurationError: if the model is not a network, if the weights have another shape, or if the new run would
            hold out rows that the origin was trained on.
    """
    from pytorch_lightning import LightningModule

    from remanence.tracking.fork import find_origin
    from remanence.training.initial_weights import read_weights
    from remanence.training.untrained_shapes import shapes

    cfg, plain = study.cfg, study.cfg.plain
    origin = find_origin(str(cfg.fork), cfg.tracking.uri, Path(cfg.paths.outputs))
    if not isinstance(model, LightningModule):
        raise ConfigurationError(f"fork: a {type(model).__name__} has no weights to start from; only networks have")
    keys = _changed(origin.config, plain)
    wanted = study.untrained_shapes(model)
    weights = read_weights(origin.checkpoints, wanted)
    if not weights:
        raise ConfigurationError(f"fork: run {origin.run_id} left no checkpoint to start from")
    fits = all(shapes(found) == wanted[name] for name, found in weights.items())
    if all(names_file(key) for key in keys) and (other := _other_inputs(origin, study)):
        console.print(f"{other}; the weights of run {origin.run_id} do not suit them, so training begins at random")
        return {}
    if not fits:
        raise ConfigurationError(_misfit(keys, origin, plain, data))
    _check_order(keys, origin, plain)
    if origin.has_read(data.sources):
        _check_held_out(keys, origin, study, data)
    else:
        console.print(
            f"other data than those of run {origin.run_id}: where they share rows, the test is not independent"
        )
    return weights


def _other_inputs(origin: "Origin", study: Study[Fit, Scores]) -> str:
    """Return in words which inputs differ from those of the origin's model, if it has one that knows its inputs."""
    if not isinstance(study, Encoding) or (described := origin.described()) is None:
        return ""
    return study.other_inputs(described)


def _check_order(changed: Sequence[str], origin: "Origin", cfg: Mapping[str, Any]) -> None:
    """Refuse the same columns in another order: with the origin's weights, a network would confuse its inputs."""
    before, after = dict(flatten(origin.config)), dict(flatten(cfg))
    for key in changed:
        old, new = before.get(key), after.get(key)
        is_columns = key.startswith(("data.", "model.scales.")) and not key.startswith(REPEATED)
        if (
            is_columns
            and isinstance(old, list)
            and isinstance(new, list)
            and sorted(map(str, old)) == sorted(map(str, new))
        ):
            raise ConfigurationError(f"fork: {key}: run {origin.run_id} has them in another order; keep {key}={old}")


def _check_held_out(changed: Sequence[str], origin: "Origin", study: Study[Fit, Scores], data: Opened) -> None:
    """Refuse to hold out rows that the origin was trained on, because an error on them is not a test error."""
    of_data = [key for key in changed if key.startswith("data.") and not names_file(key)]
    dividing = [*of_data, *(key for key in changed if key.startswith("ensemble."))]
    if not dividing:
        return
    from remanence.studies.shared_rows import rows_seen_before  # imports scikit-learn for the splits, so only if needed

    before = _opened_as_before(origin, study.cfg.plain) if of_data else data
    seen_before = _study_of(origin.config, before).rows_seen()
    if number := rows_seen_before(seen_before, study.rows_seen()):
        raise ConfigurationError(
            f"fork: {', '.join(dividing)}: run {origin.run_id} has trained on rows that would be held out now "
            f"({number} of them); keep its split, or train afresh"
        )


def _study_of(plain: Mapping[str, Any], data: Opened) -> Study[Fit, Scores]:
    cfg = configuration_of(OmegaConf.to_container(with_later_keys(plain), resolve=True))  # type: ignore[arg-type]  # keys are text
    return make_study(kind_of(cfg.data, cfg.allowed_targets), data, cfg)


def _opened_as_before(origin: "Origin", cfg: Mapping[str, Any]) -> Opened:
    """Return the data of the origin, read from the paths that the new run gives."""
    node: dict[str, Any] = {"data": origin.config["data"]}
    there = dict(flatten(node))
    for key, value in flatten({"data": cfg["data"]}):
        if names_file(key) and key in there:
            node = put(node, tuple(key.split(".")), value)
    reader: Data = build("data", node["data"])
    with quiet():  # the run that is forked has said what there is to say
        return reader.open()


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the dotted keys of ``data``, ``model`` and ``ensemble`` whose values differ."""
    old, new = (
        dict(flatten({group: cfg[group] for group in ("data", "model", "ensemble")})) for cfg in (before, after)
    )
    return [key for key in {**old, **new} if old.get(key) != new.get(key)]


def _misfit(changed: Sequence[str], origin: "Origin", cfg: Mapping[str, Any], data: Opened) -> str:
    """Return a message that names the keys by which the network has another shape than the origin's."""
    before, wanted = dict(flatten(origin.config)), _shapes(cfg, data)

    def matters(key: str) -> bool:
        """Return whether the network has another shape if this key has the origin's value."""
        if key not in before:
            return True
        put_back = put(cfg, tuple(key.split(".")), before[key])
        return bool(_shapes(put_back, None if key.startswith("data.") else data) != wanted)

    if "model._target_" in changed:
        keys = ["model"]
    else:  # keys of data are tried only if no other key explains the shape, because opening data takes time
        network = [key for key in changed if not key.startswith("data.") and matters(key)]
        keys = network or [key for key in changed if key.startswith("data.") and matters(key)] or ["data"]
    known = ", ".join(f"{key}={before[key]}" for key in keys if key in before)
    there = f"; it has {known}" if known else ""
    return f"fork: {', '.join(keys)}: gives the network another shape than that of run {origin.run_id}{there}"


def _shapes(cfg: Mapping[str, Any], data: Opened | None) -> "dict[str, Shapes] | None":
    """Return the shapes of a network's weights; None if the values of the configuration do not fit together.

    Args:
        cfg: configuration of a run, plain values.
        data: data of the run; None opens the data that the configuration names.
    """
    try:
        opened = build("data", cfg["data"]).open() if data is None else data
        model = build("model", cfg["model"], **opened.shape)
    except (UserError, TypeError):  # such as a split of one kind with the options of another kind
        return None
    return _study_of(cfg, opened).untrained_shapes(model)
