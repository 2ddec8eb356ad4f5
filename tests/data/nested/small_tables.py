"""Tables and scales of chains of one's own, as small as they get."""

import numpy as np
import pandas as pd

from remanence.data.nested.chain import Chain

SPLIT = {"kind": "kfold", "folds": 3, "repeats": 1, "validation": 0.2, "bins": 3, "seed": 0}


def scale(data, inputs, columns=("y",), *, kind="regression", **keys):
    """Describe a scale with one head."""
    return {"data": data, "inputs": list(inputs), "heads": {"h": {"kind": kind, "columns": list(columns)}}, **keys}


def table(*columns, rows=30, seed=0, **given):
    """Draw columns of numbers; keyword arguments are columns as they are."""
    random = np.random.default_rng([seed, *map(ord, "".join(columns))])
    return pd.DataFrame({**given, **{column: random.normal(size=rows).round(6) for column in columns}})


def open_chain(folder, tables, scales, *, described=None, split=SPLIT, **arguments):
    """Write the tables as CSV, by which numbers become text, and open a chain on them."""
    nodes = {}
    for name, frame in tables.items():
        path = folder / f"{name}.csv"
        frame.to_csv(path, index=False)
        nodes[name] = {"path": str(path), **(described or {}).get(name, {})}
    return Chain(tables=nodes, scales=scales, split=split, **arguments).open()
