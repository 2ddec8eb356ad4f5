"""Keys that were added to the configuration after some runs had been stored without them.

Whoever adds a key to the configuration adds a line at the end of ``LATER``. The line holds the value that reproduces
the behaviour from before the key existed::

    Later("trainer.compile", False)
    Later("acquisition", {"kind": "none", "cost": None})                      # a whole group of the root
    Later("duplicates", "split", of="remanence.data.table.Table")             # an argument of a class
    Later("split.purge", 0, of="remanence.data.table.Table", kind="grouped")  # of one kind of split only
    Later("model.scales.*.encoder.norm", None)                                # * is any name that the user chooses
    Later("data.scales.*.encoder.norm", None)                                 # a chain's data repeat its scales

A line has these effects:

- A stored configuration or model without the key takes this value, whatever value ``conf`` gives to new runs.
- The hash and the identity of a configuration leave the key out where it has this value. They then equal those of
  earlier runs, so that a sweep goes on and a grid reuses the earlier results. Any other value enters them.

A user's file may leave the key out. Such a file looks like an older run, so a missing key must mean this value for
ever. Schema and class therefore give the key this value as its default, or no default; the value for new runs stands
in ``conf``. Lines are never changed or removed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KeyPath = tuple[str, ...]
ENTRY = "*"
"""Part of a key that stands for every name in a mapping whose names the user chooses."""


@dataclass(frozen=True)
class Later:
    """A key that was added after some runs had been stored."""

    key: str
    """Dotted key, from the root or, if ``of`` is given, from each node of this class (data, model or baseline)."""
    value: Any
    """Plain value that reproduces the behaviour of earlier releases."""
    of: str | None = None
    """``_target_`` of the nodes that have the key; None for a key from the root."""
    kind: str | None = None
    """``kind`` of the node that holds the key, if only one of several kinds has the key."""

    def places(self, cfg: Mapping[str, Any], nodes: Mapping[str, Sequence[KeyPath]]) -> Iterator[KeyPath]:
        """Yield each path where a configuration has the key, or lacks it although it has the node that holds it.

        Args:
            cfg: plain values.
            nodes: paths of its nodes by their class, see ``_nodes``.
        """
        for start in nodes.get(self.of, ()) if self.of else [()]:
            for path in _expand(cfg, start, tuple(self.key.split("."))):
                holder = get(cfg, path[:-1])
                if isinstance(holder, Mapping) and self.kind in (None, holder.get("kind")):
                    yield path


_SPECTRA = [f"remanence.data.spectra.{name}" for name in ("beps.BEPS", "raw.Raw", "toy.Toy")]
_TABLES = ["remanence.data.table.Table", "remanence.data.nbbt.NBBT"]
_FIRST_STEPS: dict[str, Any] = {
    "crop": None,
    "spikes": None,
    "background": "none",
    "background_degree": 2,
    "background_stiffness": 1e5,
    "smoothing": None,
    "normalisation": "none",
}

_CHAINS = [
    f"remanence.data.nested.{name}" for name in ("chain.Chain", "perovskite.Perovskite", "multiscale.Multiscale")
]
_ROWS = [*_TABLES, *_CHAINS]
_PARTS_OF_FOLDS: dict[str, Any] = {"split.inside": None, "split.only": None, "split.share": 1.0}

_CELLS: dict[str, Any] = {"missing": "error", "uncertain": "error", "uncertainty": None, "id": None}
_CLIPPED = [
    f"remanence.models.{name}"
    for name in ("linear.Linear", "ridge.Ridge", "svr.SVR", "gaussian_process.GaussianProcess")
]
_FORESTS = [f"remanence.models.{name}" for name in ("extra_trees.ExtraTrees", "random_forest.RandomForest")]
_CODING = ("nmf.NMF", "dictionary_learning.DictionaryLearning")
_DECODERS: dict[str, Any] = {
    "decoder": "joint",
    "decoder_units": None,
    "decoder_blocks": None,
    "rotate": "none",
    "enter": None,
}

LATER: list[Later] = [
    Later("forc", -1, of="remanence.data.spectra.raw.Raw"),
    Later("read", "all", of="remanence.data.spectra.raw.Raw"),
    Later("names", None, of="remanence.data.spectra.raw.Raw"),
    Later("units", None, of="remanence.data.spectra.raw.Raw"),
    Later("refit", False, of="remanence.data.spectra.raw.Raw"),
    *(Later(key, value, of=each) for each in _SPECTRA for key, value in _FIRST_STEPS.items()),
    Later("scaled", None, of="remanence.data.spectra.beps.BEPS"),
    *(
        Later(key, None, of="remanence.data.table.Table")
        for key in ("header_row", "sheet", "decimal", "separator", "encoding")
    ),
    *(Later("duplicates", "split", of=each) for each in _TABLES),
    *(Later(key, value, of="remanence.data.table.Table") for key, value in _CELLS.items()),
    *(Later(key, None, of="remanence.data.table.Table") for key in ("composition", "abbreviations")),
    Later("descriptors", "all", of="remanence.data.table.Table"),
    Later("blend", {"baselines": [], "weights": None}),
    *(Later("clip", None, of=each) for each in _CLIPPED),
    *(Later("shares", None, of=each) for each in _FORESTS),
    Later("cs", None, of="remanence.models.svr.SVR"),
    Later("widths", None, of="remanence.models.svr.SVR"),
    Later("columns", 1.0, of="remanence.models.gradient_boosting.GradientBoosting"),
    Later("families", "none", of="remanence.data.table.Table"),
    Later("ensemble.intervals", "constant"),
    Later("ensemble.epochs", "own"),
    *(Later(key, value, of="remanence.models.beta_vae.BetaVAE") for key, value in _DECODERS.items()),
    *(Later("beta_schedule.free_nats", 0.0, kind=kind) for kind in ("staged", "linear", "cyclical")),
    *(Later("beta_schedule.number", "persistence", kind=kind) for kind in ("staged", "linear", "cyclical")),
    *(Later("beta_schedule.weights", "best", kind=kind) for kind in ("staged", "linear", "cyclical")),
    *(Later(key, None, of="remanence.models.beta_vae.BetaVAE") for key in ("shift", "opening")),
    Later("draw", 0, of="remanence.data.nested.multiscale.Multiscale"),
    *(Later("projected", False, of=f"remanence.models.{name}") for name in _CODING),
    *(Later("leave_out", {}, of=each) for each in _CHAINS),
    *(Later(f"{owner}.scales.*.blend", []) for owner in ("model", "data")),
    *(Later("duplicates", "split", of=each) for each in _CHAINS),
    *(Later(key, value, of=each) for each in _ROWS for key, value in _PARTS_OF_FOLDS.items()),
    Later("trainer.profile", False),
    Later("ensemble.passes", "autograd"),
    Later("figure_format", ["png"]),
    Later("figure_style", None),
    Later("tracking.experiment", None),
]
"""All keys that were added later, the oldest first."""

ABSENT = object()


def complete(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored configuration (plain values) with every later key that it lacks.

    >>> complete({"seed": 0})["blend"]
    {'baselines': [], 'weights': None}
    """
    return _complete(stored, LATER)


