"""The rows that a run's model was fitted to, and what cross-validation predicted for each row while it was held out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from numpy.typing import NDArray

from remanence.data.folded_rows import FoldedRows
from remanence.data.row_digests import row_digests
from remanence.data.splits import Rows
from remanence.errors import DataError, UserError
from remanence.foundation.first_line import first_line
from remanence.tracking.campaign import FORKED_TAG
from remanence.tracking.run import Run
from remanence.training.fitted import FoldResult

FOLDER = "known_rows"
"""Folder of the run's artifacts with one file for the table, or for each scale of a chain."""
ROWS = "rows"
"""Name of the file of a run on one table or scan."""
NOTHING_HELD = pd.DataFrame({"digest": np.empty(0, dtype=np.uint64), "fold": np.empty(0, dtype=np.int64)})


@dataclass(frozen=True)
class KnownRows:
    """Rows that the model of a run knows; ``row_digests`` stand for their inputs, so that equal inputs count as one."""

    fitted: NDArray[np.uint64]
    """Rows that the model was fitted to, including those whose error chose its weights."""
    held: pd.DataFrame = field(default_factory=lambda: NOTHING_HELD)
    """Rows that were held out in turn, one for each fold: ``digest``, ``fold``, and for the n-th target ``predicted_n``
    and ``half_width_n``, by the models of that fold. Empty if there is one fold only, whose model is the logged one."""

    @classmethod
    def of(cls, data: FoldedRows, folds: Sequence[FoldResult]) -> Self:
        """Return the rows of a fit.

        Args:
            data: rows and the folds that held some of them out.
            folds: result of each fold, with its predictions for the rows of its test; not read if there is one fold.
        """
        digests = row_digests(data.x)
        fitted = np.unique(np.concatenate([digests[fold.fitting] for fold in data.folds]))
        if len(data.folds) == 1:
            return cls(fitted)
        held = []
        for number, (fold, result) in enumerate(zip(data.folds, folds, strict=True)):
            rows, predicted = result.predicted["test"]
            # a row whose inputs the fold was fitted to, in another row, was not held out from it
            unseen = np.isfinite(predicted).all(axis=1) & ~np.isin(digests[rows], digests[fold.fitting])
            part = pd.DataFrame({"digest": digests[rows], "fold": number})
            for column, (values, width) in enumerate(zip(predicted.T, result.half_width.T, strict=True)):
                part[f"predicted_{column}"], part[f"half_width_{column}"] = values, width
            held.append(part[unseen].drop_duplicates("digest"))
        return cls(fitted, pd.concat(held, ignore_index=True))

    @classmethod
    def rebuilt(cls, data: FoldedRows, predictions: Callable[[], pd.DataFrame]) -> Self:
        """Return the rows of a run that did not store them, from its data and its table of held-out predictions.

        The table has one prediction for each row: if the row was held out several times, their mean. It counts for the
        first of these folds, and its interval is not known.

        Args:
            data: the run's own data, opened again.
            predictions: function that reads the table; it is called only if the run held rows out in turn.
        """
        if len(data.folds) == 1:
            return cls.of(data, [])
        table = predictions()
        values = np.full((len(data.x), len(data.targets)), np.nan)
        values[table.iloc[:, 0]] = table[[f"{target}_predicted" for target in data.targets]]
        before: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        folds = []
        for fold in data.folds:
            rows = np.setdiff1d(fold.test, before)
            unknown = np.full((len(rows), len(data.targets)), np.nan)
            folds.append(FoldResult(None, {"test": (rows, values[rows])}, unknown))  # type: ignore[arg-type]  # no model
            before = np.union1d(before, rows)
        return cls.of(data, folds)

    def standing_on(self, origin: "KnownRows") -> "KnownRows":
        """Return the rows that a model knows whose training began with the weights of another model, its origin."""
        by_fold = ["digest", "fold"]
        held_by_both = self.held.set_index(by_fold).index.isin(origin.held.set_index(by_fold).index)
        held = self.held[held_by_both | ~self.held["digest"].isin(origin.fitted)]
        return KnownRows(np.union1d(self.fitted, origin.fitted), held)

    def log(self, run: Run, name: str) -> None:
        """Store the rows with a run, as ``known_rows/<name>.parquet``: without ``fold``, a row was fitted."""
        fitted = pd.DataFrame({"digest": self.fitted})
        table = pd.concat([fitted, self.held.astype({"fold": "Int64"})], ignore_index=True)
        run.log_parquet(table, name, folder=FOLDER)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the rows that ``log`` stored."""
        table = pd.read_parquet(path)
        is_held = table["fold"].notna()
        held = table[is_held].astype({"fold": np.int64}).reset_index(drop=True)
        return cls(table.loc[~is_held, "digest"].to_numpy(np.uint64), held)


def tested(data: FoldedRows) -> Rows:
    """Return the rows that any fold held out, each once."""
    return np.unique(np.concatenate([fold.test for fold in data.folds]))


def known_rows(run: Run, name: str, rebuild: Callable[[], KnownRows]) -> KnownRows | UserError:
    """Return the rows that the model of a run knows, or the reason why they are not known.

    A forked run also knows the rows of the run from whose weights it began, as far as that run has stored them.

    Args:
        run: the run.
        name: name under which the rows were stored.
        rebuild: function that finds them out from the run's own data, for a run of an earlier release.
    """
    try:
        known = _stored(run, name) or rebuild()
    except UserError as reason:  # a file is gone, has changed or is damaged
        return reason
    while (forked := run.config.get("fork")) is not None:
        try:
            run = run.beside(forked)
            origin = _stored(run, name)
        except (MlflowException, UserError):  # deleted for good, in another database, or damaged
            break
        known = known if origin is None else known.standing_on(origin)
    return known


def told_fitted_before(run: Run, name: str, data: FoldedRows) -> str:
    """Return a line if rows that a forked run tests were fitted in a run from whose weights it began; else nothing.

    A row that the same fold held out in both runs was fitted by no network that predicts it.

    Args:
        run: finished run.
        name: name under which its rows were stored.
        data: its rows and folds.
    """
    if FORKED_TAG not in run.found.data.tags:  # nothing is asked of a database that may have gone away meanwhile
        return ""
    tests = [pd.DataFrame({"digest": row_digests(data.x[fold.test]), "fold": n}) for n, fold in enumerate(data.folds)]
    own = KnownRows(np.empty(0, dtype=np.uint64), pd.concat(tests, ignore_index=True).drop_duplicates())
    while True:
        try:
            if (forked := run.config.get("fork")) is None:
                return ""
            run = run.beside(forked)
            origin = _stored(run, name)
        except (MlflowException, UserError, OSError):  # as in ``known_rows``, or the database has gone away
            return ""
        held = own.held["digest"].unique()
        if origin is not None and (rows := len(held) - own.standing_on(origin).held["digest"].nunique()):
            return (
                f"R² and intervals of this run are too good: {rows} of the {len(held)} rows tested here were fitted in "
                f"{run.name}; the same training without fork= is an honest test"
            )


def _stored(run: Run, name: str) -> KnownRows | None:
    path = run.stored_file(f"{FOLDER}/{name}.parquet")
    try:
        return None if path is None else KnownRows.read(path)
    except Exception as error:  # the reader of Parquet raises errors of many kinds
        raise DataError(f"{path}: cannot be read: {first_line(error)}") from error


def stored_predictions(run: Run, name: str) -> pd.DataFrame:
    """Return a table of held-out predictions that a run logged.

    Raises:
        UserError: if the run has no such table.
    """
    path = run.stored_file(f"tables/{name}.csv")
    if path is None:
        raise UserError(f"run {run.id} has no table '{name}'")
    return pd.read_csv(path, float_precision="round_trip")
