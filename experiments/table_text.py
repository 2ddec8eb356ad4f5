"""From the description of a table and the results of its runs to the text that stands in a README.

A description is an entry of ``experiments/<paper>/tables.yaml``::

    toy:
      runs:                        # name: overrides of `remanence repeat`, and its seeds
        network: {overrides: experiment=beps/pzt, seeds: 10..19, data: {data.dir: beps}}
      quick: {overrides: [trainer.max_epochs=8]}   # --quick: small settings, two seeds
      columns:                     # title: a metric, or how it is shown
        gamut: "{model}test/mse"
        worst: {metric: "{model}test/mse", show: "{max}", digits: 2}
      rows:
        - {title: β-VAE, run: network, model: ""}
        - {title: PCA-3, run: network, model: baseline/pca/}
        - {title: paper, cells: {gamut: ".104"}}

A run with ``starts: 3`` is trained three times on the data of each seed, of which the one with the least validation
error counts. What stands in braces in a metric is an entry of the row. A metric with ``*`` is that of the model whose
mean is the smallest (``best: largest`` for the largest), without those of ``except``. ``show`` knows ``{value}`` (mean
± deviation over seeds, or over folds where ``sd`` names a metric), ``{mean}``, ``{sd}``, ``{low}`` and ``{high}`` (95 %
interval of the mean), ``{min}``, ``{max}``, ``{range}``, ``{n}`` and ``{name}`` (what ``*`` stands for). Several
metrics are a list. A cell of a row, ``cells``, takes the place of its metric, and a column may name its own ``run``.
"""

import math
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from remanence.errors import ConfigurationError
from remanence.science.mean_interval import mean_interval

Results = Mapping[str, Mapping[str, Any]]
"""Run of a description to ``command``, ``seeds``, ``commits`` and ``metrics``, metric to a value for each seed."""
PROPER = {
    "gaussian_process": "Gaussian process",
    "nu_svr": "NuSVR",
    "svr": "SVR",
    "pca": "PCA",
    "nmf": "NMF",
    "ica": "ICA",
}
"""Names of baselines that are not written as their keys."""
BEGIN, END = "<!-- table: {name} -->", "<!-- end of table: {name} -->"


def render(name: str, table: Mapping[str, Any], results: Results) -> str:
    """Return a table as Markdown, and below it the seeds, the commit and the command.

    Args:
        name: name of the table, such as ``beps/toy``.
        table: its description.
        results: results of its runs.

    Raises:
        ConfigurationError: if no run has a metric that a column names.
    """
    columns = {title: _column(spec) for title, spec in table["columns"].items()}
    lines = [[table.get("title", ""), *columns], ["---"] * (len(columns) + 1)]
    empty = {title for title, column in columns.items() if column["metric"]}
    for row in table["rows"]:
        measured = {title: _cell(column, row, results) for title, column in columns.items()}
        empty -= {title for title, cell in measured.items() if cell}
        lines.append([row["title"], *map(str, (measured | row.get("cells", {})).values())])
    for title in (title for title in columns if title in empty):
        raise ConfigurationError(f"table {name}: columns.{title}: no run has {_asked(columns[title], table, results)}")
    text = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"{text}\n\n{_provenance(name, columns.values(), results)}\n"


def replaced(readme: str, name: str, text: str) -> str:
    """Return a README with another text between the markers of a table.

    Raises:
        ConfigurationError: if the README does not have the two markers once each.
    """
    begin, end = BEGIN.format(name=name), END.format(name=name)
    if readme.count(begin) != 1 or readme.count(end) != 1 or readme.index(end) < readme.index(begin):
        raise ConfigurationError(f"table {name}: the README needs the lines '{begin}' and '{end}', once each")
    before, _, rest = readme.partition(begin)
    return f"{before}{begin}\n\n{text}\n{end}{rest.partition(end)[2]}"


def wanted_metrics(table: Mapping[str, Any], run: str, known: Sequence[str]) -> list[str]:
    """Return those of the known metrics that the rows of a run may show."""
    columns = [_column(spec) for spec in table["columns"].values()]
    patterns = {
        _filled(metric, row)
        for row in table["rows"]
        for column in columns
        if _run(column, row) == run
        for metric in _metrics(column)
    }
    return sorted(key for key in known if any(fnmatchcase(key, pattern) for pattern in patterns))


def number(value: float, digits: int) -> str:
    """Return a number with so many significant digits, without the zero before the point.

    >>> number(0.000461, 2), number(321.4, 3), number(-0.5, 2), number(93912.0, 3), number(1.0, 3), number(12345.6, 6)
    ('.00046', '321', '−.50', '9.39e4', '1.00', '12345.6')
    """
    if not math.isfinite(value):
        return ""
    if value == 0:
        return "0"
    decimals = digits - 1 - math.floor(math.log10(abs(value)))
    if decimals < -1:
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
        return f"{mantissa}e{int(exponent)}".replace("-", "−")
    return fixed(value, max(decimals, 0))


def fixed(value: float, decimals: int) -> str:
    """Return a number with so many decimals, without the zero before the point.

    >>> fixed(0.1081, 3), fixed(12.0, 1), fixed(-0.04, 1)
    ('.108', '12.0', '.0')
    """
    text = f"{value:.{decimals}f}"
    text = text.removeprefix("-") if float(text) == 0 else text.replace("-", "−")
    return re.sub(r"^(−?)0\.", r"\1.", text)


