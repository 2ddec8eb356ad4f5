"""The error of a model whose settings are chosen: by folds inside the training rows of every fold, and on its own test.

    python experiments/nested_cross_validation.py experiment=piezo/knn data.split.repeats=1 model.loss=mse,smooth_l1

Keys with several values are what is chosen, everything else is fixed. For each fold, every setting is tried on folds
inside the rows that the fold does not test (``data.split.inside``); the best one is trained on these rows and tested on
the fold (``data.split.only``). Beside it stands every setting on the plain folds: the best of these is chosen by the
rows that its error is of. ``metric=test/mae`` is what chooses, ``also=test/r2,test/rmse`` are further metrics, and
``name=`` begins the names of the sweeps. All is tracked, and the same command goes on after an interruption.
"""

import math
import sys
from dataclasses import dataclass
from typing import Any

import pandas as pd
from hydra.core.override_parser.overrides_parser import OverridesParser

import remanence as rm
from remanence.configuration.arguments import split


@dataclass(frozen=True)
class Asked:
    """What is chosen, by which metric, and what is fixed."""

    search: dict[str, str]
    """Key to its values, as they were typed."""
    fixed: tuple[str, ...]
    metric: str
    also: tuple[str, ...]
    name: str

    @classmethod
    def of(cls, arguments: list[str]) -> "Asked":
        """Read a command line."""
        own = {"metric": "test/mae", "also": "", "name": "nested"}
        search, fixed = {}, []
        for argument in arguments:
            key, value = split(argument)
            if key in own:
                own[key] = str(value)
            elif OverridesParser.create().parse_override(argument).is_sweep_override():
                search[key] = str(value)
            else:
                fixed.append(argument)
        if not search:
            raise SystemExit("nothing to choose: give a key several values, such as model.loss=mse,smooth_l1")
        return cls(search, tuple(fixed), own["metric"], tuple(filter(None, own["also"].split(","))), own["name"])

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metric that chooses first, then the others."""
        return (self.metric, *self.also)

    def tried(self, part: str, *further: str) -> pd.DataFrame:
        """Run every setting, and return a row for each with its metrics."""
        return self._swept(self.search, part, *self.fixed, f"objective={self.metric}", *further)

    def judged(self, fold: int, chosen: dict[str, str]) -> dict[str, float]:
        """Run the chosen setting on the rows outside a fold, and return the metrics of the fold."""
        overrides = [f"{key}={value}" for key, value in chosen.items()]
        (row,) = self._swept({"data.split.only": [fold]}, f"{fold}-chosen", *self.fixed, *overrides).to_dict("records")
        return {metric: float(row[metric]) for metric in self.metrics}

    def _swept(self, search: dict[str, Any], part: str, *overrides: str) -> pd.DataFrame:
        trials = rm.sweep(None, search, *overrides, name=f"{self.name}-{part}").trials
        values = [rm.load(run).metrics if run else {} for run in trials["run"]]
        return trials.assign(**{metric: [each.get(metric, math.nan) for each in values] for metric in self.metrics})


def nested(asked: Asked) -> pd.DataFrame:
    """Return a row for each fold: the setting that its inner folds chose, their error, and its own metrics."""
    folds = len(rm.open_data(None, *asked.fixed).folds)
    rows = []
    for fold in range(folds):
        inner = asked.tried(f"{fold}-inside", f"data.split.inside={fold}")
        best = inner.loc[inner[asked.metric].idxmin()]
        chosen = {key: str(best[key]) for key in asked.search}
        tested = asked.judged(fold, chosen)
        rows.append({"fold": fold, **chosen, f"inner {asked.metric}": best[asked.metric], **tested})
    return pd.DataFrame(rows)


def markdown(table: pd.DataFrame) -> str:
    """Return a table as Markdown, with four significant digits."""
    rows = [[f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row] for row in table.to_numpy(object)]
    lines = [list(map(str, table.columns)), ["---"] * table.shape[1], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main(arguments: list[str]) -> None:
    """Print both tables and what choosing on the tested folds would have been worth."""
    asked = Asked.of(arguments)
    found = nested(asked)
    print(f"nested cross-validation, {len(found)} folds, chosen inside by {asked.metric}\n\n{markdown(found)}\n")
    for metric in asked.metrics:
        values = found[metric]
        print(f"{metric}: {values.mean():.4g} ± {values.std(ddof=1):.2g} (sd over folds)")
    plain = asked.tried("plain")[[*asked.search, *asked.metrics]].sort_values(asked.metric)
    best = float(plain[asked.metric].iloc[0])
    print(f"\nevery setting on the same folds, the best of which is chosen by its own test\n\n{markdown(plain)}\n")
    worth = float(found[asked.metric].mean()) - best
    print(f"{asked.metric}, nested less best of these: {worth:+.3g} ({worth / best:+.1%})")


if __name__ == "__main__":
    main(sys.argv[1:])
