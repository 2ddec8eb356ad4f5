"""Texts that the reports and figures of all studies share."""

import math
from collections.abc import Iterable, Mapping

from rich.table import Table as RichTable

from remanence.foundation.plus_minus import plus_minus
from remanence.foundation.terminal import console
from remanence.science.significance import SIGNIFICANT
from remanence.studies.kind import Opened
from remanence.tracking.run import Run


def marked(text: str, data: Opened) -> str:
    """Return a heading; if the data are simulated, the heading says so, also in the brackets at its end."""
    if not data.synthetic:
        return text
    return f"{text[:-1]}, synthetic data)" if text.endswith(")") else f"{text} (synthetic data)"


OWN = "this run"
"""Name of a run's own model in tables; figures put what kind of model it is before it."""
ITS_NETWORKS = "its networks"
"""Name of the networks alone, where they are blended with other models."""
HIDDEN = 0.2
"""By how much the R² of all held-out rows exceeds the mean over folds, for a line to tell it."""
USUAL_NAMES = {"Ensemble": "stacked networks", "TableBlend": "blend"}


def own_name(model: object) -> str:
    """Return the name of a run's own model in figures, which tables call ``this run``.

    >>> class Ridge: ...
    >>> own_name(Ridge())
    'Ridge (this run)'
    """
    kind = type(model).__name__
    return f"{USUAL_NAMES.get(kind, kind)} ({OWN})"


def with_spread(metrics: Mapping[str, float], key: str, *spreads: str) -> str:
    """Return a metric as text, with ± the first of ``spreads`` that is known; – if the metric is unknown."""
    if key not in metrics:
        return "–"
    spread = next((metrics[name] for name in spreads if name in metrics), None)
    return f"{metrics[key]:.4g}" if spread is None else plus_minus(metrics[key], spread)


def print_models(title: str, columns: Iterable[str], rows: Iterable[tuple[str, Iterable[str], bool]]) -> None:
    """Print a table with one row for each model.

    Args:
        title: title of the table.
        columns: headings of the metrics.
        rows: for each model its name, its metrics as text, and whether it is the best, which is highlighted.
    """
    table = RichTable("model", title=title, title_justify="left")
    for heading in columns:
        table.add_column(heading, justify="right")
    for name, values, is_best in rows:
        table.add_row(name, *values, style="bold green" if is_best else "")
    console.print(table)


P = "p"
"""Heading of the column of p values, which ``notes`` explains."""


def p_values(metrics: Mapping[str, float], prefixes: Iterable[str]) -> dict[str, str]:
    """Return the column of p values as text: empty for the run's own model; without any p, nothing.

    Args:
        metrics: all final metrics of a run.
        prefixes: beginning of the names of the test metrics of each model, such as ``baseline/svr/test/d33``.

    >>> p_values({"baseline/svr/d33/p": 0.0123}, ["test/d33", "baseline/svr/test/d33"])
    {'test/d33': '', 'baseline/svr/test/d33': '.012'}
    """
    shown = {}
    for prefix in prefixes:
        p = p_of(metrics, prefix)
        shown[prefix] = "" if p is None else p_text(p)
    return shown if any(shown.values()) else {}


def p_of(metrics: Mapping[str, float], prefix: str) -> float | None:
    """Return the p value of a baseline's difference from the run's own model; None if there is none.

    Args:
        metrics: all final metrics of a run.
        prefix: beginning of the names of its test metrics, such as ``baseline/svr/test/d33``.

    >>> p_of({"baseline/svr/d33/p": 0.0123}, "baseline/svr/test/d33")
    0.0123
    """
    kind, *parts = prefix.split("/")  # of a baseline its name, then test, then what was predicted
    return metrics.get("/".join([kind, *parts[:1], *parts[2:], P])) if kind == "baseline" else None


def stands_out(metrics: Mapping[str, float], best: str, prefixes: Iterable[str]) -> bool:
    """Return whether the best model of a table is better by more than chance, and so may be highlighted.

    A baseline has to differ from the run's own model, and the run's own model from every baseline, with p < .05. Where
    folds are too few for a test, no model stands out.

    Args:
        metrics: all final metrics of a run.
        best: beginning of the names of the best model's test metrics.
        prefixes: those of all models of the table.

    >>> compared = {"baseline/svr/p": 0.2, "baseline/lasso/p": 0.001}
    >>> stands_out(compared, "test", ["test", "baseline/svr/test", "baseline/lasso/test"])
    False
    >>> stands_out(compared, "baseline/lasso/test", ["test", "baseline/svr/test", "baseline/lasso/test"])
    True
    """
    if best.startswith("baseline/"):
        p = p_of(metrics, best)
        return p is not None and p < SIGNIFICANT
    if "/network/" in f"{best}/":
        return False  # a part of the run's own model, which no test compares with it
    compared = [p_of(metrics, prefix) for prefix in prefixes if prefix.startswith("baseline/")]
    return bool(compared) and all(p is not None and p < SIGNIFICANT for p in compared)


