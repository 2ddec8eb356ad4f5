"""Learning curves and calibration curves of real tables: the model of an experiment beside its best baseline.

    python experiments/curves.py knn [overrides]          # or: perovskite
    python experiments/curves.py figures                  # draws the figures again from curves.json

A learning curve is a sweep over ``data.split.share``, the share of the rows outside each test that is fitted: all sizes
are tested on the same rows. A calibration curve is the share of held-out rows inside their intervals.
Numbers, command and version go to curves.json beside this file, figures to the folder of the experiment. The runs are
tracked as any others, and the same command goes on after an interruption.
"""

import json
import math
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import remanence as rm
from remanence.configuration.arguments import split
from remanence.figures.calibration_curve import Covered, plot_calibration_curve
from remanence.figures.nested.learning_curve import plot_learning_curve
from remanence.figures.style_sheet import styled

HERE = Path(__file__).parent
STORED = HERE / "curves.json"
SHARES = (0.25, 0.5, 1.0)
PLACES = ("data.path", "data.dir")
"""Keys that say where files are, which the stored command leaves out."""


@dataclass(frozen=True)
class Property:
    """What is predicted, and where a run says how well."""

    name: str
    unit: str
    column: str
    scale: str | None = None
    """Scale of a chain; None for a table."""


@dataclass(frozen=True)
class Asked:
    """An experiment, and the properties of which curves are drawn."""

    experiment: str
    folder: str
    own: str
    """Name of the model in figures."""
    properties: tuple[Property, ...]
    fixed: tuple[str, ...] = ()


ALL = {
    "knn": Asked(
        "piezo/knn", "piezo", "blend", (Property("d33", "pC/N", "d33 (pC/N)"),), ("data.split.repeats=1",)
    ),
    "perovskite": Asked(
        "nested/perovskite",
        "nested",
        "chain",
        (Property("gap", "eV", "gap", "ions"), Property("binding_energy", "kJ/mol", "binding_energy", "solvent")),
    ),
}  # fmt: skip


def measure(name: str, overrides: list[str]) -> dict[str, Any]:
    """Run the sweep over shares; return, for each property, the errors of every model at every size, and coverages."""
    asked = ALL[name]
    given = [*asked.fixed, *overrides]
    swept = rm.sweep(asked.experiment, {"data.split.share": list(SHARES)}, *given, name=f"curves-{name}")
    found: dict[str, Any] = {}
    for trial in swept.trials.to_dict("records"):
        run, share = rm.load(trial["run"]), float(trial["data.split.share"])
        opened = rm.open_data(asked.experiment, *given, f"data.split.share={share}")
        for each in asked.properties:
            rows = opened.rows[each.scale] if each.scale else opened
            of_folds = fold_errors(run, rows, each, asked.own)
            size = float(np.mean([len(fold.fitting) for fold in rows.folds]))
            place = found.setdefault(each.name, {"sizes": [], "errors": {}})
            place["sizes"].append(size)
            for model, errors in of_folds.items():
                place["errors"].setdefault(model, []).append([round(float(error), 6) for error in errors])
            if share == 1:
                table = run.table(f"calibration_{each.scale}" if each.scale else "calibration")
                columns = ["nominal", "covered", "low", "high", "mean_width"]
                place["calibration"] = table[table["part"] == "all"][columns].round(4).to_dict("list")
    typed = [argument for argument in overrides if split(argument)[0] not in PLACES]
    return {"command": shlex.join(["python", "experiments/curves.py", name, *typed]), "version": rm.__version__,
            "properties": found}  # fmt: skip