def mean_and_sd(mean: float, sd: float, digits: int) -> str:
    """Return a mean with its deviation, of which two digits are shown; the mean alone if there is no deviation.

    >>> mean_and_sd(0.00046123, 0.0000341, 2), mean_and_sd(0.1081, 0.0182, 3), mean_and_sd(0.11, 0.0, 3)
    ('.000461 ± .000034', '.108 ± .018', '.110')
    >>> mean_and_sd(0.514663, 0.000015, 3)
    '.5147 ± .000015'
    """
    if not math.isfinite(sd) or sd <= 1e-9 * abs(mean):
        return number(mean, digits)
    decimals = 1 - math.floor(math.log10(sd))
    if decimals < 0:
        return f"{number(mean, digits)} ± {number(sd, 2)}"
    most = decimals if mean == 0 else max(0, digits - math.floor(math.log10(abs(mean))))  # a digit more than alone
    return f"{fixed(mean, min(decimals, most))} ± {fixed(sd, decimals)}"


def _column(spec: Any) -> dict[str, Any]:
    """Return the description of a column with its defaults."""
    given = dict(spec) if isinstance(spec, Mapping) else {"metric": spec}
    return {"show": "{value}", "digits": 3, "join": " ", "except": [], "best": "smallest", "sd": None} | given


def _run(column: Mapping[str, Any], row: Mapping[str, Any]) -> str | None:
    """Return the run that a cell shows: that of its row, or of its column."""
    return row.get("run") or column.get("run")


def _metrics(column: Mapping[str, Any]) -> list[str]:
    named = column["metric"] if isinstance(column["metric"], list) else [column["metric"]]
    return [*named, *([column["sd"]] if column["sd"] else [])]


def _filled(metric: str, row: Mapping[str, Any]) -> str:
    try:
        return metric.format_map(row)
    except KeyError as error:
        raise ConfigurationError(f"rows.{row['title']}: lacks {error}, which the metric {metric} names") from None


def _cell(column: Mapping[str, Any], row: Mapping[str, Any], results: Results) -> str:
    if (run := _run(column, row)) is None:
        return ""
    named = column["metric"] if isinstance(column["metric"], list) else [column["metric"]]
    shown = [_shown(column, row, results[run]["metrics"], _filled(metric, row)) for metric in named]
    return str(column["join"]).join(filter(None, shown))


def _shown(column: Mapping[str, Any], row: Mapping[str, Any], metrics: Mapping[str, Any], metric: str) -> str:
    sign = -1 if column["best"] == "largest" else 1
    found = {key: _finite(values) for key, values in metrics.items() if fnmatchcase(key, metric)}
    found = {key: values for key, values in found.items() if values.size and _name(key, metric) not in column["except"]}
    if not found:
        return ""
    key = min(found, key=lambda key: sign * found[key].mean())
    values, name, digits = found[key], _name(key, metric), int(column["digits"])
    mean, sd, half = mean_interval(values)
    if column["sd"]:
        over_folds = _finite(metrics.get(_filled(column["sd"], row).replace("*", name), []))
        sd = float(over_folds.mean()) if over_folds.size else math.nan
    plain = {"mean": mean, "sd": sd, "low": mean - half, "high": mean + half, "min": values.min(), "max": values.max()}
    texts = {key: number(float(value), digits) for key, value in plain.items()}
    ends = list(dict.fromkeys([texts["min"], texts["max"]]))
    texts |= {"value": mean_and_sd(mean, sd, digits), "range": " to ".join(ends)}
    return str(column["show"]).format(n=values.size, name=_read(name), **texts)


def _finite(values: Sequence[float | None]) -> Any:
    numbers = np.array([math.nan if value is None else value for value in values], dtype=np.float64)
    return numbers[np.isfinite(numbers)]


def _name(key: str, metric: str) -> str:
    """Return what the ``*`` of a pattern stands for."""
    before, star, behind = metric.partition("*")
    return key.removeprefix(before).removesuffix(behind) if star else ""


def _read(name: str) -> str:
    """Return the name of a baseline as one reads it."""
    return PROPER.get(name, name.replace("_", " "))


def _asked(column: Mapping[str, Any], table: Mapping[str, Any], results: Results) -> str:
    asked = sorted({_filled(metric, row) for row in table["rows"] if _run(column, row) for metric in _metrics(column)})
    known = {key for result in results.values() for key in result["metrics"]}
    close = get_close_matches(asked[0], known, n=1) if asked else []
    return f"{' or '.join(asked)}{f'; nearest: {close[0]}' if close else ''}"


def _provenance(name: str, columns: Any, results: Results) -> str:
    seeds = sorted({tuple(result["seeds"]) for result in results.values()})
    counted = "; ".join(f"{'seeds' if len(each) > 1 else 'seed'} {_range(each)}" for each in seeds)
    commits = ", ".join(sorted({commit for result in results.values() for commit in result["commits"]}))
    has_folds, has_seeds = any(column["sd"] for column in columns), any(len(each) > 1 for each in seeds)
    over = "folds" if has_folds else "seeds" if has_seeds else ""
    spread = f"± sd over {over}; " if over else ""
    at = f" at {commits}" if commits else ""
    return f"{counted[:1].upper()}{counted[1:]}; {spread}`python experiments/tables.py --only {name}`{at}."


def _range(seeds: Sequence[int]) -> str:
    is_range = len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[-1] + 1))
    return f"{seeds[0]} to {seeds[-1]}" if is_range else ", ".join(map(str, seeds))
