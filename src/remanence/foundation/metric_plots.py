"""The module of torchmetrics that draws metrics, imported only when one is drawn.

Lightning imports torchmetrics, and that imports matplotlib with pyplot for the types in the signatures of ``plot``.
This takes a quarter of a second before a training begins. A prediction needs none of it, and a figure of a run no
pyplot.
"""

import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from remanence.foundation.finders import ask_first, ask_no_more

NAME = "torchmetrics.utilities.plot"


def defer_plots() -> None:
    """Let ``import torchmetrics.utilities.plot`` give a stand-in, whose functions import the module when called.

    Nothing happens where the module is imported or deferred already.
    """
    if NAME not in sys.modules:
        ask_first(_Finder())


def load_plots() -> ModuleType:
    """Import the module in the place of the stand-in, and return it."""
    ask_no_more(_Finder)
    if isinstance(sys.modules.get(NAME), _StandIn):
        del sys.modules[NAME]
    return importlib.import_module(NAME)


class _StandIn(ModuleType):
    """What the metrics take from the module: types for their signatures, and functions."""

    def __getattr__(self, name: str) -> Any:
        """Return a type, or a function that calls that of the module; Python asks for names with underscores around."""
        if name.startswith("__"):
            raise AttributeError(name)
        return Any if name.endswith("_TYPE") else _calling(name)


def _calling(name: str) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        return getattr(load_plots(), name)(*arguments, **named)

    call.__name__ = call.__qualname__ = name
    return call


class _Finder(MetaPathFinder):
    """Finds the stand-in, and makes it."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return how the module is imported; None for any other."""
        return ModuleSpec(name, self) if name == NAME else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return a new stand-in."""
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: the stand-in is complete."""
