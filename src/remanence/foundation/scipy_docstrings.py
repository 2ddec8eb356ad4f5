"""Importing scipy without the work that it has with docstrings, which nobody reads in a run.

scipy parses the docstrings of 700 functions, and writes them anew with a table of array libraries that the function can
take. This takes a third of the time of importing scikit-learn, which imports most of scipy.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from remanence.foundation.finders import ask_first, ask_no_more

DECORATES = "scipy._lib._array_api"
"""Module whose decorator writes the docstrings."""
WITH = "FunctionDoc"
"""Name of the class with which it does so."""


def keep_docstrings() -> None:
    """Let scipy leave its docstrings as they stand in the source, from now on or from its import on."""
    if (module := sys.modules.get(DECORATES)) is not None:
        _decorate_nothing(module)
    else:
        ask_first(_Finder())


def _decorate_nothing(module: ModuleType) -> None:
    if hasattr(module, WITH):  # another version of scipy may do otherwise
        setattr(module, WITH, _AsItStands)


class _AsItStands:
    """What ``FunctionDoc`` of scipy is for a decorator of docstrings: sections that can be added to, and a text."""

    def __init__(self, function: Any) -> None:
        self._text = function.__doc__ or ""

    def __getitem__(self, section: str) -> list[str]:
        """Return a section, of which the text will know nothing."""
        return []

    def __str__(self) -> str:
        """Return the text behind the line with the signature, which is taken off."""
        return f"\n{self._text}"


class _Finder(MetaPathFinder):
    """Finds the module with the decorator as Python does, and changes it as soon as it is there."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return how the module is imported; None for any other."""
        if name != DECORATES or (spec := PathFinder.find_spec(name, path)) is None or spec.loader is None:
            return None
        ask_no_more(_Finder)
        run = spec.loader.exec_module

        def run_and_change(module: ModuleType) -> None:
            run(module)
            _decorate_nothing(module)

        spec.loader.exec_module = run_and_change  # type: ignore[method-assign]
        return spec
