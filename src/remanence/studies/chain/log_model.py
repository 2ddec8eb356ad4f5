"""Logging a chain as one model: one folder for each scale, and what joins them."""

import json
from pathlib import Path

import numpy as np
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema

from remanence.data.nested.chain import Chain
from remanence.studies.chain.fit import FittedChain
from remanence.studies.chain.logged_model import ChainMeaning, ChainModel
from remanence.tracking.logged_model import CHAIN, log_saved, save_model
from remanence.tracking.run import Run


def log_chain(run: Run, fitted: FittedChain, data: Chain) -> None:
    """Log all scales of a fitted chain once under the name ``model``; it takes the raw columns of a user's table.

    Args:
        run: that it belongs to.
        fitted: the chain.
        data: opened.
    """
    meaning = ChainMeaning.of(data, fitted)
    models = {name: fit.model for name, fit in fitted.levels.items()}
    columns = {name: level.columns for name, level in data.levels.items()}
    chain = ChainModel(models, columns, meaning)

    def save(folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, model in models.items():
            save_model(model, columns[name], folder / name)
        (folder / CHAIN).write_text(json.dumps(meaning.to_dict(), indent=2) + "\n", encoding="utf-8")

    raw = list(dict.fromkeys(column for name in chain.scales for column in chain.raw_columns[name]))
    words = {*chain.levels, chain.composition, *(scale.solvent for scale in meaning.scales.values())}
    kinds = {column: "string" if column in words else "double" for column in raw}
    needed = chain.raw_columns[chain.scales[0]]  # a table of compositions alone gets the properties of the finest scale
    inputs = [ColSpec(kinds[column], column, required=column in needed) for column in raw]
    example = data.coarsest.frame.iloc[data.fold.test[:3]]
    example = example[[column for column in raw if column in example]]
    example = example.astype({str(column): str if column in words else np.float64 for column in example})
    outputs = [ColSpec("double", column) for column in chain.predict(example)]
    log_saved(run, save, ModelSignature(Schema(inputs), Schema(outputs)), example, step=fitted.epochs)
