"""Settings over seeds, in a terminal and on a page: mean ± sd of each, and which differences are more than chance."""

import math
from collections.abc import Sequence
from html import escape

import pandas as pd
from rich.table import Table as RichTable

from remanence.foundation.plus_minus import plus_minus
from remanence.foundation.terminal import console
from remanence.science.significance import SIGNIFICANT
from remanence.tracking.comparable import grouped
from remanence.tracking.compared_run import ComparedRun
from remanence.tracking.comparison import is_lower_better
from remanence.tracking.logged_files import LoggedFiles
from remanence.tracking.setting_tests import SettingTest, setting_tests
from remanence.tracking.settings import Setting, settings, settings_table
from remanence.verbs.html_table import html_table

MOST_ROWS = 20
"""Most settings, and most tests, that are printed; the page has all of them."""
HEADS = ("setting", "against", "pairs", "difference", "p", "")


def print_settings(runs: Sequence[ComparedRun], files: LoggedFiles) -> None:
    """Print the settings of each group in which two settings have at least two draws in common, and their tests."""
    for group, found in settings(runs).items():
        tests = setting_tests(found, files)
        if not tests:
            continue
        rows = _rows(settings_table(found))
        printed = RichTable(title=f"{group}: mean ± sd over {_over(found)}", title_justify="left")
        for number, head in enumerate(rows[0]):
            printed.add_column(head, justify="right" if number > 1 else "left", overflow="fold")
        for row in rows[1 : MOST_ROWS + 1]:
            printed.add_row(*row)
        console.print(printed)
        against = RichTable(title=f"{tests[0].metric}, in pairs of the same {_over(found)}", title_justify="left")
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
    several = len(grouped(runs, drawn_alike=True)) > 1
    for group, found in settings(runs).items():
        on = f": {group}" if several else ""
        note = f"Runs that differ in seeds only are one setting. ±: sd over {_over(found)}."
        parts = [f'<h2>{escape(f"Settings{on}")}</h2><p class="note">{escape(note)}</p>']
        parts.append(html_table(_rows(settings_table(found)), numbers=2))
        if tests := setting_tests(found, files):
            heads = [*HEADS[:3], f"difference of {tests[0].metric}", *HEADS[4:]]
            parts.append(f'<p class="note">{escape(_how(tests))}</p>')
            parts.append(html_table([heads, *(_said(test) for test in tests)], numbers=2, last=5))
        sections.append("".join(parts))
    return sections


def _rows(table: pd.DataFrame) -> list[list[str]]:
    """Return heads and cells, with mean and deviation of a metric in one cell."""
    metrics = [str(column) for column in table if f"{column} sd" in table]
    rows = [["setting", "over", *metrics]]
    for row in table.to_dict("records"):
        cells = [_spread(float(row[metric]), float(row[f"{metric} sd"])) for metric in metrics]
        rows.append([str(row["setting"]), str(row["over"]), *cells])
    return rows


def _spread(mean: float, sd: float) -> str:
    if not math.isfinite(mean):
        return ""
    return plus_minus(mean, sd) if math.isfinite(sd) else f"{mean:.4g}"


def _over(found: Sequence[Setting]) -> str:
    """Return what settings are repeated over."""
    words = {word for setting in found for word in setting.over.split(" and ")}
    return " and ".join(sorted(words))


def _said(test: SettingTest) -> list[str]:
    """Return the cells of a test; a setting is called better only where the difference is more than chance."""
    if not math.isfinite(test.p):
        verdict = test.how if test.how.startswith("not tested") else "the same in every pair"
    elif test.p >= SIGNIFICANT:
        verdict = "no more than chance"
    else:
        better = test.first if (test.difference < 0) == is_lower_better(test.metric) else test.second
        verdict = f"{better} is better"
    p = "" if not math.isfinite(test.p) else "< .001" if test.p < 0.001 else f"{test.p:.3f}"
    return [test.first, test.second, str(test.runs), f"{test.difference:+.4g}", p, verdict]


def _how(tests: Sequence[SettingTest]) -> str:
    """Return what the p values are of."""
    named = dict.fromkeys(test.how for test in tests if not test.how.startswith("not tested"))
    if not named:
        return "difference: setting - the other, the mean over pairs"
    pairs = f", and for {len(tests)} pairs of settings (Holm)" if len(tests) > 1 else ""
    return f"difference: setting - the other, the mean over pairs; p: {'; '.join(named)}{pairs}"
