"""The frame of the HTML pages that verbs write: one file with its style, which needs no network."""

from html import escape

import plotly.graph_objects as go

STYLE = """
:root { --ink: #1d2733; --soft: #6b7480; --line: #e3e6ea; --good: #2a7f62; --bad: #b0303c; --tint: #f6f8fa }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); max-width: 1240px; margin: 2em auto; padding: 0 1.5em }
h1 { font-size: 1.7em; margin: 0 } h2 { font-size: 1.15em; margin: 2.2em 0 .2em }
p { margin: .2em 0 } .note { color: var(--soft); font-size: 13.5px }
.best { border-left: 4px solid var(--good); background: var(--tint); padding: .6em 1em; margin: 1.2em 0 }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; margin-top: .6em; max-height: 80vh }
table { border-collapse: collapse; font-size: 13px; width: 100% }
th { position: sticky; top: 0; background: var(--tint); text-align: left }
.runs th { cursor: pointer; user-select: none }
th, td { padding: .4em .8em; border-bottom: 1px solid var(--line); vertical-align: top; white-space: nowrap }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums }
th:first-child, td:first-child { position: sticky; left: 0; background: white; min-width: 13em; max-width: 24em }
td:first-child { white-space: normal }
th:first-child { background: var(--tint); z-index: 1 }
.runs th::after { content: " ↕"; color: #c3c9d0 } .runs th[data-order="1"]::after { content: " ↑"; color: var(--ink) }
.runs th[data-order="-1"]::after { content: " ↓"; color: var(--ink) }
tbody tr:hover { background: var(--tint) } td.top { font-weight: 700; color: var(--good) }
.beside { display: block; color: var(--soft); font-size: 12px; font-weight: 400 }
.status { font-size: 11.5px; padding: .1em .5em; border-radius: 9px; background: #e6f2ed; color: var(--good) }
.status.FAILED, .status.KILLED { background: #f8e7e9; color: var(--bad) }
.status.RUNNING, .status.PRUNED, .status.SCHEDULED { background: #eceff2; color: var(--soft) }
code { font-size: 12px; color: var(--soft) }
summary { cursor: pointer; font-weight: 600; margin-top: .8em }
.shelf { display: flex; gap: 10px; overflow-x: auto; padding: 8px; border: 1px solid var(--line); border-radius: 6px }
.shelf figure { margin: 0; flex: none; max-width: 480px }
.shelf img { width: 230px; display: block; cursor: zoom-in }
.shelf :checked + img { width: auto; cursor: zoom-out }
.pair .shelf figure { flex: 1 1 0; min-width: 0; max-width: none } .pair .shelf img { width: 100% }
.pair .shelf :checked + img { width: auto } .pair figcaption { max-width: none }
.changes td { white-space: normal; overflow-wrap: anywhere }
figcaption { font-size: 12px; color: var(--soft); max-width: 230px; overflow-wrap: anywhere }
h3 { font-size: .95em; margin: 1em 0 .3em }
pre { font-size: 12px; background: var(--tint); border: 1px solid var(--line) }
pre { padding: .8em; overflow: auto; max-height: 60vh }
"""
SORT = """
document.querySelectorAll(".runs th").forEach((head, column) => head.addEventListener("click", () => {
  const order = head.dataset.order === "1" ? -1 : 1;
  document.querySelectorAll(".runs th").forEach(other => delete other.dataset.order);
  head.dataset.order = order;
  const body = document.querySelector(".runs tbody");
  const key = row => row.children[column].dataset.sort;
  [...body.rows].sort((one, other) => {
    const [a, b] = [key(one), key(other)];
    if (a === "" || b === "") return (a === "") - (b === "");  // empty cells stay below
    const [x, y] = [Number(a), Number(b)];
    return order * (isNaN(x) || isNaN(y) ? a.localeCompare(b) : x - y);
  }).forEach(row => body.append(row));
}));
"""


def whole_page(title: str, body: str, *, head: str = "", script: str = "") -> str:
    """Return an HTML page.

    Args:
        title: of the window, as text.
        body: HTML, in which everything that a run has stored is escaped.
        head: HTML that the figures of the body need, such as plotly's script.
        script: JavaScript that works on the body.
    """
    within = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>{head}'
    ending = f"\n<script>{script}</script>" if script else ""
    return f'<!doctype html>\n<html lang="en"><head>{within}</head><body>\n{body}{ending}</body></html>\n'


def drawn_figure(heading: str, note: str, figure: go.Figure | None) -> str:
    """Return an interactive figure under its heading, without plotly's script; empty if there is no figure."""
    if figure is None:
        return ""
    drawn = figure.to_html(
        full_html=False, include_plotlyjs=False, config={"displayModeBar": False, "responsive": True}
    )
    return f'<h2>{escape(heading)}</h2><p class="note">{escape(note)}</p>{drawn}'
