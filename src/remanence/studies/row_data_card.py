"""The data card of rows with folds: what they hold, how they are held out, and which faults are known."""

from itertools import combinations
from textwrap import shorten

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.cells import shown_row
from remanence.data.declared_units import split_unit
from remanence.data.equal_inputs import EqualInputs
from remanence.data.opened_table import OpenedTable
from remanence.foundation.first_few import first_few
from remanence.studies.card import Section, quantity, shown, table

PILED = 0.02
"""Share of the rows that may have the smallest or the largest target before it looks like a limit of measurement."""
LEAST_PILED = 4
FAR = 5.0
"""Robust standard deviations from the median beyond which a target is told."""
RARE = 3
"""Largest number of rows with a value of an input at which a model cannot have learnt what it does."""
ALIKE = 0.99
"""Correlation of two inputs above which they say the same."""
LONGEST = 240
"""Number of characters of what was said on reading that a card repeats."""
MOST = 6
"""Number of names that a sentence has."""


def row_data_sections(data: OpenedTable, *, named: str = "") -> list[Section]:
    """Return the sections of the data card of a table, or of a scale of a chain.

    Args:
        data: rows and folds.
        named: beginning of each heading, such as the name of the scale.
    """
    return [
        Section(_heading(named, "What is in it"), [*_content(data), _targets(data)]),
        Section(_heading(named, "How rows are held out"), held_out_told(data)),
        Section(_heading(named, "Known faults"), faults(data)),
    ]


def unit_of(target: str, data: OpenedTable) -> str:
    """Return the unit of a target, or what stands in brackets behind its name; empty if neither is known."""
    return data.columns.units.get(target) or split_unit(target)[1] or ""


def _heading(named: str, text: str) -> str:
    return f"{named}: {text[0].lower()}{text[1:]}" if named else text


def _content(data: OpenedTable) -> list[str]:
    columns = data.columns
    inputs = [f"{len(columns.features) - len(columns.levels)} numbers"] if len(columns.features) else []
    if columns.levels:
        inputs.append(f"{len(columns.levels)} categories ({_few(list(columns.levels))})")
    if columns.composition is not None:
        inputs.append(
            f"`{columns.composition}` as {len(columns.elements)} fractions of elements and "
            f"{len(columns.descriptors)} descriptors"
        )
    source = f"`{data.source.name}`, SHA-256 {data.source.digest[:12]}…"
    read = f" ({', '.join(inputs)})" if len(inputs) > 1 or columns.levels or columns.composition else ""
    return [f"{source}: {len(data.x)} rows, {data.x.shape[1]} inputs{read}."]


def _targets(data: OpenedTable) -> str:
    def row(column: int, name: str) -> list[object]:
        values = data.y[:, column]
        ends = [float(value) for value in np.quantile(values, (0, 0.25, 0.5, 0.75, 1))]
        return [name, unit_of(name, data), *ends, float(values.std(ddof=1)) if len(values) > 1 else None]

    headings = ["target", "unit", "min", "quarter", "median", "three quarters", "max", "sd"]
    return table(headings, [row(column, name) for column, name in enumerate(data.targets)])


def held_out_told(data: OpenedTable) -> list[str]:
    """Return in sentences how rows are held out, and how many."""
    folds, split = data.folds, data.split
    kinds = {
        "stratified": "One of {folds} parts with the distribution of the whole is the test.",
        "kfold": "Each row is tested {repeats}, in {folds} folds.",
        "grouped": "Each family is held out as a whole, in {folds} folds.",
        "leave_one_group_out": "Each family is held out in turn.",
        "transfer": "Rows with {train} train, rows with {test} test.",
    }
    words = {key: value for key, value in split.items() if key != "repeats"}
    words["repeats"] = "once" if split.get("repeats", 1) == 1 else f"{split.get('repeats')} times"
    told = [kinds[str(split.get("kind", "stratified"))].format_map(_Words(words))]
    if split.get("inside") is not None:
        told.append(f"Rows that fold {split['inside']} of the whole table tests are left out: the folds are inside it.")
    if split.get("only") is not None:
        told.append(f"Of these folds only number {split['only']} is tested.")
    if split.get("share", 1.0) < 1:
        told.append(f"A share of {split['share']:g} of the rows outside each test is fitted.")
    parts = {"train": "to fit", "validation": "to choose when to stop", "test": "to test"}
    sizes = {part: [len(getattr(fold, part)) for fold in folds] for part in parts}
    counts = ", ".join(f"{_range(sizes[part])} {what}" for part, what in parts.items())
    told.append(f"{'Rows of a fold' if len(folds) > 1 else 'Rows'}: {counts}.")
    if (families := data.rows.groups) is not None:
        sizes_of = pd.Series(families).value_counts()
        largest = float(sizes_of.iloc[0]) / len(families)
        told.append(
            f"{len(sizes_of)} families{f' (`{data.groups}`)' if data.groups else ''} are held out as a whole; "
            f"the largest has {sizes_of.iloc[0]} of {len(families)} rows ({largest:.0%})."
        )
    return told


