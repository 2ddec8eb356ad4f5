"""Settings over seeds, in a terminal and on a page: mean ± sd of each, and which differences are more than chance."""

import math
from collections.abc import Sequence
from html import escape

import pandas as pd
from rich.table import Table as RichTable

from remanence.foundation.terminal import console
from remanence.tracking.compared_run import ComparedRun
from remanence.tracking.comparison import is_lower_better
from remanence.tracking.logged_files import LoggedFiles
from remanence.tracking.setting_tests import SettingTest, setting_tests
from remanence.tracking.settings import Setting, settings, settings_table

LEVEL = 0.05
"""p below which a difference is called more than chance."""
MOST_ROWS = 20
"""Most settings, and most tests, that are printed; the page has all of them."""
HEADS = ("setting", "against", "pairs", "difference", "p", "")


def print_settings(runs: Sequence[ComparedRun], files: LoggedFiles) -> None:
    """Print the settings of each group in which two settings have at least two draws in common, and their tests."""
    for group, found in settings(runs).items():
        repeated = [setting for setting in found if len(setting.runs) > 1]
        tests = setting_tests(repeated, files) if len(repeated) > 1 else []
        if not tests:
            continue
        rows, over = _rows(settings_table(repeated)), _over(repeated)
        printed = RichTable(title=f"{group}: mean ± sd over {over}", title_justify="left")
        for number, head in enumerate(rows[0]):
            printed.add_column(head, justify="right" if number else "left", overflow="fold")
        for row in rows[1 : MOST_ROWS + 1]:
            printed.add_row(*row)
        console.print(printed)
        against = RichTable(title=f"{tests[0].metric}, in pairs of the same {over}", title_justify="left")
        for number, head in enumerate(HEADS):
            against.add_column(head, justify="right" if number in (2, 3, 4) else "left", overflow="fold")
        for test in tests[:MOST_ROWS]:
            against.add_row(*_said(test))
        console.print(against)
        if max(len(rows) - 1, len(tests)) > MOST_ROWS:
            console.print("more of them: see --html FILE")
        console.print(_how(tests))


def settings_sections(runs: Sequence[ComparedRun], files: LoggedFiles | None) -> list[str]:
    """Return HTML with the settings of each group in which a setting was repeated, and the tests between them."""
    sections = []
    every = settings(runs)
    for group, found in every.items():
        repeated = [setting for setting in found if len(setting.runs) > 1]
        on = f": {group}" if len(every) > 1 else ""
        alone = f" {len(found) - len(repeated)} settings with a single run are left out." * (len(repeated) < len(found))
        note = f"Runs that differ in seeds only are one setting. ±: sd over {_over(repeated)}.{alone}"
        parts = [f'<h2>{escape(f"Settings{on}")}</h2><p class="note">{escape(note)}</p>']
        parts.append(html_table(_rows(settings_table(repeated)), numbers=1))
        if tests := setting_tests(repeated, files):
            heads = [*HEADS[:3], f"difference of {tests[0].metric}", *HEADS[4:]]
            parts.append(f'<p class="note">{escape(_how(tests))}</p>')
            parts.append(html_table([heads, *(_said(test) for test in tests)], numbers=2, last=5))
        sections.append("".join(parts))
    return sections


def html_table(rows: Sequence[Sequence[str]], *, numbers: int, last: int | None = None) -> str:
    """Return a table as HTML, its first row as the heads; cells from ``numbers`` to before ``last`` are numbers."""

    def cells(row: Sequence[str], tag: str) -> str:
        ending = len(row) if last is None else last
        marks = [' class="number"' if numbers <= place < ending else "" for place in range(len(row))]
        return "".join(f"<{tag}{mark}>{escape(text)}</{tag}>" for text, mark in zip(row, marks, strict=True))

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows[1:])
    return f'<div class="wide"><table><thead><tr>{cells(rows[0], "th")}</tr></thead><tbody>{body}</tbody></table></div>'


def _rows(table: pd.DataFrame) -> list[list[str]]:
    """Return heads and cells, with mean and deviation of a metric in one cell."""
    metrics = [str(column) for column in table if f"{column} sd" in table]
    rows = [["setting", "runs", *metrics]]
    for row in table.to_dict("records"):
        cells = [_spread(float(row[metric]), float(row[f"{metric} sd"])) for metric in metrics]
        rows.append([str(row["setting"]), str(row["runs"]), *cells])
    return rows


def _spread(mean: float, sd: float) -> str:
    if not math.isfinite(mean):
        return ""
    return f"{mean:.4g} ± {sd:.2g}" if math.isfinite(sd) else f"{mean:.4g}"


def _over(found: Sequence[Setting]) -> str:
    """Return what settings are repeated over."""
    words = {word for setting in found for word in setting.over.split(" and ")}
    return " and ".join(sorted(words))


def _said(test: SettingTest) -> list[str]:
    """Return the cells of a test; a setting is called better only where the difference is more than chance."""
    if not math.isfinite(test.p):
        verdict = test.how if test.how.startswith("not tested") else "the same in every pair"
    elif test.p >= LEVEL:
        verdict = "no more than chance"
    else:
        better = test.first if (test.difference < 0) == is_lower_better(test.metric) else test.second
        verdict = f"{better} is better"
    p = f"{test.p:.3f}" if math.isfinite(test.p) else ""
    return [test.first, test.second, str(test.runs), f"{test.difference:+.4g}", p, verdict]


def _how(tests: Sequence[SettingTest]) -> str:
    """Return what the p values are of."""
    named = dict.fromkeys(test.how for test in tests if not test.how.startswith("not tested"))
    if not named:
        return "difference: of the first from the second, the mean over pairs"
    pairs = f", and for {len(tests)} pairs of settings (Holm)" if len(tests) > 1 else ""
    return f"difference: of the first from the second, the mean over pairs; p: {'; '.join(named)}{pairs}"
