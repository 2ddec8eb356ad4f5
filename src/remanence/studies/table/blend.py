"""The model of a run as the mean of its networks and of baselines beside them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from remanence.data.folded_rows import FoldedRows
from remanence.data.splits import Rows
from remanence.errors import ConfigurationError
from remanence.foundation.names import NETWORK
from remanence.models.table_blend import TableBlend, mixed_spread
from remanence.studies.table.fit import TableFit
from remanence.training.fit import validated_by_turns
from remanence.training.fitted import FoldResult
from remanence.training.options import Blend

Values = NDArray[np.float64]


def check_blend(blend: Blend, baselines: Sequence[str]) -> None:
    """Check the names in the options of a blend.

    Args:
        blend: options of the blend.
        baselines: names of the baselines of the run.

    Raises:
        ConfigurationError: for a name that looks like that of another baseline, or a weight of a name not blended.
    """
    others = [name for name in baselines if name not in blend.baselines]
    for name in blend.baselines:
        if name not in baselines and (near := get_close_matches(name, others, n=1, cutoff=0.7)):
            raise ConfigurationError(f"blend.baselines: no baseline '{name}'; did you mean '{near[0]}'?")
    for name in blend.weights or ():
        if name not in (NETWORK, *blend.baselines):
            known = ", ".join((NETWORK, *blend.baselines))
            raise ConfigurationError(f"blend.weights: no part '{name}' of the blend; it has: {known}")


def left_out(blend: Blend, baselines: Collection[str], *, is_network: bool) -> str:
    """Return what of a blend a run does without, in one line; empty for nothing.

    Args:
        blend: options of the blend.
        baselines: names of the baselines that were fitted.
        is_network: whether the run's own model is a network.
    """
    missing = [name for name in blend.baselines if name not in baselines]
    if blend.baselines and not is_network:
        return "blend: the model of this run is no network and predicts alone"
    if missing and len(missing) == len(blend.baselines):
        return "blend: no baseline of it is fitted in this run, and the networks predict alone"
    return f"blend: without {', '.join(missing)}, no baseline of this run" if missing else ""


def blend_fits(
    fitted: TableFit, references: Mapping[str, TableFit], data: FoldedRows, options: Blend, *, inner: int = 1
) -> TableFit:
    """Return the blend of the networks with the chosen baselines, in every fold and for the model to keep.

    The part ``val`` is that of the blend with a single fold, where every part of the blend predicts each row by models
    that did not see it. With several folds, only the networks have such a part, and it stays theirs: epochs and
    searches go by it.

    Args:
        fitted: fit of the networks.
        references: fit of each baseline, by its name.
        data: rows, and the folds that hold some of them out.
        options: names and weights.
        inner: number of inner folds of the networks' members.
    """
    names = [name for name in options.baselines if name in references]
    if not names:
        return fitted
    given = options.weights or {}
    weights = np.array([given.get(name, 1.0) for name in (NETWORK, *names)])
    weights = weights / weights.sum()
    parts = [fitted, *(references[name] for name in names)]
    shape = {"n_features": data.x.shape[1], "n_targets": len(data.targets)}
    folds = []
    for number in range(len(fitted.folds)):
        own = [part.folds[number] for part in parts]
        if len(fitted.folds) == 1 and inner > 1:
            own[1:] = [validated_by_turns(fold, data, data.folds[0], folds=inner) for fold in own[1:]]
        model = TableBlend.of([fold.model for fold in own], weights.tolist(), **shape)
        folds.append(_blended_fold(model, own, weights))
    kept = TableBlend.of([part.model for part in parts], weights.tolist(), **shape)
    return replace(fitted, model=kept, folds=folds, network=fitted)


def _blended_fold(model: TableBlend, parts: Sequence[FoldResult], weights: Values) -> FoldResult:
    predicted: dict[str, tuple[Rows, Values]] = {}
    spread = None
    for part in ("train", "val", "test"):
        if not all(part in fold.predicted for fold in parts):
            if part in parts[0].predicted:
                predicted[part] = parts[0].predicted[part]
                spread = parts[0].validated_spread
            continue
        rows = reduce(np.intersect1d, [fold.predicted[part][0] for fold in parts])
        values = np.stack([_at(rows, *fold.predicted[part]) for fold in parts])  # (parts, rows, targets)
        mean: Values = np.tensordot(weights, values, axes=1)
        predicted[part] = (rows, mean)
        if part == "val":
            known = [fold.predicted[part][0] for fold in parts], [fold.validated_spread for fold in parts]
            own = [_at(rows, seen, each) for seen, each in zip(*known, strict=True) if each is not None]
            if len(own) == len(parts):
                spread = mixed_spread(weights, values, np.square(own))
    tested, values = predicted["test"]
    return FoldResult(model, predicted, np.full((len(tested), values.shape[1]), np.nan), spread)


def _at(rows: Rows, own: Rows, values: Values) -> Values:
    """Return the values of ``rows``, which are among ``own``."""
    order = np.argsort(own)
    found: Values = values[order[np.searchsorted(own, rows, sorter=order)]]
    return found
