"""Blending of a scale's own model with baselines of the run, in the shares that err least on rows without training."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray
from torch import nn

from remanence.data.folded_rows import FoldedRows
from remanence.errors import ConfigurationError
from remanence.foundation.threads import one_blas_thread
from remanence.models.scale_blend import ScaleBlend, mixed
from remanence.models.scale_options import Scale
from remanence.science.conformal import conformal_half_width
from remanence.science.least_shares import least_shares
from remanence.studies.chain.fit import FittedChain
from remanence.training.fit import SMALL, validated_by_turns
from remanence.training.fitted import Fitted, FoldResult
from remanence.training.stacked.stacked_trainer import half_width_over_folds

Values = NDArray[np.float64]


def check_blended(scales: Mapping[str, Scale], baselines: Collection[str]) -> None:
    """Refuse a name in ``model.scales.<scale>.blend`` that looks like that of another baseline.

    Raises:
        ConfigurationError: naming the baseline that is nearest.
    """
    for scale, spec in scales.items():
        others = [name for name in baselines if name not in spec.blend]
        for name in spec.blend:
            if name not in baselines and (near := get_close_matches(name, others, n=1, cutoff=0.7)):
                raise ConfigurationError(f"model.scales.{scale}.blend: no baseline '{name}'; did you mean '{near[0]}'?")


def blend_scale(
    fitted: FittedChain, scale: str, others: Mapping[str, Fitted], data: FoldedRows, *, inner: int, coverage: float
) -> FittedChain:
    """Return the chain with one scale blended with fitted baselines, in every fold and in the model to keep.

    In each fold, the shares are those with the least mean absolute error on the rows outside its test. For this, every
    part predicts each row without having been trained on it: the chain's own model as it does for ``val``, a baseline
    by copies that are fitted without one of the inner folds of the members. The model to keep takes the mean shares.

    Args:
        fitted: fit of the chain.
        scale: name of the scale.
        others: fit of each baseline to blend with, by its name.
        data: rows of the scale, and the folds that hold some of them out.
        inner: number of inner folds of the members.
        coverage: nominal coverage of the intervals.
    """
    own = fitted.fits[scale]
    with one_blas_thread() if len(data.x) <= SMALL else nullcontext():
        blended = [
            _blended(
                [own.folds[place], *(other.folds[place] for other in others.values())], data, place, inner, coverage
            )
            for place in range(len(data.folds))
        ]
    folds = [fold for fold, _ in blended]
    shares = np.mean([each for _, each in blended], axis=0)  # (parts, targets)
    kept = folds[0].model
    if len(folds) > 1:
        width = half_width_over_folds(folds, data, coverage)
        models = [own.model, *(other.model for other in others.values())]
        kept = ScaleBlend.of_parts(models, shares, width, n_features=data.x.shape[1])
    beside = {name: (np.array(each) * shares[0]).tolist() for name, each in fitted.shares.get(scale, {}).items()}
    beside |= {name: share.tolist() for name, share in zip(others, shares[1:], strict=True)}
    return FittedChain(
        {**fitted.fits, scale: replace(own, model=kept, folds=folds)},
        {**fitted.networks, scale: fitted.networks.get(scale, own)},
        {**fitted.shares, scale: beside},
    )


def _blended(
    parts: Sequence[FoldResult], data: FoldedRows, place: int, inner: int, coverage: float
) -> tuple[FoldResult, Values]:
    """Return the blend of one fold, and the share of each part (parts, targets)."""
    turns = [
        part if isinstance(part.model, nn.Module) else validated_by_turns(part, data, data.folds[place], folds=inner)
        for part in parts
    ]
    rows, unseen = _together(turns, "val")
    measured = data.y[rows]
    shares = np.stack(
        [least_shares(unseen[:, :, target].T, measured[:, target]) for target in range(measured.shape[1])], axis=1
    )
    residuals = measured - mixed(shares, unseen)
    half_width = np.array([conformal_half_width(column, coverage) for column in residuals.T])
    predicted = {"val": (rows, mixed(shares, unseen))}
    for name in ("train", "test"):
        known, values = _together(parts, name)
        predicted[name] = (known, mixed(shares, values))
    model = ScaleBlend.of_parts([part.model for part in parts], shares, half_width, n_features=data.x.shape[1])
    return FoldResult(model, predicted, np.tile(half_width, (len(predicted["test"][0]), 1))), shares


def _together(parts: Sequence[FoldResult], name: str) -> tuple[NDArray[np.intp], Values]:
    """Return the rows that all parts predict for ``name``, and their predictions (parts, rows, targets)."""
    rows = parts[0].predicted[name][0]
    for part in parts[1:]:
        rows = np.intersect1d(rows, part.predicted[name][0])
    values = []
    for part in parts:
        own, predicted = part.predicted[name]
        order = np.argsort(own)
        values.append(predicted[order[np.searchsorted(own, rows, sorter=order)]])
    return rows, np.stack(values)
