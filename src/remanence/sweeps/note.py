"""The description of a sweep on MLflow's page: its best trials, its history, and the command that goes on with it."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

import pandas as pd

from remanence.studies.card import table
from remanence.studies.note import as_code, pictures
from remanence.sweeps.trial_table import short_names

MOST_TRIALS = 5


def sweep_note(
    trials: pd.DataFrame, directions: Mapping[str, str], *, run_id: str, command: str, figures: Sequence[str]
) -> str:
    """Return a description in Markdown.

    Args:
        trials: table of the trials, see ``trial_table``.
        directions: objective to ``minimize`` or ``maximize``, the most important one first.
        run_id: id of the sweep's parent run.
        command: command that the sweep was started with.
        figures: names of artifacts that are shown as pictures.
    """
    first, direction = next(iter(directions.items()))
    valued = trials[trials["outcome"].isin(["ok", "skipped"])]
    best = valued.sort_values(first, ascending=direction == "minimize").head(MOST_TRIALS)
    keys = list(trials.columns[2 : list(trials.columns).index(first)])
    rows = [
        [_run(str(row["run"]), int(row["number"])), *(row[key] for key in (*keys, *directions))]
        for _, row in best.iterrows()
    ]
    ended = ", ".join(f"{number} {outcome}" for outcome, number in trials["outcome"].value_counts().items())
    of = f", the best {len(rows)}" if len(rows) < len(trials) else ""
    parts = [f"- {len(trials)} trials: {ended}{of}:", table(["trial", *short_names(keys).values(), *directions], rows)]
    return "\n\n".join([*parts, *pictures(run_id, figures), *as_code(command)])


def _run(run_id: str, number: int) -> str:
    return f"[{number}](#/runs/{quote(run_id)})" if run_id else str(number)
