"""Logging of a chain as one model that takes the raw columns of a user's table."""

from pathlib import Path

import numpy as np
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema

from remanence.data.nested.opened_chain import OpenedChain
from remanence.studies.chain.fit import FittedChain
from remanence.studies.chain.logged_model import ChainMeaning, ChainModel
from remanence.studies.predictions import described
from remanence.tracking.logged_model import log_saved
from remanence.tracking.run import Run


def log_chain(run: Run, fitted: FittedChain, data: OpenedChain) -> None:
    """Log all scales of a fitted chain as one model with the name ``model``.

    Args:
        run: run that the model belongs to.
        fitted: fitted chain.
        data: rows of each scale.
    """
    meaning = ChainMeaning.of(data, fitted)
    models = {name: fit.model for name, fit in fitted.fits.items()}
    columns = {name: rows.columns for name, rows in data.rows.items()}
    chain = ChainModel(models, columns, meaning)
    raw = list(dict.fromkeys(column for name in chain.scales for column in chain.raw_columns[name]))
    words = {*chain.levels, chain.composition, *(scale.solvent for scale in meaning.scales.values())}
    example = data.coarsest.frame.iloc[data.fold.test[:3]]
    example = example[[column for column in raw if column in example]]
    example = example.astype({str(column): str if column in words else np.float64 for column in example})
    # without inputs, as for a table: see ``table.logged_model``
    signature = ModelSignature(outputs=Schema([ColSpec("double", column) for column in chain.predict(example)]))
    needed = chain.raw_columns[chain.scales[0]]  # other columns are optional: the finest scale needs these only
    inputs = {
        column: ("" if column in needed else "optional: ")
        + ("text" if column in words - set(chain.levels) else described(chain.levels.get(column)))
        for column in raw
    }
    requirements = sorted({each for model in models.values() for each in getattr(model, "requirements", [])})
    log_saved(
        run,
        chain.save,
        signature,
        example,
        loader=__name__,
        step=fitted.epochs,
        requirements=requirements,
        inputs=inputs,
    )


def _load_pyfunc(path: str) -> ChainModel:
    """Entry point of ``mlflow.pyfunc.load_model``."""
    return ChainModel.load(Path(path))
