"""A logged chain, applied to a table: predictions and metrics of every scale that the table has the columns of."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.columns import Columns
from remanence.data.declared_units import as_named
from remanence.data.nested.opened_chain import OpenedChain
from remanence.data.output_file import check_output
from remanence.data.table_file import WRITERS, check_header, check_room, read_table
from remanence.errors import DataError
from remanence.foundation.terminal import console
from remanence.studies.chain.logged_model import ChainModel
from remanence.studies.chain.scores import for_scale
from remanence.studies.design.chain_search import search_chain
from remanence.studies.known_rows import KnownRows, known_rows, stored_predictions, tested
from remanence.studies.own_data import check_asked, open_own_data, refuse_changes
from remanence.studies.predictions import rows_to_predict, with_identity, write_predictions
from remanence.studies.row_scores import say, score_rows
from remanence.tracking.logged_model import saved_model_of
from remanence.tracking.run import Run
from remanence.training.fitted import own_half_width


class AppliedChain:
    """The chain that a run has logged."""

    def __init__(self, run: Run, model: ChainModel) -> None:
        self.run, self.model = run, model

    @classmethod
    def of(cls, run: Run) -> Self:
        """Load the model of a run."""
        return cls(run, saved_model_of(run.id, ChainModel.load, run.folder))

    def evaluate(self, path: str | None, changes: Sequence[str]) -> dict[str, float]:
        """Return the metrics of every scale whose columns and properties the table has, see ``score_rows``.

        Args:
            path: path of a table; None takes the rows of each scale that the run held out.
            changes: none, because a table can be read in one way only.

        Raises:
            DataError: if no scale can be evaluated; if the run's own file has changed.
        """
        refuse_changes("evaluate", changes)
        chain, own_data = self.model, cache(self._own_data)
        tables = _held_out(own_data()) if path is None else self._read(path)
        metrics = {"rows": float(len(tables[list(tables)[-1]][0]))}
        for scale, (frame, source) in tables.items():
            columns = Columns([], chain.targets[scale])
            x = chain.inputs(frame, scale, source=source)
            predicted = np.asarray(chain.predict(frame, source=source)[columns.targets])
            own, line = score_rows(
                known_rows(self.run, scale, partial(self._known_rows_rebuilt, scale, own_data)),
                x,
                columns.encode_targets(frame, source),
                predicted,
                targets=columns.targets,
                half_width=own_half_width(chain.models[scale], x, predicted),
            )
            say(f"{scale}: {line}")
            metrics |= {for_scale(key, scale): value for key, value in own.items() if key != "rows"}
        return metrics

    def predict(self, given: pd.DataFrame | NDArray[Any] | str | Path, changes: Sequence[str] = ()) -> pd.DataFrame:
        """Return the properties, with intervals, of every scale whose columns the table has, after its column ``id``.

        Raises:
            DataError: if the table lacks columns of every scale, or a cell is bad.
        """
        refuse_changes("predict", changes)
        raw = [name for columns in self.model.raw_columns.values() for name in columns]
        frame, source = rows_to_predict(given, raw, self.model.units)
        return with_identity(self.model.predict(frame, source=source), frame, self.model.units)

    def predict_file(self, source: str, output: str, changes: Sequence[str]) -> int:
        """Write the rows of a table with ``<property>_predicted`` and its interval, and return the number of rows.

        The table may have the columns of some scales only, such as the finest. Then the properties of these scales are
        predicted, and the columns that the other scales lack are printed.

        Raises:
            DataError: if the table lacks columns of every scale, or a cell is bad.
        """
        refuse_changes("predict", changes)
        check_output(output, WRITERS)
        chain, frame = self.model, read_table(source, [])  # the columns of any scale may be there
        check_room(frame, output)
        named = as_named(frame, [name for raw in chain.raw_columns.values() for name in raw], chain.units, source)
        predicted = chain.predict(named, source=source)
        targets = [name for outputs in chain.targets.values() for name in outputs]
        write_predictions(frame, predicted, targets, output=output)
        for scale in chain.scales:
            if missing := [column for column in chain.raw_columns[scale] if column not in named]:
                outputs = ", ".join(chain.targets[scale])
                console.print(f"without {', '.join(missing)} there is no prediction of {outputs}")
        return len(frame)

    def design(self, target: str, asked: Mapping[str, str]) -> pd.DataFrame:
        """Return candidates from the grid and the latent space, best first; ``search_chain`` describes the keys."""
        check_asked(self.run, asked, known=["constraints", "ions", "step"], what="a chain of scales")
        trained = {scale: rows.frame for scale, rows in self._own_data().rows.items()}
        return search_chain(self.model, trained, target=target, **asked)

    def _read(self, path: str) -> dict[str, tuple[pd.DataFrame, str]]:
        """Return a table and the name of its file for each scale whose columns and properties the table has."""
        chain = self.model
        named = {scale: [*chain.raw_columns[scale], *chain.targets[scale]] for scale in chain.scales}
        asked = [name for names in named.values() for name in names]
        frame = as_named(read_table(path, []), asked, chain.units, path)
        header = frame.columns.tolist()
        there = [scale for scale, names in named.items() if set(names) <= set(header)]
        if not there:
            first = chain.scales[0]
            raise DataError(
                f"{path}: holds no scale's columns and properties; those of '{first}' are {', '.join(named[first])}"
            )
        for scale in there:
            check_header(header, named[scale], path)
        return {scale: (frame, Path(path).name) for scale in there}

    def _known_rows_rebuilt(self, scale: str, own_data: Callable[[], OpenedChain]) -> KnownRows:
        rows = own_data().rows[scale]
        return KnownRows.rebuilt(rows, lambda: stored_predictions(self.run, f"test_predictions_{scale}"))

    def _own_data(self) -> OpenedChain:
        return open_own_data(self.run, OpenedChain)


def _held_out(data: OpenedChain) -> dict[str, tuple[pd.DataFrame, str]]:
    """Return, for each scale, the rows that the run held out, and the name of their file."""
    return {scale: (rows.frame.iloc[tested(rows)], rows.source.name) for scale, rows in data.rows.items()}
