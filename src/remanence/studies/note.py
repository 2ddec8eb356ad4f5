"""The description of a run on MLflow's page: how well it predicts, its first figures, and the command that made it."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from remanence.studies.card import Cards, Section, blocks
from remanence.studies.fork_links import LINE, NOTE_TAG
from remanence.tracking.campaign import FORKED_TAG
from remanence.tracking.limits import SHORT_ID
from remanence.tracking.run import Run

MOST_FIGURES = 2
MOST_LETTERS = 5000
"""Longest description; MLflow takes 8000 letters of a tag, and a page is read from its top."""


def log_note(tracked: Run, cards: Cards | None) -> None:
    """Describe a run on MLflow's page, unless somebody else has; links to forks that it has already are kept.

    Args:
        tracked: run that has logged its figures.
        cards: what its study says of the model; None if it says nothing.
    """
    tags = tracked.found.data.tags
    before = tags.get(NOTE_TAG, "")
    if before and not LINE.fullmatch(before):
        return
    told = note(tracked.id, tags, [] if cards is None else cards.model, tracked.figures[:MOST_FIGURES])
    tracked.client.set_tag(tracked.id, NOTE_TAG, "\n\n".join(filter(None, [told, before])))


def note(run_id: str, tags: Mapping[str, str], sections: Sequence[Section], figures: Sequence[str]) -> str:
    """Return a description in Markdown.

    Args:
        run_id: id of the run.
        tags: its tags.
        sections: sections of its model card; those with a table are shown.
        figures: names of artifacts that are shown as pictures.
    """
    end = pictures(run_id, figures)
    if origin := tags.get(FORKED_TAG):
        end.append(f"Begun with the weights of run [{origin[:SHORT_ID]}](#/runs/{quote(origin)}).")
    end += as_code(tags.get("mlflow.source.name", ""))
    shown = [section for section in sections if any(line.startswith("|") for line in section.lines)]
    while True:
        text = "\n\n".join([*(_shown(section, place) for place, section in enumerate(shown)), *end])
        if len(text) <= MOST_LETTERS or not shown:
            return text
        del shown[-1:]


def pictures(run_id: str, figures: Sequence[str]) -> list[str]:
    """Return figures of a run, by the names of their artifacts, as pictures in a description."""
    return [f"![{name}](get-artifact?path={quote(name, safe='')}&run_uuid={run_id})" for name in figures]


def as_code(command: str) -> list[str]:
    """Return a command as a block of a description; nothing for one that cannot be shown in it."""
    can_be_shown = command and "```" not in command and len(command) < MOST_LETTERS // 2
    return [f"```\n{command}\n```"] if can_be_shown else []


def _shown(section: Section, place: int) -> str:
    """Return a section as Markdown; the first without its heading, as MLflow folds a description after a few lines."""
    own = "\n\n".join(blocks(section.lines))
    return own if place == 0 else f"**{section.heading}**\n\n{own}"
