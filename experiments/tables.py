"""The tables of experiments/*/README.md, made from runs, so that text and numbers are the same.

    python experiments/tables.py --data shared/data --jobs 2   # all: hours; Ctrl-C, and the same command goes on
    python experiments/tables.py --only beps/toy               # or --only beps
    python experiments/tables.py --missing                     # only runs that results.json does not have
    python experiments/tables.py --quick                       # all in minutes, with small settings, not in the READMEs
    python experiments/tables.py --render                      # what is stored, written again; trains nothing

``tables.yaml`` beside a README says what is run and what of it is shown, see ``table_text``. A run that exists with the
same configuration and data is not trained again; under another REMANENCE_OUTPUTS all are. What was measured is kept in
``results.json`` with command, seeds and commit. Without ``--data``, real data are fetched. ``--quick`` trains and
writes in ``<outputs>/tables-quick``; nothing of it is a result.
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

import remanence as rm
from remanence.foundation.whole_file import whole_file
from remanence.verbs.repeat import seed_numbers
from table_text import render, replaced, wanted_metrics

HERE = Path(__file__).parent
MOST_SEEDS = 2
"""Number of seeds of a run of a quick table."""
Job = tuple[str, list[str], list[int], int, dict[str, str]]
"""A run of a table: its name, overrides, seeds and starts, and which keys name which real data."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is missing, then write the tables; return 1 if a table could not be made."""
    asked = _parser().parse_args(arguments)
    tables = {f"{paper}/{name}": table for paper in papers() for name, table in described(paper).items()}
    unknown = [name for name in asked.only if not any(_is_asked(table, [name]) for table in tables)]
    if unknown:
        print(f"tables.py: error: --only {unknown[0]}: no such table; there are: {', '.join(tables)}", file=sys.stderr)
        return 2
    failed = 0
    for name, table in tables.items():
        if not _is_asked(name, asked.only):
            continue
        began = time.monotonic()
        try:
            if not asked.render:
                known = () if not asked.missing else measured(table, stored(name, quick=asked.quick), quick=asked.quick)
                measure(name, table, data=asked.data, jobs=asked.jobs, quick=asked.quick, but=known)
            print(f"{name}: {write(name, table, quick=asked.quick)} ({time.monotonic() - began:.0f} s)", flush=True)
        except KeyboardInterrupt:
            print(f"{name}: interrupted; the same command goes on", file=sys.stderr)
            return 130
        except (rm.UserError, RuntimeError) as error:  # the other tables can still be made
            failed += 1
            print(f"{name}: error: {error}", file=sys.stderr, flush=True)
    return int(failed > 0)


def papers() -> list[str]:
    """Return the names of the folders that describe tables."""
    return sorted(path.parent.name for path in HERE.glob("*/tables.yaml"))


def described(paper: str) -> dict[str, Any]:
    """Return the descriptions of the tables of a paper, by name."""
    return dict(yaml.safe_load((HERE / paper / "tables.yaml").read_text(encoding="utf-8")))


def stored(name: str, *, quick: bool = False) -> dict[str, Any]:
    """Return what was measured for a table, run by run; empty if nothing was."""
    path, (_, table) = _results(name, quick=quick), name.split("/")
    return dict(json.loads(path.read_text(encoding="utf-8")).get(table, {})) if path.is_file() else {}


def jobs_of(table: Mapping[str, Any], *, quick: bool = False) -> Iterator[Job]:
    """Yield each run of a table."""
    small = table.get("quick", {})
    for run, spec in table["runs"].items():
        overrides = _listed(spec["overrides"])
        seeds = [spec["seeds"]] if isinstance(spec["seeds"], int) else seed_numbers(spec["seeds"])
        if quick:
            overrides += _listed(small.get("overrides", [])) + _listed(spec.get("quick", []))
            seeds = seeds[:MOST_SEEDS]
        yield run, overrides, seeds, spec.get("starts", 1), spec.get("data", {})


def command_of(overrides: Sequence[str], seeds: Sequence[int], starts: int = 1) -> str:
    """Return what a user would type for a run of a table."""
    if starts > 1:
        drawn, begun = (",".join(map(str, numbers)) for numbers in (seeds, range(starts)))
        return " ".join(["remanence train -m", *overrides, f"data.seed={drawn}", f"seed={begun}"])
    if len(seeds) == 1:
        return " ".join(["remanence train", *overrides, f"seed={seeds[0]}"])
    in_a_row = list(seeds) == list(range(seeds[0], seeds[-1] + 1))
    listed = f"{seeds[0]}..{seeds[-1]}" if in_a_row else ",".join(map(str, seeds))
    return " ".join(["remanence repeat", *overrides, f"seeds={listed}"])


