"""The compiler of torch, ``torch._dynamo``, imported only when something is compiled.

Lightning imports it for the name of one class, and every step of an optimizer for a function that does nothing outside
a compiled network. It brings 1200 modules with it, which take as long to import as torch itself.
"""

import functools
import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

NAME = "torch._dynamo"
DISABLED: list[tuple[list[Callable[..., Any]], dict[str, Any]]] = []
"""Functions that must not be compiled, each as the only entry of a list, and how the compiler is told so."""


def defer() -> None:
    """Let ``import torch._dynamo`` give a stand-in, which imports the compiler when anything else is asked of it.

    Nothing happens where the compiler is imported or deferred already.
    """
    if NAME not in sys.modules and not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def load() -> ModuleType:
    """Import the compiler in place of the stand-in, and return it."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]
    stand_in = sys.modules.get(NAME)
    if isinstance(stand_in, _StandIn):
        del sys.modules[NAME]
        package, _, name = NAME.partition(".")
        vars(sys.modules[package]).pop(name, None)
    compiler = importlib.import_module(NAME)
    while DISABLED:
        held, options = DISABLED.pop()
        held[0] = compiler.disable(held[0], **options)
    return compiler


class _ClassOfCompiled(type):
    """Tells a compiled network by the compiler's own class; before it is imported, nothing is compiled."""

    def __instancecheck__(cls, instance: object) -> bool:
        compiler = sys.modules.get(NAME)
        return not isinstance(compiler, _StandIn) and isinstance(instance, getattr(compiler, "OptimizedModule", ()))


class _Compiled(metaclass=_ClassOfCompiled):
    """A compiled network."""


class _StandIn(ModuleType):
    """What Lightning and the optimizers need of the compiler as long as nothing is compiled."""

    OptimizedModule = _Compiled

    @staticmethod
    def graph_break(*_: Any, **__: Any) -> None:
        """Do nothing: there is no graph."""

    @staticmethod
    def disable(fn: Any = None, recursive: bool = True, **options: Any) -> Any:
        """Return a function that calls ``fn``, which the compiler will be told to leave alone once there is one."""
        if not callable(fn) or isinstance(fn, type):
            return load().disable(fn, recursive, **options)
        held = [fn]

        @functools.wraps(fn)
        def uncompiled(*arguments: Any, **named: Any) -> Any:
            return held[0](*arguments, **named)

        DISABLED.append((held, {"recursive": recursive, **options}))
        return uncompiled

    def __getattr__(self, name: str) -> Any:
        """Return what only the compiler has; Python itself asks any module for names with underscores around them."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(load(), name)


class _Finder:
    """Finds the stand-in for the compiler, and the real modules below it."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return how a module is imported; None if it is none of the compiler's."""
        if name == NAME:
            return ModuleSpec(name, _StandInLoader(), is_package=True)  # type: ignore[arg-type]
        if name.startswith(f"{NAME}."):
            load()
            return ModuleSpec(name, _ImportedLoader(importlib.import_module(name)))  # type: ignore[arg-type]
        return None


class _StandInLoader:
    """Makes the stand-in."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return a new stand-in."""
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: the stand-in is complete."""


class _ImportedLoader:
    """Hands a module on that was imported while it was looked for."""

    def __init__(self, module: ModuleType) -> None:
        self._module, self._spec = module, module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module."""
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module as it was: its code has run."""
        module.__spec__ = self._spec