def fold_errors(run: Any, rows: Any, each: Property, own: str) -> dict[str, NDArray[np.float64]]:
    """Return the mean absolute error of each model on each fold, shape (folds,); of networks inside, the mean alone."""
    inside = f"{own}: networks alone"
    if each.scale is not None:
        table = run.table("fold_errors").query("scale == @each.scale")
        named = {"chain": own, "chain, networks alone": inside}
        return {named.get(str(model), str(model)): part["mae"].to_numpy() for model, part in table.groupby("model")}
    predictions = run.table("test_predictions")
    measured, place = predictions[each.column], pd.Index(predictions["row"])
    ending = f"{each.column}_predicted"
    columns = [str(name) for name in predictions.columns if str(name).endswith(ending)]
    wrong = {
        name.removesuffix(ending).removesuffix("_") or own: (predictions[name] - measured).abs() for name in columns
    }
    tested = [place.get_indexer(fold.test) for fold in rows.folds]
    of_folds = {model: np.array([error.iloc[rows].mean() for rows in tested]) for model, error in wrong.items()}
    alone = run.metrics.get("test/network/mae")
    return of_folds if alone is None else {**of_folds, inside: np.array([alone])}


def best_baseline(errors: dict[str, list[list[float]]], own: str) -> str:
    """Return the baseline with the least mean error at the largest size, which is the last one."""
    others = {model: np.mean(values[-1]) for model, values in errors.items() if not model.startswith(own)}
    return min(others, key=others.__getitem__)


@styled()
def draw(stored: dict[str, Any]) -> None:
    """Draw the figures of all stored curves, and print the numbers as Markdown."""
    for name, curves in stored.items():
        asked = ALL[name]
        for each in asked.properties:
            of_property = curves["properties"][each.name]
            errors, sizes = of_property["errors"], [round(size) for size in of_property["sizes"]]
            shown = {
                model.replace("_", " "): np.array(errors[model])
                for model in (asked.own, f"{asked.own}: networks alone", best_baseline(errors, asked.own))
                if model in errors
            }
            label = f"MAE of {each.name.replace('_', ' ')} ({each.unit})"
            figure, _ = plot_learning_curve(sizes, shown, label=label, title=f"{asked.experiment}, ± sd over folds")
            figure.savefig(HERE / asked.folder / "figures" / f"learning_curve_{each.name}.png")
            covered = {key: np.array(values) for key, values in of_property["calibration"].items()}
            part = Covered(covered["covered"], covered["low"], covered["high"])
            title = f"{asked.experiment}: intervals of {each.name.replace('_', ' ')}"
            figure, _ = plot_calibration_curve(covered["nominal"], {"all test rows": part}, title=title)
            figure.savefig(HERE / asked.folder / "figures" / f"calibration_{each.name}.png")
            print(f"\n{label}, `{curves['command']}`:\n\n{markdown(sizes, shown)}\n{calibrated(covered)}")


def markdown(sizes: list[float], shown: dict[str, NDArray[np.float64]]) -> str:
    """Return the errors ± their sd over folds as a Markdown table, a row for each size."""
    lines = [["rows", *shown], ["---"] * (1 + len(shown))]
    for number, size in enumerate(sizes):
        cells = [values[number] for values in shown.values()]
        spread = [f" ± {cell.std(ddof=1):.2g}" if len(cell) > 1 else "" for cell in cells]
        lines.append([f"{size:.0f}", *(f"{cell.mean():.3g}{sd}" for cell, sd in zip(cells, spread, strict=True))])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def calibrated(covered: dict[str, NDArray[np.float64]]) -> str:
    """Return in a sentence where the observed coverage leaves its range by chance."""
    off = (covered["nominal"] < covered["low"]) | (covered["nominal"] > covered["high"])
    worst = int(np.abs(covered["covered"] - covered["nominal"]).argmax())
    least = f"farthest at {covered['nominal'][worst]:.2f}: {covered['covered'][worst]:.3f}"
    return f"calibration: {off.sum()} of {math.prod(off.shape)} nominal coverages are outside chance (95 %); {least}"


def main(arguments: list[str]) -> None:
    """Measure what is asked for, store it, and draw everything that is stored."""
    stored = json.loads(STORED.read_text()) if STORED.exists() else {}
    if arguments[:1] != ["figures"]:
        if not arguments or arguments[0] not in ALL:
            raise SystemExit(f"expected one of {', '.join(ALL)} or figures")
        stored[arguments[0]] = measure(arguments[0], arguments[1:])
        STORED.write_text(json.dumps(stored, indent=1) + "\n")
    draw(stored)


if __name__ == "__main__":
    main(sys.argv[1:])
