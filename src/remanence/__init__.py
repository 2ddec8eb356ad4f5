"""remanence: tracked, composable, reproducible machine learning for functional materials.

The verbs of the command line as functions::

    import remanence as rm

    run = rm.train("piezo/ns", "trainer.max_epochs=50")
    run.metrics["test/r2"], run.figures, run.table("test_predictions")

What a function needs is imported when it is first asked for.
"""

from typing import TYPE_CHECKING, Any

from remanence import errors
from remanence.errors import ConfigurationError, DataError, UserError

if TYPE_CHECKING:
    from remanence.verbs.interface import (
        compare,
        compare_runs,
        design,
        evaluate,
        load,
        load_exported,
        open_data,
        predict,
        repeat,
        runs,
        suggest,
        sweep,
        train,
    )

__version__ = "0.1.0"
__all__ = [
    "ConfigurationError",
    "DataError",
    "UserError",
    "compare",
    "compare_runs",
    "design",
    "errors",
    "evaluate",
    "load",
    "load_exported",
    "open_data",
    "predict",
    "repeat",
    "runs",
    "suggest",
    "sweep",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'remanence' has no attribute '{name}'")
    from importlib import import_module

    found = getattr(import_module("remanence.verbs.interface"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
