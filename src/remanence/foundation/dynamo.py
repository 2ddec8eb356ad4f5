"""The compiler of torch, ``torch._dynamo`` and ``torch._inductor``, imported only when something is compiled.

Lightning imports it for the name of one class, every step of an optimizer for a function that does nothing outside a
compiled network, and ``torch.use_deterministic_algorithms`` to tell it that. It brings 1200 modules with it, which take
as long to import as torch itself.
"""

import functools
import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from remanence.foundation.finders import ask_first, ask_no_more

NAME = "torch._dynamo"
BACKEND = "torch._inductor"
SETTINGS = "torch._inductor.config"
DISABLED: list[tuple[list[Callable[..., Any]], dict[str, Any]]] = []
"""Functions that must not be compiled, each as the only entry of a list, and how the compiler is told so."""


def defer() -> None:
    """Let ``import torch._dynamo`` give a stand-in, which imports the compiler when anything else is asked of it.

    Nothing happens where the compiler is imported or deferred already.
    """
    if NAME not in sys.modules:
        ask_first(_Finder())


def load() -> ModuleType:
    """Import the compiler in place of the stand-ins, and return it."""
    ask_no_more(_Finder)
    settings = sys.modules.get(SETTINGS)
    for name in (SETTINGS, BACKEND, NAME):
        if isinstance(sys.modules.get(name), _Later):
            del sys.modules[name]
            package, _, own = name.rpartition(".")
            vars(sys.modules[package]).pop(own, None)
    compiler = importlib.import_module(NAME)
    while DISABLED:
        held, options = DISABLED.pop()
        held[0] = compiler.disable(held[0], **options)
    if isinstance(settings, _Later):
        for key, value in settings.told.items():
            setattr(importlib.import_module(SETTINGS), key, value)
    return compiler


class _ClassOfCompiled(type):
    """Tells a compiled network by the compiler's own class; before it is imported, nothing is compiled."""

    def __instancecheck__(cls, instance: object) -> bool:
        compiler = sys.modules.get(NAME)
        return not isinstance(compiler, _StandIn) and isinstance(instance, getattr(compiler, "OptimizedModule", ()))


class _Compiled(metaclass=_ClassOfCompiled):
    """A compiled network."""


class _Later(ModuleType):
    """What stands in for a module of the compiler; settings that are made on it are made on the real one later."""

    @property
    def told(self) -> dict[str, Any]:
        """The settings that were made."""
        return {key: value for key, value in vars(self).items() if not key.startswith("_")}

    def __getattr__(self, name: str) -> Any:
        """Return what only the real module has; Python itself asks for names with underscores around them."""
        if name.startswith("__"):
            raise AttributeError(name)
        load()
        return getattr(importlib.import_module(self.__name__), name)


class _StandIn(_Later):
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


class _Finder(MetaPathFinder):
    """Finds the stand-ins for the compiler, and the real modules below it."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return how a module is imported; None if it is none of the compiler's."""
        if name in (NAME, BACKEND, SETTINGS):
            return ModuleSpec(name, _StandInLoader(), is_package=name != SETTINGS)  # type: ignore[arg-type]
        if name.startswith((f"{NAME}.", f"{BACKEND}.")):
            load()
            return ModuleSpec(name, _ImportedLoader(importlib.import_module(name)))  # type: ignore[arg-type]
        return None


class _StandInLoader:
    """Makes a stand-in."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return a new stand-in."""
        return (_StandIn if spec.name == NAME else _Later)(spec.name)

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
