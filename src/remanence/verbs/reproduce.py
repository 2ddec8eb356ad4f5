"""``remanence reproduce run=<id>`` or ``bundle=run.zip``: make a run again, and compare the metrics one by one.

Exit codes: 0 identical or within tolerance, 1 different, 2 it cannot be done.
"""

import math
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table as RichTable

from remanence.configuration.marked_keys import names_file
from remanence.errors import ConfigurationError, UserError
from remanence.foundation.temporary_folder import temporary_folder
from remanence.foundation.terminal import console
from remanence.reproduction.compared_metrics import TOLERANCE, ComparedMetric, Verdict, compare_metrics, worst
from remanence.tracking.interruption import ending_at_once
from remanence.verbs.arguments import ADDRESS, named_first, read_arguments

if TYPE_CHECKING:
    from remanence.configuration.configuration import Configuration
    from remanence.reproduction.code_state import CodePlan
    from remanence.reproduction.rerun import Rerun
    from remanence.tracking.run import Run

ENVIRONMENTS = ("fresh", "current")
TRAINER = ("trainer.accelerator", "trainer.devices")
"""Keys with which a run of another machine is made again on the devices of this one."""


@dataclass(frozen=True)
class Reproduced:
    """A reproduction: the new run, and how its metrics compare with those of the first."""

    run: "Run"
    compared: list[ComparedMetric]

    @property
    def verdict(self) -> Verdict:
        """The verdict on all metrics."""
        return worst(self.compared)


def main(arguments: list[str]) -> int:
    """Make a run again and print what differs; return 0 if nothing does, and 1 otherwise."""
    given = read_arguments(
        "reproduce",
        named_first(arguments, bundle=".zip", run=""),
        optional=["run", "bundle", "environment", "code", "tolerance", *TRAINER],
        group="data",
    )
    try:
        with ending_at_once():
            reproduced = reproduce(given)
    except UserError:
        raise
    except Exception as error:  # exit code 1 would say that the metrics differ
        lines = str(error).strip().splitlines() or [""]
        raise ConfigurationError(f"reproduce: it failed: {type(error).__name__}: {lines[0]}") from error
    _show(reproduced, _tolerance(given))
    return 0 if reproduced.verdict in (Verdict.IDENTICAL, Verdict.WITHIN) else 1


def reproduce(given: Mapping[str, str]) -> Reproduced:
    """Make a run again as a new run, which is tagged with the first one's id and with the verdict.

    Args:
        given: keys of the verb and their values, as typed.

    Raises:
        UserError: if it cannot be done; nothing is tracked then, or the new run says why it failed.
    """
    paths = _check(given)
    tolerance = _tolerance(given)
    with ExitStack() as opened:
        from remanence.reproduction.bundle_file import open_bundle
        from remanence.reproduction.found_data import find_data
        from remanence.reproduction.original import Original
        from remanence.reproduction.rerun import Rerun
        from remanence.tracking.open_run import open_run

        bundle = opened.enter_context(open_bundle(given["bundle"])) if "bundle" in given else None
        if bundle is None:
            original = Original.of_run(open_run(given["run"], given.get(ADDRESS)))
        else:
            original = Original.of_bundle(bundle)
        folder = Path(opened.enter_context(temporary_folder()))
        found, lines = find_data(original, paths, bundle, folder / "data")
        overrides = [
            *(f"{key}={path}" for key, path in found.items()),
            *(f"{key}={given[key]}" for key in TRAINER if key in given),
        ]
        rerun = Rerun(original, overrides, given.get(ADDRESS))
        cfg = rerun.configuration()  # whatever runs it: this user allows the classes, and the keys are known
        for line in lines:
            console.print(line)
        python, plan = _environment(rerun, given.get("environment")), _code(rerun, given.get("code"))
        if original.stack > 1:
            console.print(
                f"the run trained as one network with {original.stack - 1} other trials of its sweep; alone, float32 "
                "rounds the last digits differently"
            )
        is_here = python is None and plan.top is None
        run = _here(rerun, cfg) if is_here else _elsewhere(rerun, python, plan, folder)
    compared = compare_metrics(original.metrics, run.found.data.metrics, tolerance)
    reproduced = Reproduced(run, compared)
    _log(reproduced)
    return reproduced


def _check(given: Mapping[str, str]) -> dict[str, str]:
    """Check the keys that name something, and return those that are paths of data."""
    if ("run" in given) == ("bundle" in given):
        raise ConfigurationError("reproduce: give one of run=<id or name> and bundle=<file>")
    from remanence.reproduction.code_state import CHOICES

    for key, choices in {"environment": ENVIRONMENTS, "code": CHOICES}.items():
        if key in given and given[key] not in choices:
            raise ConfigurationError(f"{key}: should be one of {', '.join(choices)}, got '{given[key]}'")
    data = {key: value for key, value in given.items() if key.startswith("data.")}
    if others := [key for key in data if not names_file(key)]:
        raise ConfigurationError(f"reproduce: {others[0]}: the run is made again as it was")
    return data


