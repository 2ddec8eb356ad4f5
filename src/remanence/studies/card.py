"""Model card and data card of a run: what a reader has to know before using a model, as Markdown."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from remanence.configuration.configuration import Configuration
from remanence.configuration.validate import objectives
from remanence.tracking.markdown_table import markdown_lines
from remanence.tracking.own_files import CARDS
from remanence.tracking.run import Run

MODEL, DATA = CARDS
"""Names of the artifacts."""
SYNTHETIC = "The data are simulated: no number here says anything about a measured material."


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    heading: str
    lines: Sequence[str]
    """Sentences, each of which becomes a bullet, and tables of ``table``; a section without any is left out."""


@dataclass(frozen=True)
class Cards:
    """What the study of a kind of data knows for the two cards."""

    model: Sequence[Section]
    data: Sequence[Section]


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    r"""Return a Markdown table; numbers have four significant digits.

    >>> print(table(["model", "MAE"], [["a|b", 0.123456], ["linear", None]]))
    | model | MAE |
    |---|---|
    | a\|b | 0.1235 |
    | linear | – |
    """
    lines = [headings, *([shown(cell) for cell in row] for row in rows)]
    header, *body = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join(markdown_lines(header, body))


def shown(value: object) -> str:
    """Return a cell or a number of a sentence as text: four significant digits, – for none.

    >>> shown(1234567), shown(0.00012345), shown(1234.567), shown(None)
    ('1234567', '0.0001234', '1235', '–')
    """
    if value is None or (isinstance(value, float) and value != value):
        return "–"
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if 1e3 <= abs(value) < 1e6 else f"{value:.4g}"


def quantity(value: float, unit: str) -> str:
    """Return a value of a sentence with its unit, which may be empty."""
    return f"{shown(float(value))} {unit}".rstrip()


def markdown(title: str, head: Sequence[str], sections: Iterable[Section]) -> str:
    """Return a card as Markdown.

    >>> print(markdown("Model card: a", ["A model."], [Section("Trust", ["Little."]), Section("Faults", [])]), end="")
    # Model card: a
    <BLANKLINE>
    A model.
    <BLANKLINE>
    ## Trust
    <BLANKLINE>
    - Little.
    """
    parts = [f"# {title}", *head]
    for section in sections:
        if section.lines:
            parts += [f"## {section.heading}", *blocks(section.lines)]
    return "\n\n".join(parts) + "\n"


def blocks(lines: Sequence[str]) -> list[str]:
    """Return sentences as lists of bullets, and tables as they are."""
    blocks: list[str] = []
    for line in lines:
        is_table = line.startswith("|")
        if not is_table and blocks and blocks[-1].startswith("- "):
            blocks[-1] += f"\n- {line}"
        else:
            blocks.append(line if is_table else f"- {line}")
    return blocks


def log_cards(tracked: Run, cfg: Configuration, model: Any, cards: Cards) -> None:
    """Log both cards as artifacts of a run.

    Args:
        tracked: the run.
        cfg: its configuration.
        model: fitted model, whose class is named.
        cards: what the study knows.
    """
    tags = tracked.found.data.tags
    head = [_what(tracked, cfg, model, tags), *_warnings(cfg, tags)]
    tracked.log_text(markdown(f"Model card: {tracked.name}", head, cards.model), MODEL)
    where = [f"What the run *{tracked.name}* was trained on. What came of it: [{MODEL}]({MODEL})."]
    synthetic = [f"**{SYNTHETIC}**"] if _synthetic(tags) else []
    tracked.log_text(markdown(f"Data card: {tags.get('remanence.data', 'data')}", where + synthetic, cards.data), DATA)


def _what(tracked: Run, cfg: Configuration, model: Any, tags: Mapping[str, str]) -> str:
    command = tags.get("mlflow.source.name", "")
    commit = tags.get("mlflow.source.git.commit", "")[:9]
    changed = " with changes" if tags.get("remanence.git.dirty") == "true" else ""
    made_by = f", commit {commit}{changed}" if commit else ""
    typed = f" Made by `{command}`." if _is_readable(command) else ""
    return (
        f"`{type(model).__name__}`, run `{tracked.id}`, seed {cfg.seed}, remanence "
        f"{tags.get('remanence.version', '?')}{made_by}.{typed} The data: [{DATA}]({DATA})."
    )


def _is_readable(command: str) -> bool:
    """Return whether a command is one of the package, and fits into a sentence."""
    return len(command) <= 300 and "`" not in command and shlex.split(command)[:1] == ["remanence"]


def _synthetic(tags: Mapping[str, str]) -> bool:
    return tags.get("remanence.synthetic") == "true"


def _warnings(cfg: Configuration, tags: Mapping[str, str]) -> list[str]:
    """Return what makes every number of the card worth less than it looks."""
    said = [SYNTHETIC] if _synthetic(tags) else []
    tested = [name for name in objectives(cfg) if name.startswith("test/")]
    if cfg.sweep.trial is not None and tested:
        said.append(
            f"This run is trial {cfg.sweep.trial} of a sweep that looks for the best {' and '.join(tested)}: of the "
            "best trial that error is too small, because it was chosen by the rows that it is of."
        )
    if cfg.fork:
        said.append(
            f"The training began with the weights of run {cfg.fork}: rows that were tested here may have been trained "
            "on there."
        )
    return [f"**{line}**" for line in said]