class _Words(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return key


def _range(sizes: list[int]) -> str:
    return str(sizes[0]) if min(sizes) == max(sizes) else f"{min(sizes)} to {max(sizes)}"


def leaked(data: OpenedTable) -> float:
    """Return the share of tested rows whose inputs are those of a row outside the test of the same fold."""
    if not data.equal.repeated.any():
        return 0.0
    return float(np.concatenate([data.equal.shared(fold.test, fold.fitting) for fold in data.folds]).mean())


def faults(data: OpenedTable) -> list[str]:
    """Return in sentences what is wrong with the rows, or what a model cannot learn from them."""
    told = [f"When it was read: {_without_source(line, data)}." for line in data.said]
    return [*told, *_repeated(data), *_grid(data), *_target_faults(data), *_input_faults(data)]


def _without_source(line: str, data: OpenedTable) -> str:
    return shorten(line.removeprefix(f"{data.source.name}: ").rstrip("."), LONGEST, placeholder=" …")


def _repeated(data: OpenedTable) -> list[str]:
    equal, repeated = data.equal, data.equal.repeated
    if not repeated.any():
        return ["No two rows have equal inputs: how far repeated measurements differ is not known."]
    sizes = np.bincount(equal.sets)
    copies = int(EqualInputs.of(data.y, equal.sets).repeated.sum())
    also = f"; {copies} of them have equal targets as well (copies?)" if copies else ""
    told = [
        f"{repeated.sum()} rows stand in {(sizes > 1).sum()} sets of equal inputs, the largest of {sizes.max()}{also}."
    ]
    floors, apart = equal.noise_floor(data.y), _without_copies(data)
    for name, floor, other, spread in zip(data.targets, floors, apart, data.y.std(axis=0), strict=True):
        if floor > 0 and spread > 0:
            without = f"; {shown(float(other))} if copies count once" if copies and np.isfinite(other) else ""
            told.append(
                f"Noise floor of `{name}`: {quantity(floor, unit_of(name, data))}, the pooled sd within such sets "
                f"({floor / spread:.0%} of the sd of all rows{without}): about the least RMSE that these inputs allow."
            )
    if share := leaked(data):
        told.append(
            f"**{share:.0%} of the tested rows have the inputs of a row that was fitted**: the test is easier than new "
            "samples are (`data.duplicates=together` holds them out together)."
        )
    return told


def _grid(data: OpenedTable) -> list[str]:
    """Return in a sentence which two columns of words are crossed with each other, so that nothing is new in a test."""
    words = [  # two columns of a file may have one name
        (str(name), pd.factorize(column)[0])
        for name, column in data.frame.items()
        if not pd.api.types.is_numeric_dtype(column) and column.notna().all()
    ]
    for (one, codes), (other, others) in combinations(words, 2):
        counts = int(codes.max()) + 1, int(others.max()) + 1
        pairs = len(np.unique(codes * counts[1] + others))
        if min(counts) > 2 and pairs == counts[0] * counts[1] == len(data.x):
            return [
                f"The table is a complete grid: {counts[0]} `{one}` with {counts[1]} `{other}` each. Unless one "
                "of them is held out as a whole, a tested row is a new pair of what has been fitted."
            ]
    return []


def _without_copies(data: OpenedTable) -> NDArray[np.float64]:
    """Return the noise floor of each target, shape (targets,), of the rows without those that repeat another one."""
    of_both = EqualInputs.of(data.y, data.equal.sets).sets
    first = np.unique(of_both, return_index=True)[1]
    sets = pd.factorize(data.equal.sets[first])[0].astype(np.intp)
    return EqualInputs(sets).noise_floor(data.y[first])


def _target_faults(data: OpenedTable) -> list[str]:
    told = []
    for column, name in enumerate(data.targets):
        values = data.y[:, column]
        for end, value in (("smallest", values.min()), ("largest", values.max())):
            piled = int((values == value).sum())
            if piled >= max(LEAST_PILED, PILED * len(values)) and np.ptp(values) > 0:
                limit = quantity(value, unit_of(name, data))
                told.append(
                    f"{piled} rows have the {end} `{name}` exactly ({limit}): a limit of the measurement, or a value "
                    "that was filled in? The model takes it as measured."
                )
        spread = 1.4826 * float(np.median(np.abs(values - np.median(values))))
        far = np.flatnonzero(np.abs(values - np.median(values)) > FAR * spread) if spread > 0 else np.empty(0, int)
        if len(far):
            told.append(
                f"{len(far)} rows have a `{name}` more than {FAR:g} robust standard deviations from the median: "
                f"{_rows(far, data)}."
            )
    if data.uncertainty is not None:
        stated = int(np.isfinite(data.uncertainty).any(axis=1).sum())
        told.append(f"{stated} of {len(data.x)} rows state an uncertainty, by which they are weighed.")
    return told


def _rows(rows: NDArray[np.intp], data: OpenedTable) -> str:
    names = data.names
    named = [str(shown_row(data.frame, row) if names is None else names.iloc[row]) for row in rows[:MOST]]
    return f"{'rows ' if names is None else ''}{first_few(iter(named), of=len(rows))}"


def _input_faults(data: OpenedTable) -> list[str]:
    told, names = [], data.columns.inputs
    # an input that is one value in almost all rows, such as the fraction of an element that three samples hold
    common = [int(pd.Series(column).value_counts().iloc[0]) for column in data.x.T]
    rare = [name for name, count in zip(names, common, strict=True) if 0 < len(data.x) - count <= RARE]
    if rare and len(data.x) > 10 * RARE:
        told.append(f"{len(rare)} inputs differ from one value in at most {RARE} rows, too few to learn: {_few(rare)}.")
    differs = np.ptp(data.x, axis=0) > 0  # the deviation of a constant is not always 0, but rounding
    varied = data.x[:, differs]
    kept = [name for name, differ in zip(names, differs, strict=True) if differ]
    if varied.shape[1] > 1 and len(varied) > 2:
        alike = np.triu(np.abs(np.corrcoef(varied.T)) > ALIKE, k=1)
        pairs = [f"{kept[one]}` and `{kept[other]}" for one, other in np.argwhere(alike)]
        if pairs:
            told.append(
                f"Inputs that say the same (|r| > {ALIKE:g}), so that importance is divided among them: {_few(pairs)}."
            )
    return told


def _few(names: list[str]) -> str:
    return first_few((f"`{name}`" for name in names[:MOST]), of=len(names))