def complete_arguments(target: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stored arguments of a class with every later argument that they lack.

    Args:
        target: name of the class, as ``module.name``.
        arguments: plain values. Where they name a class as ``member`` and hold its ``arguments``, these are completed
            as well.
    """
    of_classes = [later for later in LATER if later.of]
    node = _complete({**arguments, "_target_": target}, of_classes)
    completed: dict[str, Any] = _complete_members(_without(node, ("_target_",)))
    return completed


def without(cfg: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration (plain values) without the later keys whose value reproduces the earlier behaviour.

    >>> without({"seed": 0})
    {'seed': 0}
    """
    remaining, nodes = dict(cfg), _nodes(cfg)
    for later in reversed(LATER):  # a key inside a group that came later is removed before the group
        for path in list(later.places(remaining, nodes)):
            if get(remaining, path) == later.value:
                remaining = _without(remaining, path)
    return remaining


def _complete(stored: Mapping[str, Any], laters: Iterable[Later]) -> dict[str, Any]:
    completed, nodes = dict(stored), _nodes(stored)
    for later in laters:
        for path in list(later.places(completed, nodes)):
            if get(completed, path) is ABSENT:
                completed = put(completed, path, later.value)
    return completed


def _complete_members(value: Any) -> Any:
    """Return a value in which the arguments of every ``member`` are complete."""
    if isinstance(value, Mapping):
        plain = {key: _complete_members(inner) for key, inner in value.items()}
        if isinstance(plain.get("member"), str) and isinstance(plain.get("arguments"), Mapping):
            plain["arguments"] = complete_arguments(plain["member"], plain["arguments"])
        return plain
    if isinstance(value, list):  # such as the parts of a blend
        return [_complete_members(each) for each in value]
    return value


def _nodes(node: Any) -> dict[str, list[KeyPath]]:
    """Return the paths of the nodes that name a class as ``_target_``, by that name."""
    found: dict[str, list[KeyPath]] = {}

    def look(node: Any, path: KeyPath) -> None:
        if isinstance(node, Mapping):
            if isinstance(target := node.get("_target_"), str):
                found.setdefault(target, []).append(path)
            for key, value in node.items():
                look(value, (*path, key))

    look(node, ())
    return found


def _expand(cfg: Mapping[str, Any], start: KeyPath, parts: KeyPath) -> Iterator[KeyPath]:
    """Yield ``start`` followed by ``parts`` as a path; a part ``*`` gives one path for each entry of its mapping."""
    if ENTRY not in parts:
        yield (*start, *parts)
        return
    at = parts.index(ENTRY)
    above = (*start, *parts[:at])
    entries = get(cfg, above)
    for name in entries if isinstance(entries, Mapping) else ():
        yield from _expand(cfg, (*above, name), parts[at + 1 :])


def get(node: Any, path: Sequence[str]) -> Any:
    """Return the value at ``path`` of nested mappings, or ``ABSENT``."""
    for part in path:
        if not isinstance(node, Mapping) or part not in node:
            return ABSENT
        node = node[part]
    return node


def put(node: Any, path: KeyPath, value: Any) -> Any:
    """Return a copy with ``value`` at ``path``; a value on the way that is not a mapping is replaced by a mapping."""
    if not path:
        return value
    there = node if isinstance(node, Mapping) else {}
    return {**there, path[0]: put(there.get(path[0]), path[1:], value)}


def _without(node: Mapping[str, Any], path: KeyPath) -> dict[str, Any]:
    """Return a copy without the entry at ``path``."""
    first, *rest = path
    if not rest:
        return {key: value for key, value in node.items() if key != first}
    return {**node, first: _without(node[first], tuple(rest))}
