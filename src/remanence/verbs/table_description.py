"""``remanence data describe mine.xlsx``: what a table holds, and the command that trains on it."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import fields

from rich.table import Table

from remanence.configuration.arguments import as_text, split
from remanence.configuration.validate import nearest
from remanence.data.described_column import EMPTY, DescribedColumn
from remanence.data.described_table import DescribedTable
from remanence.data.many_rows import FEW_FITS, LONG
from remanence.data.meant_columns import MeantColumns
from remanence.data.table_format import TableFormat
from remanence.errors import ConfigurationError
from remanence.foundation.first_line import first_line
from remanence.foundation.terminal import console
from remanence.foundation.typed_list import meant_list, typed_list

FORMATS = tuple(f"data.{each.name}" for each in fields(TableFormat))
MEANT = ("data.target", "data.composition", "data.features", "data.abbreviations")
TAKEN = ("data.missing", "data.uncertain")
"""Keys that say what is done about cells, and stand in the command as they are typed."""


def describe_table(path: str, arguments: Sequence[str] = ()) -> None:
    """Print the columns of a table, what is wrong with it, and the command that trains on it.

    Args:
        path: path of the table.
        arguments: what is known of the file, such as ``data.header_row=4``, and of its columns, such as
            ``data.composition=Component``.
    """
    format, others = TableFormat.taken_from(arguments)
    given = dict(argument.split("=", 1) for argument in others if split(argument)[1])
    for other in others:
        if split(other)[0] not in given or split(other)[0] not in (*MEANT, *TAKEN):
            known = (*FORMATS, *MEANT, *TAKEN)
            takes, hint = ", ".join(f"{key}=" for key in known), nearest(split(other)[0], known)
            raise ConfigurationError(f"data describe: a table takes {takes}, got '{other}'{hint}")
    described = DescribedTable.of(path, format, _meant(given))
    _print_columns(described)
    _print_lines("cells that cannot be taken as they stand", list(described.faults()))
    _print_lines("formulas", described.assumed())
    _print_lines("rows", described.repeated())
    _print_command(described, arguments)


def _meant(given: Mapping[str, str]) -> MeantColumns:
    """Return which columns overrides name, as they are typed."""
    target, composition, features = (given.get(key) for key in MEANT[:3])
    return MeantColumns(
        targets=None if target in (None, "null") else meant_list(str(target)) or [_unquoted(str(target))],
        composition="" if composition == "null" else None if composition is None else _unquoted(composition),
        features=None if features in (None, "null") else _features(str(features)),
        abbreviations=_abbreviations(given["data.abbreviations"]) if "data.abbreviations" in given else {},
    )


def _features(typed: str) -> list[str]:
    names = meant_list(typed)
    return [_unquoted(typed)] if names is None else [name for name in names if name]


def _abbreviations(typed: str) -> dict[str, str]:
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    try:
        names = OverridesParser.create().parse_override(f"data.abbreviations={typed}").value()
    except HydraException as error:
        raise ConfigurationError(f"data.abbreviations: cannot be read: {first_line(error)}") from error
    if not isinstance(names, Mapping):
        raise ConfigurationError(f"data.abbreviations: expected {{name: formula, …}}, got '{typed}'")
    return {str(name): str(formula) for name, formula in names.items()}


def _unquoted(typed: str) -> str:
    return typed[1:-1] if len(typed) > 1 and typed[0] == typed[-1] and typed[0] in "\"'" else typed


def _print_columns(described: DescribedTable) -> None:
    found = described.found
    parts = [f"{described.rows} rows of {len(described.columns)} columns"]
    if len(found.sheets) > 1:
        parts.insert(0, f"sheet '{found.format.sheet}' of {', '.join(found.sheets)}")
    if found.format.header_row:
        parts.append(f"names in row {found.format.header_row}")
    console.print(f"{described.path}: {'; '.join(parts)}", soft_wrap=True)
    for said in found.said:
        console.print(f"  {said}", soft_wrap=True)
    table = Table("column", "unit", "holds", "values")
    for column in described.columns:
        table.add_row(described.label(column), column.unit or "", column.kind, column.values)
    console.print(table)


def _print_lines(title: str, lines: Sequence[str]) -> None:
    if lines:
        console.print(f"{title}:")
        for line in lines:
            console.print(f"  {line}", soft_wrap=True)


def _print_command(described: DescribedTable, arguments: Sequence[str]) -> None:
    target = described.target
    if target is None or not (described.features or described.composition):
        console.print("looks like a table without two columns that vary: nothing in it can be predicted")
        return
    chosen = FEW_FITS if described.rows >= LONG else ()
    keys = _keys(described, target, arguments)
    command = ["experiment=piezo/table", *chosen, *(f"{key}={value}" for key, value in keys.items())]
    console.print(f"train   remanence train {shlex.join(command)}", soft_wrap=True)
    for note in _notes(described):
        console.print(f"        {note}", soft_wrap=True)


def _keys(described: DescribedTable, target: DescribedColumn, arguments: Sequence[str]) -> dict[str, str]:
    """Return the keys of the command that trains on a table: those that were typed, and those that its cells ask for.

    A column is called without its unit where no other column is called so.
    """
    features, composition = described.features, described.composition
    header = [column.header for column in described.columns]
    bare = [column.bare for column in described.columns]
    called = {
        name: short if bare.count(short) == 1 and short[-1:].isalnum() else name
        for name, short in zip(header, bare, strict=True)
    }
    keys = {"data.path": str(described.path), **dict(argument.split("=", 1) for argument in arguments)}
    keys.setdefault("data.target", called[target.header])
    if composition is not None:
        keys.setdefault("data.composition", called[composition.header])
    if features:
        keys.setdefault("data.features", typed_list([called[column.header] for column in features]))
    if (beside := described.uncertainties.get(target.header)) is not None:
        keys["data.uncertainty"] = as_text({called[target.header]: called[beside]})
    if described.families is not None:
        keys["data.groups"] = called[described.families.header]
    elif described.names is not None:
        keys["data.id"] = called[described.names.header]
    faults = [fault for column in described.used for fault in column.faults]
    if any(fault.missing for fault in faults) or any(column.missing for column in features):
        keys.setdefault("data.missing", "drop")
    if any(fault.uncertain for fault in faults):
        keys.setdefault("data.uncertain", "value")
    return keys


def _notes(described: DescribedTable) -> list[str]:
    assert described.target is not None
    notes = [
        f"data.target is the column to predict, here '{described.target.header}'; "
        "data.features are what is known before it is measured"
    ]
    if described.families is not None:
        notes.append(f"data.groups holds out all rows of one '{described.families.header}' together")
    if described.rows >= LONG:
        notes.append(f"so many rows need neither repeated folds nor an ensemble: {' '.join(FEW_FITS)}")
    used = described.used
    left = [described.label(column) for column in described.columns if not (column.can_be_taken or column in used)]
    if left:
        notes.append(f"left out until their cells are mended: {', '.join(left)}")
    rare = [
        described.label(column)
        for column in described.columns
        if column.kind != EMPTY and 2 * column.missing > described.rows and column not in used
    ]
    if rare:
        notes.append(f"left out, because more than half of their cells are empty: {', '.join(rare)}")
    if wrong := [column.header for column in used if not column.can_be_taken]:
        notes.append(f"first mend the cells of {', '.join(wrong)} that are listed above")
    return notes
