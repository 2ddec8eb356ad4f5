"""The MLflow experiment that a run is recorded in: that of its paper, or one named after the user's own file."""

import re
from collections.abc import Sequence
from pathlib import Path

from remanence.data.published_files import PUBLISHED_DIGESTS
from remanence.data.source import Source
from remanence.tracking.tracked_configuration import TrackedConfiguration

PAPER_TAG = "remanence.paper"
"""Tag with the name of the MLflow experiment, by which ``compare`` finds its runs; earlier it was always the paper."""
CUSTOM = "custom"
"""Name of the configuration of a run whose command line names no experiment."""
SHIPPED = ("beps", "nested", "piezo", "spectra")
"""First parts of the names of the experiments that come with the package."""
FOR_OWN_FILES = ("beps/line", "beps/loops", "beps/raw", "piezo/table", "spectra/own", CUSTOM)
"""Those that say nothing of the data: two runs of one of them have nothing in common but the file that they read."""
TAKEN = (*SHIPPED, CUSTOM, "default")
"""Names of experiments that hold other runs than those on one file; the last one is MLflow's own."""
MOST_LETTERS = 60
"""Longest name that is made of a file's: it names a folder, too, and a letter may take four bytes there."""


def experiment_name(cfg: TrackedConfiguration, sources: Sequence[Source]) -> str:
    """Return the name of the MLflow experiment for a new run that is neither a fork nor a trial of a sweep.

    Args:
        cfg: checked configuration.
        sources: sources of the data that the run reads, the main one first. Published files are known by their content.
    """
    if cfg.tracking.experiment:
        return cfg.tracking.experiment
    if configuration_name(cfg) in FOR_OWN_FILES:
        for source in sources:
            if source.kind == "local" and source.digest not in PUBLISHED_DIGESTS:
                return _after_file(source.name)
    return paper(cfg)


def known_names(cfg: TrackedConfiguration, sources: Sequence[Source]) -> list[str]:
    """Return the names under which runs like this may be recorded already, where this one would be recorded first.

    The last one is that of earlier releases, which recorded runs on own files with those of the papers.
    """
    return list(dict.fromkeys([experiment_name(cfg, sources), paper(cfg)]))


def configuration_name(cfg: TrackedConfiguration) -> str:
    """Return the name of the experiment's file; ``custom`` if the command line names no experiment."""
    return str(cfg.config or CUSTOM)


def paper(cfg: TrackedConfiguration) -> str:
    """Return the first part of that name, such as ``piezo`` of ``piezo/ns``."""
    return configuration_name(cfg).split("/")[0]


def _after_file(name: str) -> str:
    """Return a name made of that of a file: one word for the command line, which names a folder as well.

    >>> _after_file("KNN series (2).xlsx"), _after_file("piezo.csv"), _after_file("…")
    ('KNN_series_2', 'piezo_file', 'own_file')
    """
    stem = re.sub(r"[^\w.+-]+", "_", Path(name).stem).strip("_.+-")[:MOST_LETTERS]
    return f"{stem or 'own'}_file" if not stem or stem.casefold() in TAKEN else stem