def _tolerance(given: Mapping[str, str]) -> float:
    text = given.get("tolerance", str(TOLERANCE))
    try:
        tolerance = float(text)
    except ValueError:
        tolerance = math.nan
    if not 0 <= tolerance < 1:
        raise ConfigurationError(f"tolerance: should be a share from 0 to less than 1, got '{text}'")
    return tolerance


def _environment(rerun: "Rerun", choice: str | None) -> str | None:
    """Return the interpreter of a fresh environment; None if the run is made again in this one, which is told."""
    from remanence.reproduction.fresh_environment import PACKAGE, fresh_environment
    from remanence.tracking.address import default_outputs
    from remanence.tracking.environments import changed_versions
    from remanence.tracking.provenance import environment

    recorded = rerun.original.environment
    changed = [each for each in changed_versions(recorded, environment()) if not each.startswith(f"{PACKAGE} ")]
    if choice == "fresh" or (choice is None and changed):
        if changed:
            console.print(f"environment: {', '.join(changed)} (recorded → here)")
        return str(fresh_environment(recorded, default_outputs()))
    if not recorded:
        console.print("environment: the run has recorded no versions; it is made again with what is installed")
    elif changed:
        console.print(f"environment: the versions here differ: {', '.join(changed)} (recorded → here)")
    else:
        console.print("environment: the recorded versions are those that are installed here")
    return None


def _code(rerun: "Rerun", choice: str | None) -> "CodePlan":
    from remanence.reproduction.code_state import plan_code

    plan = plan_code(rerun.original, choice)
    for line in plan.lines:
        console.print(line)
    return plan


def _here(rerun: "Rerun", cfg: "Configuration") -> "Run":
    from remanence.studies.run import train
    from remanence.verbs.fork import origin_weights

    begun: list[Run] = []
    train(cfg, first_weights=origin_weights if cfg.fork else None, began=begun.append)
    return begun[0].beside(begun[0].id)


def _elsewhere(rerun: "Rerun", python: str | None, plan: "CodePlan", folder: Path) -> "Run":
    from remanence.reproduction.code_state import check_out
    from remanence.reproduction.rerun import new_run_id, run_elsewhere
    from remanence.tracking.address import default_outputs, tracking_uri
    from remanence.tracking.database import open_existing
    from remanence.tracking.open_run import open_run

    commit = rerun.original.commit
    code = check_out(plan, commit, folder) if plan.top is not None and commit is not None else None
    run_elsewhere(rerun, python or sys.executable, code, folder / "configuration")
    client = open_existing(tracking_uri(rerun.uri, default_outputs()))
    return open_run(new_run_id(client, rerun), rerun.uri)


def _log(reproduced: Reproduced) -> None:
    """Log the comparison to the new run, with the verdict as a tag."""
    import pandas as pd

    from remanence.reproduction.rerun import VERDICT_TAG

    rows = [
        {
            "metric": each.name,
            "first": each.first,
            "again": each.again,
            "relative": each.relative,
            "verdict": each.verdict.value,
        }
        for each in reproduced.compared
    ]
    reproduced.run.log_table(pd.DataFrame(rows), "reproduction")
    reproduced.run.client.set_tag(reproduced.run.id, VERDICT_TAG, reproduced.verdict.value)


def _show(reproduced: Reproduced, tolerance: float) -> None:
    """Print the metrics that are not identical, and how many are; the table ``reproduction`` of the run has all."""
    others = [each for each in reproduced.compared if each.verdict is not Verdict.IDENTICAL]
    table = RichTable(title=f"run {reproduced.run.id} beside the run that it makes again")
    for column in ("metric", "first", "again", "relative", ""):
        table.add_column(column, justify="left" if column in ("metric", "") else "right")
    for each in others:
        cells = [f"{value:.10g}" for value in (each.first, each.again)]
        table.add_row(each.name, *cells, f"{each.relative:.1e}" if each.relative else "", each.verdict.value)
    if others:
        console.print(table)
    else:
        console.print(f"run {reproduced.run.id} made again; its table reproduction has every metric")
    count = {verdict: sum(each.verdict is verdict for each in reproduced.compared) for verdict in Verdict}
    parts = [f"{number} {verdict.value}" for verdict, number in count.items() if number]
    within = (
        f" (tolerance {tolerance:g} of the larger value)" if count[Verdict.WITHIN] or count[Verdict.DIFFERENT] else ""
    )
    console.print(
        f"{reproduced.verdict.value}: of {len(reproduced.compared)} metrics {', '.join(parts) or 'none'}{within}"
    )
