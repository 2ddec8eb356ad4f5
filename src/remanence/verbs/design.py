"""``remanence design run=<id> target='d33>200' over='x=0:0.25'``: inputs for which a tracked model predicts a property.

For a chain of scales, the arguments are for example ``target='binding_energy<8' constraints='gap in [1.2,1.8]'``.
"""

from collections.abc import Mapping

import pandas as pd

from remanence.data.output_file import check_output
from remanence.data.table_file import WRITERS, write_table
from remanence.errors import ConfigurationError
from remanence.foundation.imports import importing
from remanence.foundation.terminal import console
from remanence.studies.design.asked_keys import SPACE
from remanence.studies.design.to_measure import to_measure
from remanence.studies.design.verdicts import has_verdict, verdict
from remanence.studies.kinds import apply
from remanence.verbs.arguments import ADDRESS, read_arguments
from remanence.verbs.candidate_table import print_candidates

KEYS = (*SPACE, "constraints", "ions", "step")
"""Keys of a request to a model, see ``Applied.design``; each kind of model checks which of them it accepts."""


def main(arguments: list[str]) -> int:
    """Print the best candidates with their intervals, and mark candidates outside the training data."""
    given = read_arguments("design", arguments, required=["run", "target"], optional=[*KEYS, "top", "output"])
    top = given.get("top", "10")
    if not top.isdigit() or int(top) < 1:
        raise ConfigurationError(f"design: top must be a number of at least 1, got '{top}'")
    if "output" in given:
        check_output(given["output"], WRITERS)
    asked = {key: given[key] for key in KEYS if key in given}
    table = design(given["run"], given["target"], asked, output=given.get("output"), uri=given.get(ADDRESS))
    if "output" in given:
        write_table(to_measure(table), given["output"])
        console.print(f"{len(table)} candidates written to {given['output']}")
    best = table.head(int(top))
    wanted = " and ".join([given["target"], *([given["constraints"]] if "constraints" in given else [])])
    title = " ".join([wanted, *(f"{key} {given[key]}" for key in ("over", "given", "constraint") if key in given)])
    print_candidates(best, title=title)
    found = f"{len(table)} candidates, best first"
    if has_verdict(table, "meets"):  # a target such as d33=max only ranks the candidates
        found = f"{int((verdict(table, 'meets') == 'yes').sum())} of {len(table)} candidates meet {wanted}"
    console.print(found)
    return 0


def design(
    wanted: str, target: str, asked: Mapping[str, str], *, output: str | None = None, uri: str | None = None
) -> pd.DataFrame:
    """Return candidates for a property, those inside the training data first, each group with the best first.

    Args:
        wanted: id or name of a run on a table or on a chain of scales.
        target: wanted property, such as ``d33>200`` or ``d33=max``; for a chain also ``gap=1.34`` or
            ``gap in [1.2,1.8]``.
        asked: further keys of the request. For a table: ``over``, ``given``, ``constraint`` and ``candidates``, see
            ``studies.design.candidate_rows``. For a chain: ``constraints``, ``ions`` and ``step``, see
            ``studies.design.chain_search.search_chain``.
        output: file that the candidates will be written to, which must not be one of those that the run was trained on.
        uri: address of the database of runs; None takes the default database.

    Raises:
        ConfigurationError: for a key or property that the run does not have, or an unreadable value.
        DataError: if the run's own data file is gone or has changed; its rows decide what counts as extrapolated.
    """
    with importing():
        from remanence.studies.own_data import own_files
        from remanence.tracking.open_run import open_run

    run = open_run(wanted, uri)  # before torch is imported, so that an unknown run is reported at once
    if output is not None:
        check_output(output, inputs=own_files(run), what=f"data of run {run.id}")
        if "candidates" in asked:
            check_output(output, inputs=[asked["candidates"]], what="candidates=")
    return apply(run).design(target, asked)
