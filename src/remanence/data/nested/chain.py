"""The tables of a chain or tree of scales, and the rows that each scale is trained on."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from remanence.data.cells import as_number
from remanence.data.column_names import called_as_asked
from remanence.data.declared_units import spelled, stated_units
from remanence.data.nested.compositions import FROM_COMPOSITION, UNITS, add_descriptors
from remanence.data.nested.opened_chain import OpenedChain
from remanence.data.nested.own_table import OwnTable
from remanence.data.nested.scale_rows import ScaleRows, ScaleTable
from remanence.data.nested.source_table import SourceTable
from remanence.data.nested.wiring import columns_of, inherited_columns, key_texts, keys_of, match_rows, order_scales
from remanence.data.row_split import Split
from remanence.data.source import Source
from remanence.data.table_file import check_header, read_table
from remanence.errors import ConfigurationError, DataError
from remanence.foundation.constraints import As, ColumnName, Count
from remanence.foundation.terminal import console

OF_EVERY_SPLIT = ("validation", "bins", "seed", "inside", "only", "share")
"""Keys that all ways to hold rows out have."""


class Chain:
    """The user's own tables, one for each scale; ``open`` reads the tables and joins the scales.

    Args:
        tables: name of each table to its ``path``, ``composition`` (column of formulas), ``categorical`` columns and
            ``units``.
        scales: description of each scale, as in ``model.scales``. This class reads ``data``, ``inputs``, ``parents``,
            ``join`` and ``heads``.
        groups: column, present in every table, that names the family of a row.
        leave_out: name of a table to one of its columns; each value of the column is held out once, whatever ``split``
            says. The other tables are divided by ``split``.
        duplicates: ``together`` holds rows of a table with equal inputs out as a whole, ``split`` takes each by itself.
        bins: number of quantile bins of a table's target, by the name of the table, where it differs from that of the
            split.
        batch_size: rows per training step.
        split: how rows are held out; see ``conf/data/split``.
        scalers: rows that z-scores are learnt from: ``fold`` takes the training rows, ``all`` takes every row, as the
            published work did.
    """

    kind: ClassVar[str] = "chain"
    synthetic: ClassVar[bool] = False

    def __init__(
        self,
        *,
        scales: Mapping[str, Mapping[str, Any]],
        tables: Mapping[str, Annotated[Mapping[str, Any], As(OwnTable)]] | None = None,
        groups: ColumnName | None = None,
        leave_out: Mapping[str, str] | None = None,
        duplicates: Literal["together", "split"] = "split",
        bins: Mapping[str, Count] | None = None,
        batch_size: Count = 32,
        split: Annotated[Mapping[str, Any], As(Split)],
        scalers: Literal["fold", "all"] = "fold",
    ) -> None:
        self.scales = {name: dict(scales[name]) for name in order_scales(scales)}
        self.given = {name: dict(table) for name, table in (tables or {}).items()}
        self.groups, self.leave_out, self.bins = groups, dict(leave_out or {}), dict(bins or {})
        self.duplicates: Literal["together", "split"] = duplicates
        self.batch_size, self.split, self.scalers = batch_size, dict(split), scalers

    def open(self) -> OpenedChain:
        """Read the tables, join the scales, encode and split the rows.

        Raises:
            ConfigurationError: if a scale names a table, column or join that does not exist.
            DataError: for a bad cell, naming file, row and column.
        """
        known = self.known_tables
        for name, spec in self.scales.items():
            if spec["data"] not in known:
                raise ConfigurationError(
                    f"model.scales.{name}.data: unknown table '{spec['data']}'; there are: {', '.join(known)}"
                )
        wanted = list(dict.fromkeys(spec["data"] for spec in self.scales.values()))
        for table in self.bins:
            if table not in known:
                raise ConfigurationError(f"data.bins: unknown table '{table}'; there are: {', '.join(known)}")
        for table in self.leave_out:
            if table not in wanted:
                raise ConfigurationError(
                    f"data.leave_out: no scale has a table '{table}'; they have: {', '.join(wanted)}"
                )
        self.tables = {name: self._ordered(name, self.read(name)) for name in wanted}
        self._align()
        rows: dict[str, ScaleRows] = {}
        for name in self.scales:
            rows[name] = self._joined(name, rows).open()
        self._share_folds(rows)
        return OpenedChain(rows, self.tables, self.scales, scalers=self.scalers, synthetic=self.synthetic)

    def check(self) -> None:
        """Raise what ``open`` would raise."""
        self.open()

    @property
    def known_tables(self) -> Sequence[str]:
        """Names of the tables that ``model.scales.<scale>.data`` may name."""
        return list(self.given)

    def read(self, name: str) -> SourceTable:
        """Read one table."""
        spec = self.given[name]
        path = Path(spec["path"])
        composition = spec.get("composition")
        named = [
            column for column in columns_of(self.scales, name) if composition is None or column not in FROM_COMPOSITION
        ]
        named += [column for column in (composition, *self._families(name)) if column is not None]
        inherited = [
            column
            for column in inherited_columns(self.scales, name)
            if column not in named and (composition is None or column not in FROM_COMPOSITION)
        ]
        frame = read_table(path, dict.fromkeys(named), looked_for=inherited)
        frame = called_as_asked(frame, inherited, str(path), frame.attrs["units"])
        taken = {column for spec in self.scales.values() for column in spec["inputs"]}  # of all scales
        given = spec.get("units", {})
        units = stated_units(frame, given, path.name, f"data.tables.{name}.units")
        units = {column: unit for column, unit in units.items() if column in {*named, *taken, *given}}
        check_header(frame.columns.tolist(), sorted(taken & set(frame.columns)), path)
        frame = frame.loc[:, ~frame.columns.duplicated()]
        if composition is not None:
            frame = add_descriptors(frame, path.name, composition=composition)
            units = {**UNITS, **units}
        return SourceTable(
            frame, Source.of_file(path), composition, categorical=spec.get("categorical", ()), units=units
        )

    def _ordered(self, name: str, table: SourceTable) -> SourceTable:
        """Sort the rows of a joined table by its key, so that tables of the same samples have the same row order."""
        for key in keys_of(self.scales).get(name, []):
            if key in table.frame:
                table.frame = table.frame.iloc[np.argsort(table.frame[key].map(_sortable).to_numpy(), kind="stable")]
        return table

    def _align(self) -> None:
        """Give a finer table the row order of the coarser table of the same samples, which another key may have sorted.

        The loop starts with the coarsest scale: a table has its final order before the next finer table takes it over.
        """
        for name in reversed(list(self.scales)):
            for parent, key in (self.scales[name].get("join") or {}).items():
                coarse, fine = (self.tables[self.scales[scale]["data"]] for scale in (name, parent))
                if key in coarse.frame and key in fine.frame:
                    wanted, there = (pd.Index(key_texts(table.frame[key])) for table in (coarse, fine))
                    if there.is_unique and sorted(wanted) == sorted(there):
                        fine.frame = fine.frame.iloc[there.get_indexer(wanted)]

    def _joined(self, name: str, finer_rows: Mapping[str, ScaleRows]) -> ScaleTable:
        """Return the rows of a scale, with the inputs of the finer scales beside the scale's own inputs."""
        spec, table = self.scales[name], self.tables[self.scales[name]["data"]]
        inputs, levels, added = self._inputs(name, finer_rows)
        heads, predicted = self._heads(name)
        added |= predicted
        kept = table.frame.drop(columns=[column for column in table.frame if column in added])
        frame = pd.concat([kept, pd.DataFrame(added, index=table.frame.index)], axis=1)
        of_table = [self._shown(name, column) for column in table.categorical]
        # whether a finer scale's input is a category is declared by that scale's own table
        finer = {column for scale, columns in inputs.items() if scale != name for column in columns}
        groups, split = self._held_out(spec["data"], table.frame)
        return ScaleTable(
            name=name,
            frame=frame,
            source=table.source,
            inputs=inputs,
            heads=heads,
            categorical=[column for column in of_table if column not in finer],
            levels=levels,
            groups=groups,
            duplicates=self.duplicates,
            units={self._shown(name, column): unit for column, unit in table.units.items()},
            batch_size=(spec.get("training") or {}).get("batch_size") or self.batch_size,
            split=split,
        )

    def _inputs(
        self, name: str, finer_rows: Mapping[str, ScaleRows]
    ) -> tuple[dict[str, list[str]], dict[str, list[str]], dict[str, Any]]:
        """Return the inputs of a scale and of all finer scales in the rows of its table.

        Returns:
            the names of the inputs of each scale, the levels of those of finer scales that are categories, and the
            values of each input.
        """
        table = self.tables[self.scales[name]["data"]]
        inputs: dict[str, list[str]] = {}
        levels: dict[str, list[str]] = {}
        added: dict[str, Any] = {}

        def take(scale: str, frame: pd.DataFrame, of: SourceTable) -> None:
            for parent in self.scales[scale].get("parents") or ():
                key = (self.scales[scale].get("join") or {}).get(parent)
                if key is None:
                    take(parent, frame, of)
                    continue
                joined = self.tables[self.scales[parent]["data"]]
                places = match_rows(scale, key, frame, joined.frame, parent=parent, source=table.source.name)
                take(parent, joined.frame.iloc[places], joined)
            is_known = scale in inputs  # in a tree, several paths may lead to the same scale
            for column in self.scales[scale]["inputs"]:
                if column not in frame:
                    raise ConfigurationError(_lacking(name, scale, column, self.scales[name]["data"], frame))
                _check_unit(column, of, self.tables[self.scales[scale]["data"]])
                shown, values = self._shown(scale, column), frame[column].to_numpy()
                if is_known:
                    if not np.array_equal(added[shown], values):
                        raise ConfigurationError(f"model.scales.{name}: its joins lead to different rows of '{scale}'")
                    continue
                inputs.setdefault(scale, []).append(shown)
                added[shown] = values
                if scale != name and shown in finer_rows[scale].columns.levels:
                    levels[shown] = finer_rows[scale].columns.levels[shown]

        take(name, table.frame, table)
        return inputs, levels, added

    def _heads(self, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the property heads of a scale, with the shown names of their columns, and the values of these."""
        data = self.scales[name]["data"]
        frame = self.tables[data].frame
        heads: dict[str, Any] = {}
        predicted: dict[str, Any] = {}
        for head, given in (self.scales[name].get("heads") or {}).items():
            for column in given["columns"]:
                if column not in frame:
                    raise ConfigurationError(
                        f"model.scales.{name}.heads.{head}: table '{data}' has no column '{column}'"
                    )
                predicted[self._shown(name, column)] = frame[column].to_numpy()
            heads[head] = {**given, "columns": [self._shown(name, column) for column in given["columns"]]}
        if not any(head["kind"] == "regression" for head in heads.values()):
            raise ConfigurationError(f"model.scales.{name}.heads: at least one must be a regression")
        return heads, predicted

    def _families(self, table: str) -> list[str]:
        """Return the column of a table that names families, if there is one."""
        named = self.leave_out.get(table, self.groups)
        return [] if named is None else [named]

    def _held_out(self, table: str, frame: pd.DataFrame) -> tuple[str | None, dict[str, Any]]:
        """Return the column that names the families of a table, and how its rows are held out."""
        split = {**self.split, "bins": self.bins.get(table, self.split["bins"])}
        if table in self.leave_out:
            split = {**{key: split[key] for key in OF_EVERY_SPLIT if key in split}, "kind": "leave_one_group_out"}
        key = f"data.leave_out.{table}" if table in self.leave_out else "data.groups"
        for column in self._families(table):
            if column not in frame:
                raise ConfigurationError(f"{key}: table '{table}' has no column '{column}'")
            return column, split
        return None, split

    def _shown(self, scale: str, column: str) -> str:
        """Return the name of a scale's column; joined tables may share a column name, so the scale is put before it."""
        return f"{scale}.{column}" if keys_of(self.scales) else column

    def _share_folds(self, rows: Mapping[str, ScaleRows]) -> None:
        """Give all scales of the same samples one set of folds: those of the coarsest of these scales.

        Otherwise a finer network could be trained on samples that the coarser network is tested on.
        """
        order = list(self.scales)
        leader = {name: name for name in order}
        for name in order:
            for parent in self.scales[name].get("parents") or ():
                if self._same_samples(name, parent):
                    joined = {leader[name], leader[parent]}
                    coarsest = max(joined, key=order.index)
                    leader = {scale: coarsest if led in joined else led for scale, led in leader.items()}
        for name, own in rows.items():
            led = rows[leader[name]]
            own.rows, own.folds = led.rows, led.folds
            torn = own.torn if own is not led and self.duplicates == "together" else 0
            if torn:
                console.print(
                    f"scale '{name}': {torn} of {len(own.x)} rows are tested beside equal inputs in the training, as "
                    f"its folds are those of '{leader[name]}'; data.groups names a column that holds them together"
                )

    def _same_samples(self, name: str, parent: str) -> bool:
        tables = [self.scales[scale]["data"] for scale in (name, parent)]
        key = (self.scales[name].get("join") or {}).get(parent)
        if key is None:
            return bool(tables[0] == tables[1])
        keys = [key_texts(self.tables[table].frame[key]).tolist() for table in tables]
        return bool(keys[0] == keys[1])


def _check_unit(column: str, table: SourceTable, finer: SourceTable) -> None:
    """Refuse an input of a finer scale that two tables have in two units."""
    here, there = table.units.get(column), finer.units.get(column)
    if here and there and spelled(here) != spelled(there):
        raise DataError(
            f"{table.source.name}: column '{column}' is in {here}, that of {finer.source.name} in {there}; convert it"
        )


def _lacking(name: str, scale: str, column: str, table: str, frame: pd.DataFrame) -> str:
    if scale == name:
        known = ", ".join(map(str, frame.columns[:12]))
        return f"model.scales.{name}.inputs: table '{table}' has no column '{column}'; it begins: {known}"
    return (
        f"model.scales.{name}.parents: rows of table '{table}' have no '{column}' to encode scale '{scale}' with; "
        f"add the column, or model.scales.{name}.join.{scale}=<key column of both tables>"
    )


def _sortable(cell: str | float) -> tuple[int, float, str]:
    number = as_number(cell)
    return (1, 0.0, str(cell)) if number is None or math.isnan(number) else (0, number, "")
