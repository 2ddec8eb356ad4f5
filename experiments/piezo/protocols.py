"""One table of ceramics under three ways to hold rows out: what a model is worth depends on what counts as new.

    python experiments/piezo/protocols.py [overrides of experiment=piezo/knn]

As published, rows with equal formulas stand on both sides of a split, so that copies of training rows are tested. With
equal formulas together, a formula is new. With families held out, a set of elements is new. All models of a protocol
have the same folds. Each run is tracked as any other; the table is printed as Markdown.
"""

import sys

import pandas as pd

import remanence as rm

PROTOCOLS = {
    "as published, copies on both sides": ("data.duplicates=split",),
    "equal formulas together": ("data.duplicates=together",),
    "sets of elements held out": ("data.duplicates=together", "data.families=elements"),
}


def column(table: pd.DataFrame, model: str) -> str:
    """Return R² with its standard deviation over folds, and the MAE, of one model as text."""
    values = table.set_index("metric")[model]
    spread = f" ± {values['test/r2_sd']:.3f}" if "test/r2_sd" in values else ""
    return f"{values['test/r2']:.3f}{spread} / {values['test/mae']:.1f}"


def main(overrides: list[str]) -> None:
    """Train under each protocol and print the table."""
    shown: dict[str, dict[str, str]] = {}
    for protocol, own in PROTOCOLS.items():
        run = rm.train("piezo/knn", *overrides, *own)
        table = run.table("models")
        models = [str(name) for name in table.columns if name != "metric"]
        shown[f"{protocol}: R² ± sd over folds / MAE"] = {model: column(table, model) for model in models}
    print("| model | " + " | ".join(shown) + " |")
    print("|---" * (len(shown) + 1) + "|")
    for model in next(iter(shown.values())):
        print(f"| {model} | " + " | ".join(of_protocol[model] for of_protocol in shown.values()) + " |")


if __name__ == "__main__":
    main(sys.argv[1:])