def smaller_error(metrics: Mapping[str, float], rows: Mapping[str, str], *, own: str) -> tuple[str, str] | None:
    """Return the baseline that has a smaller MAE than the run's own model, if there is one, and a line about it.

    Args:
        metrics: all final metrics of a run.
        rows: name of each model in the table to the beginning of the names of its test metrics.
        own: that of the run's own model.

    Returns:
        name of the baseline with the smallest MAE, and whether it is smaller by chance; None if the own one is.

    >>> compared = {"test/mae": 7.94, "baseline/svr/test/mae": 5.5, "baseline/svr/p": 0.17}
    >>> smaller_error(compared, {"this run": "test", "svr": "baseline/svr/test"}, own="test")
    ('svr', 'svr has the smaller MAE (5.5 against 7.94), within chance (p = .170)')
    """
    errors = {prefix: metrics[key] for prefix in rows.values() if (key := f"{prefix}/mae") in metrics}
    baselines = [prefix for prefix in errors if prefix.startswith("baseline/")]
    best = min(baselines, key=errors.__getitem__, default=own)
    if own not in errors or errors[best] >= errors[own]:
        return None
    name = best.split("/")[1]
    return name, _told(name, errors[best], errors[own], p_of(metrics, best))


def _told(name: str, error: float, own: float, p: float | None) -> str:
    by = f"({error:.3g} against {own:.3g})"
    if p is None:
        return f"{name} has the smaller MAE {by}; whether by chance, only a test over several folds tells"
    shown = p_text(p)
    equals = shown if shown.startswith("<") else f"= {shown}"
    if p < SIGNIFICANT:
        return f"{name} predicts these rows better: MAE {by}, p {equals}"
    return f"{name} has the smaller MAE {by}, within chance (p {equals})"


def p_text(p: float) -> str:
    """Return a p value as a table shows it.

    >>> p_text(0.0123), p_text(0.0001), p_text(1.0)
    ('.012', '< .001', '1.000')
    """
    return "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def notes(*, folds: int, members: bool, baselines: int, tested: bool) -> str:
    """Return what the ± and the p of a table of models are; empty if it has neither.

    Args:
        folds: number of folds that hold rows out.
        members: whether the run has members.
        baselines: number of baselines.
        tested: whether the table has p values.
    """
    spread = f"±: sd over {folds} folds" if folds > 1 else "±: sd over members" if members else ""
    test = (
        "p: whether the MAE differs from this run's; t test over folds, corrected for the training rows that folds "
        f"share (Nadeau-Bengio) and for {baselines} baseline{'s' if baselines > 1 else ''} (Holm)"
    )
    return "; ".join(filter(None, [spread, test if tested else ""]))


def print_pooled(metrics: Mapping[str, float], part: str) -> None:
    """Print the R² of all held-out rows together where the folds hide it.

    The rows of a fold may differ little, as those of one family do: then the mean over the folds of R² is far below
    what the predictions are worth, or below 0.

    Args:
        metrics: all final metrics of a run.
        part: beginning of the names of the metrics, such as ``test/d33``.
    """
    pooled = metrics.get(f"{part}/pooled_r2")
    if pooled is not None and pooled - metrics[f"{part}/r2"] > HIDDEN:
        console.print(
            f"R² of all held-out rows together: {pooled:.4g}; the rows of single folds differ less than all do"
        )


def print_coverage(metrics: Mapping[str, float], part: str, *, nominal: float, rows: int, unit: str = "") -> None:
    """Print how many test rows the intervals of ``part``, such as ``test/d33``, cover, if there are intervals.

    Args:
        metrics: all final metrics of a run.
        part: beginning of the names of the metrics.
        nominal: nominal coverage of the intervals.
        rows: number of test rows, each counted once.
        unit: unit of the target.
    """
    if f"{part}/coverage" not in metrics:
        return
    width = f"{metrics[f'{part}/interval_width']:.3g} {unit}".rstrip()
    told = f"intervals of {nominal:.0%} cover {metrics[f'{part}/coverage']:.1%} of the test rows; mean width {width}"
    quarters = [metrics[key] for number in range(1, 5) if (key := f"{part}/coverage_q{number}") in metrics]
    if quarters:
        chance = 1.96 * math.sqrt(nominal * (1 - nominal) / (rows / 4))
        shares = ", ".join(f"{share:.1%}" for share in quarters)
        told += f"; of the quarters with the lowest to the highest predictions {shares} (by chance ± {chance:.1%})"
    console.print(told)


def print_whereabouts(tracked: Run, name: str) -> None:
    """Print where the finished run ``name`` can be viewed."""
    console.print(f"run      {name}  {tracked.id}")
    console.print(f"figures  {tracked.folder / 'figures'}")
    console.print("browse   remanence ui   (in the repository: make ui)")
