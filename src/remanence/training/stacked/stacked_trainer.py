"""Training the ensembles of all outer folds together, and calibrating their intervals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from remanence.data.folded_rows import FoldedRows
from remanence.models.ensemble import CHUNK, Ensemble, dtype_of
from remanence.models.stacked import select
from remanence.science.conformal import conformal_half_width
from remanence.training.fitted import Fitted, FoldResult, held_out
from remanence.training.fitter import Weights
from remanence.training.initial_weights import AUGMENTED, STACK, beginning_with
from remanence.training.ranks import ALONE, Ranks
from remanence.training.report import Report
from remanence.training.score import regression_metrics
from remanence.training.stacked.members import ALL_TARGETS, Member, plan_members
from remanence.training.stacked.stackable import builder, how_to_stack, member_arguments
from remanence.training.stacked.stacked_fit import fit_stacked
from remanence.training.stacked.stacked_training import Adapt, Schedule, StackedResult, StackedTraining

Values = NDArray[np.float64]


class Drawn(NamedTuple):
    """Rows drawn for one outer fold."""

    x: Values
    """Inputs, shape (rows, inputs)."""
    y: Values
    """Targets, shape (rows, targets)."""
    origin: NDArray[np.intp]
    """Measured row around which each row was drawn, shape (rows,); only members that train on it use the drawn row."""


@dataclass
class StackedTrainer:
    """Trainer of a run with several members or folds, in the place of Lightning's.

    Args:
        schedule: options of the training.
        folds: number of inner folds of the rows outside the test; each inner fold validates ``repeats`` members.
        repeats: number of independent trainings on the same rows.
        per_target: whether each target has networks of its own.
        coverage: nominal coverage of the intervals.
        seed: seed from which the seeds of all members follow.
        log: function called after every epoch with the mean losses and the epoch.
        flush: function called when a training ends, also after an error; it sends the values that ``log`` has buffered.
        scale_on_all: whether the scalers are fitted to every row, held-out rows too, as for some published numbers.
        initial: name of a checkpoint to the weights that its training begins with; without them it begins at random.
        report: function called after every epoch that returns whether to stop.
        ranks: the processes that share the training; each trains some of the members, and all call ``fit``.
    """

    schedule: Schedule
    folds: int
    repeats: int
    per_target: bool
    coverage: float
    seed: int
    log: Callable[[dict[str, float], int], None]
    flush: Callable[[], None] = lambda: None
    scale_on_all: bool = False
    initial: Mapping[str, Weights] = field(default_factory=dict)
    report: Report | None = None
    ranks: Ranks = ALONE

    def begin_with(self, weights: Mapping[str, Weights]) -> None:
        """Begin with ``weights`` instead of random weights, see ``Fitter``."""
        self.initial = weights

    def members(self, data: FoldedRows) -> list[Member]:
        """Return the members of all ensembles, with the rows and targets that each trains on."""
        return plan_members(data, folds=self.folds, repeats=self.repeats, per_target=self.per_target, seed=self.seed)

    def for_baseline(self, data: FoldedRows) -> Self:
        """Return a trainer like this one for a baseline network, which writes no checkpoint and no loss curves."""
        schedule = replace(self.schedule, checkpoint=None, batch_size=data.batch_size)
        quiet: dict[str, Any] = {"log": lambda metrics, epoch: None, "report": None, "ranks": ALONE}
        return replace(self, schedule=schedule, per_target=False, initial={}, **quiet)

    def fit(self, model: Any, data: FoldedRows, drawn: Sequence[Drawn] = (), *, adapt: Adapt | None = None) -> Fitted:
        """Train members like ``model``, which itself stays untrained.

        Args:
            model: untrained network with the class and the arguments of the members.
            data: rows and the folds that hold some of them out.
            drawn: further rows to train on, for each outer fold; empty for none.
            adapt: function called with the untrained stack, see ``StackedTraining``.

        Raises:
            Pruned: if ``report`` ended the training.
        """
        members = self.members(data)
        if self.scale_on_all:
            members = [replace(member, scaled_on=np.arange(len(data.x))) for member in members]
        arguments = member_arguments(model, per_target=self.per_target)
        x, y, members_on = _with_drawn(data, members, drawn)
        build = builder(model, arguments)
        schedule, log = self.schedule, self.log
        if drawn:  # a second training of the same run needs its own checkpoint and its own curves
            second = None if schedule.checkpoint is None else schedule.checkpoint.with_name(f"{AUGMENTED}.ckpt")
            schedule = replace(schedule, checkpoint=second)
            log = self._log_augmented
        training = StackedTraining(
            build=build,
            x=x,
            y=y,
            members=members_on,
            schedule=schedule,
            log=log,
            adapt=adapt or beginning_with(self.initial.get(STACK)),
            report=self.report,
            ranks=self.ranks,
            form=how_to_stack(build, x, y, members_on),
            flush=self.flush,
            uncertainty=data.uncertainty,
        )
        try:
            result = fit_stacked(training)
        finally:
            self.flush()
        predicted = _predict_members(result, members, data)
        folds = [
            self._fold_result(number, result, members, predicted, data, arguments) for number in range(len(data.folds))
        ]
        kept = folds[0].model
        if len(folds) > 1:
            half_width = half_width_over_folds(folds, data, self.coverage)
            kept = self._ensemble(result, members, range(len(members)), data, arguments, half_width)
        return Fitted(
            model=kept,
            folds=folds,
            coverage=self.coverage,
            members=_member_table(result, members, predicted, data),
            stacked=result.network,
            history={
                "train/loss": (np.arange(len(result.train_loss)), result.train_loss),
                "val/loss": (np.arange(len(result.val_loss)), result.val_loss),
            },
            best_epoch=int(np.median(result.best_epoch)),
            epochs=len(result.train_loss),
            stack=result.stack,
        )

    def _log_augmented(self, metrics: dict[str, float], epoch: int) -> None:
        self.log({f"augmented/{key}": value for key, value in metrics.items()}, epoch)

    def _fold_result(
        self,
        number: int,
        result: StackedResult,
        members: list[Member],
        predicted: NDArray[np.float64],
        data: FoldedRows,
        arguments: dict[str, object],
    ) -> FoldResult:
        own = [index for index, member in enumerate(members) if member.fold == number]
        fold = data.folds[number]
        seen = _mean(predicted, members, own, [members[index].train for index in own])
        unseen = _mean(predicted, members, own, [members[index].validation for index in own])
        every_row = np.arange(len(data.x))
        tested = _mean(predicted, members, own, [every_row] * len(own))
        validated = np.unique(np.concatenate([members[index].validation for index in own]))
        trained = np.unique(np.concatenate([members[index].train for index in own]))
        residuals = data.y[validated] - unseen[validated]
        half_width = np.array([conformal_half_width(column, self.coverage) for column in residuals.T])
        return FoldResult(
            model=self._ensemble(result, members, own, data, arguments, half_width),
            predicted={
                "train": (trained, seen[trained]),
                "val": (validated, unseen[validated]),
                "test": (fold.test, tested[fold.test]),
            },
            half_width=np.tile(half_width, (len(fold.test), 1)),
        )

    def _ensemble(self, result, members, own, data, arguments, half_width) -> Ensemble:  # type: ignore[no-untyped-def]
        folds = [members[index].fold for index in own]
        return Ensemble.of(
            select(result.network, list(own)),
            arguments=arguments,
            targets=[members[index].target for index in own],
            n_targets=len(data.targets),
            half_width=half_width,
            coverage=self.coverage,
            groups=folds if len(set(folds)) > 1 else None,
        )


def _with_drawn(data: FoldedRows, members: list[Member], drawn: Sequence[Drawn]) -> tuple[Values, Values, list[Member]]:
    """Return all rows, the measured ones first, and the members with drawn rows of their fold to train on.

    A member gets only the rows drawn around its own training rows. Others would leak its validation rows into its
    training.
    """
    if not drawn:
        return data.x, data.learnt, members
    starts = np.cumsum([len(data.x), *(len(rows.x) for rows in drawn)])
    added = [
        replace(
            m, train=np.concatenate([m.train, starts[m.fold] + np.flatnonzero(np.isin(drawn[m.fold].origin, m.train))])
        )
        for m in members
    ]
    x = np.concatenate([data.x, *(rows.x for rows in drawn)])
    y = np.concatenate([data.learnt, *(rows.y for rows in drawn)])
    return x, y, added


@torch.no_grad()
def _predict_members(result: StackedResult, members: list[Member], data: FoldedRows) -> NDArray[np.float64]:
    """Return the prediction of each member for every row, shape (members, rows, targets); NaN for other targets."""
    result.network.eval()
    chunks = torch.split(torch.as_tensor(data.x, dtype=dtype_of(result.network)), CHUNK)
    outputs = torch.cat([result.network(x.expand(len(members), *x.shape)) for x in chunks], dim=1).double().numpy()
    predicted = np.full((len(members), *data.y.shape), np.nan)
    for index, member in enumerate(members):
        predicted[index][:, slice(None) if member.target == ALL_TARGETS else [member.target]] = outputs[index]
    return predicted


def _mean(
    predicted: NDArray[np.float64], members: list[Member], own: list[int], rows: list[NDArray[np.intp]]
) -> NDArray[np.float64]:
    """Return the mean prediction of the members ``own``, shape (rows, targets); each counts for its ``rows`` only."""
    total = np.zeros(predicted.shape[1:])
    count = np.zeros(predicted.shape[1:])
    for index, chosen in zip(own, rows, strict=True):
        target = members[index].target
        block = np.ix_(chosen, np.arange(predicted.shape[2]) if target == ALL_TARGETS else np.array([target]))
        total[block] += predicted[index][block]
        count[block] += 1
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)


def half_width_over_folds(folds: list[FoldResult], data: FoldedRows, coverage: float) -> NDArray[np.float64]:
    """Return the half width of the interval over folds, shape (targets,), for the mean of all folds' members.

    It is calibrated on the held-out predictions of all rows.
    """
    residuals = data.y - held_out(folds, data.y)
    residuals = residuals[np.isfinite(residuals[:, 0])]
    return np.array([conformal_half_width(column, coverage) for column in residuals.T])


def _member_table(
    result: StackedResult, members: list[Member], predicted: NDArray[np.float64], data: FoldedRows
) -> pd.DataFrame:
    rows = []
    for index, member in enumerate(members):
        test = data.folds[member.fold].test
        for target in range(len(data.targets)) if member.target == ALL_TARGETS else [member.target]:
            metrics = regression_metrics(data.y[test, target], predicted[index][test, target])
            rows.append(
                {
                    "member": index,
                    "fold": member.fold,
                    "target": data.targets[target],
                    "validated_on": " ".join(map(str, member.validation)),
                    "seed": member.seed,
                    "best_epoch": result.best_epoch[index],
                    "val_loss": result.val_loss[result.best_epoch[index], index],
                    **{f"test_{key}": value for key, value in metrics.items()},
                }
            )
    return pd.DataFrame(rows)