def measure(
    name: str, table: Mapping[str, Any], *, data: Path | None, jobs: int, quick: bool, but: Sequence[str] = ()
) -> None:
    """Train the runs of a table that do not exist, and store the metrics that it shows; after each run, what is known.

    Args:
        name: name of the table, such as ``beps/toy``.
        table: its description.
        data: folder with the folders of real data; None fetches them.
        jobs: trainings at a time.
        quick: take the small settings.
        but: runs that are left as they are stored.
    """
    for run, overrides, seeds, starts, real in jobs_of(table, quick=quick):
        if run in but:
            continue
        command = command_of(overrides, seeds, starts)
        print(f"{name}, {run}: {command}", flush=True)
        places = [f"{key}={data.resolve() / path}" for key, path in real.items()] if data is not None else []
        places += [f"paths.outputs={_quick_folder()}/outputs"] if quick else []
        varied = {"seed": seeds} if starts == 1 else {"data.seed": seeds, "seed": list(range(starts))}
        found = rm.sweep(None, varied, *overrides, *places, n_jobs=jobs)
        finished = found.trials[found.trials["outcome"].isin(["ok", "skipped"])]
        drawn = finished[next(iter(varied))].astype(int)
        begun: dict[int, list[Any]] = {seed: [] for seed in seeds}
        for seed, run_id in zip(drawn, finished["run"], strict=True):
            begun[seed].append(found.tracked(run_id))
        if missing := [seed for seed in seeds if len(begun[seed]) < starts]:
            raise RuntimeError(f"{run}: seeds {missing} have failed; `remanence compare {found.name}` shows how")
        # of several starts on the same data, the one with the least error on the rows that no weights were fitted to
        tracked = {
            seed: some[0] if starts == 1 else min(some, key=lambda run: run.metrics["val/mse"])
            for seed, some in begun.items()
        }
        valued = [metrics_of(tracked[seed]) for seed in seeds]
        keys = wanted_metrics(table, run, sorted({key for metrics in valued for key in metrics}))
        commits = {commit_of(tracked[seed].tags) for seed in seeds} - {""}
        result = {
            "command": command,
            "seeds": seeds,
            "commits": sorted(commits),
            "metrics": {key: [_short(metrics.get(key)) for metrics in valued] for key in keys},
        }
        _store(name, run, result, quick=quick)


def metrics_of(run: Any) -> dict[str, float]:
    """Return all metrics of a run, with those of the table of its models, which MLflow has for the run itself only."""
    metrics: dict[str, float] = run.metrics
    if "models" in run.tables:
        models = run.table("models").set_index("metric")
        for model in models.columns:
            prefix = "" if model == "this run" else f"baseline/{model}/"
            metrics |= {f"{prefix}{key}": float(value) for key, value in models[model].dropna().items()}
    return metrics


def commit_of(tags: Mapping[str, str]) -> str:
    """Return the first digits of the commit of a run, with a + if files were changed after it."""
    changed = "+" if tags.get("remanence.git.dirty") == "true" else ""
    return tags["mlflow.source.git.commit"][:7] + changed if "mlflow.source.git.commit" in tags else ""


def write(name: str, table: Mapping[str, Any], *, quick: bool = False) -> str:
    """Write a table between its markers in the README, or for a quick one to a file, and say what was done."""
    results = stored(name, quick=quick)
    if missing := unmeasured(table, results, quick=quick):
        return f"not written: {', '.join(missing)} not measured by this description"
    text = render(name, table, {run: results[run] for run in table["runs"]})
    path = _quick_folder() / f"{name}.md" if quick else HERE / name.split("/")[0] / "README.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = text if quick else replaced(path.read_text(encoding="utf-8"), name, text)
    with whole_file(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
    return f"written to {path}"


def unmeasured(table: Mapping[str, Any], results: Mapping[str, Any], *, quick: bool = False) -> list[str]:
    """Return the runs of a table that have no results, or results of another command."""
    known = measured(table, results, quick=quick)
    return [run for run, *_ in jobs_of(table, quick=quick) if run not in known]


def measured(table: Mapping[str, Any], results: Mapping[str, Any], *, quick: bool = False) -> list[str]:
    """Return the runs of a table whose stored results are of the command that it describes."""
    return [
        run
        for run, overrides, seeds, starts, _ in jobs_of(table, quick=quick)
        if results.get(run, {}).get("command") == command_of(overrides, seeds, starts)
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Make the tables of experiments/*/README.md from runs.")
    parser.add_argument("--only", action="append", default=[], metavar="PAPER[/TABLE]", help="make only these tables")
    parser.add_argument("--missing", action="store_true", help="leave runs as they are whose results are stored")
    parser.add_argument("--quick", action="store_true", help="small settings, in minutes, beside the READMEs")
    parser.add_argument("--render", action="store_true", help="train nothing: write what is stored")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with the folders of real data")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="trainings at a time")
    return parser


def _is_asked(name: str, only: Sequence[str]) -> bool:
    return not only or name in only or name.split("/")[0] in only


def _listed(overrides: str | Sequence[str]) -> list[str]:
    return [overrides] if isinstance(overrides, str) else list(overrides)


def _results(name: str, *, quick: bool) -> Path:
    paper = name.split("/")[0]
    return _quick_folder() / f"{paper}.json" if quick else HERE / paper / "results.json"


def _quick_folder() -> Path:
    from remanence.tracking.address import default_outputs

    return Path(default_outputs()).resolve() / "tables-quick"


def _store(name: str, run: str, result: Mapping[str, Any], *, quick: bool) -> None:
    path, (_, table) = _results(name, quick=quick), name.split("/")
    everything = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    everything.setdefault(table, {})[run] = result
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as unfinished:
        unfinished.write_text(_as_json(everything), encoding="utf-8")


def _as_json(everything: Mapping[str, Any]) -> str:
    """Return JSON with a line for each metric, so that a new measurement is a readable change."""
    spread = json.dumps(everything, ensure_ascii=False, indent=1, sort_keys=True)
    return re.sub(r"\[\s+([^\[\]]*?)\s+\]", lambda found: "[" + re.sub(r"\s+", " ", found[1]) + "]", spread) + "\n"


def _short(value: float | None) -> float | None:
    """Return a value with six significant digits; None for what JSON has no number for."""
    return None if value is None or value != value or abs(value) == float("inf") else float(f"{value:.6g}")


if __name__ == "__main__":
    sys.exit(main())
