"""The rows of raw columns that ``design`` and ``suggest`` choose from: named, fixed or stated, never invented."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from remanence.data.columns import Columns
from remanence.data.number_column import read_numbers
from remanence.errors import ConfigurationError
from remanence.science.conditional_draws import averaged
from remanence.studies.design.asked_inputs import parse_given, parse_over
from remanence.studies.design.axis import Axis
from remanence.studies.design.crossed import crossed
from remanence.studies.design.filling import filled_in
from remanence.studies.design.formula_space import each_once, elements_of
from remanence.studies.design.input_relations import Relations
from remanence.studies.design.listed_candidates import read_candidates
from remanence.studies.design.named_inputs import raw_inputs, typed_name

MAX_POINTS = 200_000

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Candidates:
    """Candidates of a search, and what was filled in where nobody named an input."""

    rows: pd.DataFrame
    """Raw inputs of the model, one row per candidate; a number that was filled in has its mean."""
    filled: Mapping[str, Values]
    """Values that each filled-in number may have, shape (candidates, draws)."""
    weights: Values
    """Weight of each draw, shape (candidates, draws); the weights of a candidate add up to 1."""
    notes: tuple[str, ...] = ()
    """What was assumed, in lines for the user."""

    def average(self, function: Callable[[pd.DataFrame], Values]) -> tuple[Values, Values]:
        """Return mean and standard deviation, over the draws of each candidate, of what a function makes of them.

        Args:
            function: maps raw rows to values (rows, values), such as the predictions of a model.

        Returns:
            mean (candidates, values) and standard deviation (candidates, values), which is 0 if nothing was filled in.
        """
        candidates, draws = self.weights.shape
        rows = self.rows.iloc[np.repeat(np.arange(candidates), draws)].reset_index(drop=True)
        rows = rows.assign(**{name: values.ravel() for name, values in self.filled.items()})
        return averaged(function(rows), self.weights)

    def at(self, places: Sequence[int] | NDArray[Any]) -> "Candidates":
        """Return some of the candidates, by their places or by a mask."""
        kept = np.arange(len(self.rows))[np.asarray(places)]
        filled = {name: values[kept] for name, values in self.filled.items()}
        return replace(
            self, rows=self.rows.iloc[kept].reset_index(drop=True), filled=filled, weights=self.weights[kept]
        )


def candidate_rows(
    columns: Columns,
    trained: pd.DataFrame,
    asked: Mapping[str, str],
    *,
    verb: str = "design",
    most: int = MAX_POINTS,
    beside: Sequence[str] = (),
) -> Candidates:
    """Return the candidates that a user asked for.

    Args:
        columns: meaning of the model's columns.
        trained: raw rows that the model was trained on, with the columns that it takes.
        asked: keys of ``asked_keys.SPACE``, as typed. ``over`` names what is searched: ranges of numbers
            (``x=0:0.25``, with a step ``x=0:0.25:0.05``), lists (``Process=[NS,QS]``) and mixtures of formulas
            (``Na0.5Bi0.5TiO3:BaTiO3=0:0.25``); ``given`` fixes inputs (``Process=NS,T_sint=1150``); ``constraint``
            relates numbers, or amounts of elements in the formula (``K+Na=1``); ``candidates`` is a table of rows to
            choose from. Other keys are ignored.
        verb: verb that asks, for messages.
        most: largest number of candidates; of a larger grid, an even sample is taken.
        beside: further columns of the table of candidates to keep, as far as it has them.

    Returns:
        candidates, each once. A composition that nobody named takes the formulas of ``trained``, a category all its
        known values, and a number is filled in from the training rows near the candidate; ``notes`` says so.

    Raises:
        ConfigurationError: if a text cannot be read, or names something that the model does not have.
        DataError: if the table of candidates does not suit the model.
    """
    axes = parse_over(asked["over"], columns) if "over" in asked else []
    given = parse_given(asked["given"], columns) if "given" in asked else {}
    base = (
        read_candidates(asked["candidates"], columns, beside=beside)
        if "candidates" in asked
        else pd.DataFrame(index=[0])
    )
    named = {"over": [axis.name for axis in axes], "given": list(given), "candidates": list(base.columns)}
    _check_once(named, verb)
    free = [name for name in raw_inputs(columns) if not any(name in names for names in named.values())]
    stated, notes = _stated(columns, trained, free)
    if free and not (axes or "candidates" in asked or columns.composition in free):
        raise ConfigurationError(f"{verb}: over=… must be given, such as {_example(free[0], columns, trained)}")
    relations = Relations.read(asked.get("constraint"), columns, axes, _numbers(free, columns))
    rows, is_sample = crossed(base.assign(**given), [*relations.searched(axes), *stated], most=most)
    if is_sample:
        notes.append(
            f"over: the grid has more than {most} points, so that {len(rows)} points spread evenly are tried; "
            "a step, such as x=0:0.25:0.05, makes a grid smaller"
        )
    rows = relations.kept(rows)
    if rows.empty:
        raise ConfigurationError(f"constraint: no candidate keeps to {asked.get('constraint')}")
    if unseen := unseen_elements(rows, trained, columns):
        notes.append(f"no training row holds {', '.join(unseen)}: predictions for candidates with it are guesses")
    unnamed = [name for name in free if name not in rows]
    if not unnamed:
        return Candidates(_ordered(rows, columns), {}, np.ones((len(rows), 1)), tuple(notes))
    filled, weights = filled_in(columns, trained, rows, unnamed)
    notes += [_filling_note(name, filled[name]) for name in unnamed]
    rows = rows.assign(**{name: (weights * values).sum(axis=1) for name, values in filled.items()})
    return Candidates(_ordered(rows, columns), filled, weights, tuple(notes))


def _ordered(rows: pd.DataFrame, columns: Columns) -> pd.DataFrame:
    inputs = raw_inputs(columns)
    return rows[[*(name for name in rows if name not in inputs), *inputs]].reset_index(drop=True)


def _check_once(named: Mapping[str, Sequence[str]], verb: str) -> None:
    for name in {name for names in named.values() for name in names}:
        where = [key for key, names in named.items() if name in names]
        if len(where) > 1:
            raise ConfigurationError(f"{verb}: {name} is named by {'= and by '.join(where)}=; name it once")


def _numbers(names: Sequence[str], columns: Columns) -> list[str]:
    return [name for name in names if name not in columns.levels and name != columns.composition]


def _stated(columns: Columns, trained: pd.DataFrame, free: Sequence[str]) -> tuple[list[Axis], list[str]]:
    """Return what is searched although nobody named it, and the lines that say so."""
    axes, notes = [], []
    for name in free:
        if name == columns.composition:
            axes.append(Axis(name, each_once(trained[name], columns)))
            notes.append(
                f"{name} is not named: the {len(axes[-1].values)} formulas of the training rows are tried; "
                f"given='{typed_name(name)}={axes[-1].values[0]}' fixes it"
            )
        elif name in columns.levels:
            axes.append(Axis(name, columns.levels[name]))
            notes.append(
                f"{name} is not named: all its values are tried, {', '.join(columns.levels[name])}; "
                f"given='{typed_name(name)}={columns.levels[name][0]}' fixes it"
            )
    return axes, notes


def unseen_elements(rows: pd.DataFrame, trained: pd.DataFrame, columns: Columns) -> list[str]:
    """Return the elements of candidates that no training row holds; there are none without compositions."""
    if columns.composition is None:
        return []
    there, known = (elements_of(frame[columns.composition], columns) for frame in (rows, trained))
    return sorted(there - known)


def _filling_note(name: str, values: Values) -> str:
    low, high = f"{values.min():.4g}", f"{values.max():.4g}"
    return (
        f"{name} is not named: it takes the values of training rows nearby ({low} to {high}), whose spread widens the "
        f"intervals; given='{typed_name(name)}={np.median(values):.4g}' fixes it"
    )


def _example(name: str, columns: Columns, trained: pd.DataFrame) -> str:
    if name in columns.levels:
        return f"over='{typed_name(name)}=[{','.join(columns.levels[name])}]'"
    values = read_numbers(trained, name, uncertain=True).values
    return f"over='{typed_name(name)}={np.nanmin(values):.4g}:{np.nanmax(values):.4g}'"
