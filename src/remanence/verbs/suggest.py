"""``remanence suggest run=<id> n=5 over='x=0:0.25'``: the next experiments, with the reasons for each.

``remanence suggest run=<id> backtest=true``: how many experiments this choice would have saved on the run's own table.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from remanence.data.output_file import check_output
from remanence.data.table_file import WRITERS, write_table
from remanence.errors import ConfigurationError
from remanence.foundation.imports import importing
from remanence.foundation.terminal import console
from remanence.studies.design.to_measure import to_measure
from remanence.studies.kind import Suggesting
from remanence.studies.kinds import apply
from remanence.studies.suggest.asked_keys import BACKTEST, EXPERIMENTS
from remanence.studies.suggest.goals import GOALS
from remanence.verbs.arguments import ADDRESS, read_arguments
from remanence.verbs.candidate_table import print_candidates

if TYPE_CHECKING:
    from remanence.tracking.run import Run


def main(arguments: list[str]) -> int:
    """Print the next experiments, or the result of a backtest."""
    optional = [*dict.fromkeys((*EXPERIMENTS, *BACKTEST)), "backtest", "output"]
    given = read_arguments("suggest", arguments, required=["run"], optional=optional)
    if "output" in given:
        check_output(given["output"], WRITERS)
    asked = {key: value for key, value in given.items() if key in optional and key not in ("backtest", "output")}
    plays = _is_true(given.get("backtest", "false"))
    table = suggest(given["run"], asked, is_backtest=plays, output=given.get("output"), uri=given.get(ADDRESS))
    if not plays:
        print_candidates(table, title=f"next experiments for {table.attrs[GOALS]}, the most wanted first")
    if "output" in given:
        write_table(table if plays else to_measure(table), given["output"])
        console.print(f"{len(table)} rows written to {given['output']}", markup=False, highlight=False, soft_wrap=True)
    return 0


def suggest(
    wanted: str,
    asked: Mapping[str, str],
    *,
    is_backtest: bool = False,
    output: str | None = None,
    uri: str | None = None,
) -> pd.DataFrame:
    """Return the next experiments of a run, the most wanted first, or the result of a backtest.

    Args:
        wanted: id or name of a run on a table.
        asked: keys of ``EXPERIMENTS`` or ``BACKTEST`` and their values, as typed.
        is_backtest: whether the choice is played on the run's own rows.
        output: file that the table will be written to, which must not be one of those that are read.
        uri: address of the database of runs; None takes the default database.

    Raises:
        ConfigurationError: for a key or property that the run does not have, or an unreadable value.
        DataError: if the run's own data file is gone or has changed, or another file does not suit the model.
    """
    with importing():
        from remanence.studies.own_data import own_files
        from remanence.tracking.open_run import open_run

    run = open_run(wanted, uri)  # before torch is imported, so that an unknown run is reported at once
    if output is not None:
        check_output(output, inputs=own_files(run), what=f"data of run {run.id}")
        for key in ("candidates", "pending"):
            if key in asked:
                check_output(output, inputs=[asked[key]], what=f"{key}=")
    applied = _applied(run)
    return applied.backtest(asked) if is_backtest else applied.suggest(asked)


def _applied(run: "Run") -> Suggesting:
    applied = apply(run)
    if not isinstance(applied, Suggesting):
        raise ConfigurationError(f"suggest: the model of run {run.id} suggests no experiments; runs on one table do")
    return applied


def _is_true(text: str) -> bool:
    if text not in ("true", "false"):
        raise ConfigurationError(f"backtest: expected true or false, got '{text}'")
    return text == "true"
