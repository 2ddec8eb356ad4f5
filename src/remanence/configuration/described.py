"""The arguments of a class, read from the source of its constructor.

The classes that a configuration names import torch or scikit-learn, which takes seconds. Their signatures can be read
without importing anything. So the arguments of a network are described in one place only, its constructor: names,
types, ranges and defaults.
"""

import ast
import builtins
import collections.abc
import importlib.util
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, is_dataclass, make_dataclass
from functools import cache
from importlib.machinery import PathFinder
from itertools import islice
from pathlib import Path
from typing import Any, get_args, get_origin

import pydantic

from remanence.foundation import constraints

PACKAGE = "remanence."
FROM_DATA = frozenset({"n_features", "n_targets", "steps", "channels", "layout", "factors"})
"""Arguments of a model that only the data can tell."""
SCALARS = (int, float, str, bool, type(None), None)
BUILTINS = {name: value for name, value in vars(builtins).items() if isinstance(value, type)}
MODULES = {module.__name__: module for module in (typing, collections.abc, pydantic, constraints)}
"""Modules whose names an annotation may use directly; names of any other module are looked up in its source."""


@dataclass(frozen=True)
class Described:
    """A class that a ``_target_`` names."""

    target: str
    schema: type
    """Strict schema of the arguments that a configuration gives; without those that only the data can tell."""
    simulator: str | None
    """Name by which users ask for the data that the class simulates; the value of its attribute ``simulator``."""
    kind: str | None
    """Kind of the data that the class reads or, for a model, is trained on; the value of its attribute ``kind``."""
    defaults: Mapping[str, Any]
    """Argument to its default, for arguments that have one."""
    required: frozenset[str]
    """Arguments without a default."""
    documentation: Mapping[str, str]
    """Argument to its description in the docstring of the class."""
    summary: str
    """First line of the docstring of the class."""


def describe(target: str) -> Described | None:
    """Describe the class that a ``_target_`` names; None if its source cannot be found or has no such class.

    Nothing outside the package is imported or run, because a configuration may name a class that is not allowed. An
    argument takes any value if it has no annotation, or if its annotation could only be evaluated by importing
    something. If the constructor has ``**kwargs``, the arguments of the base class are added.
    """
    return _known(target) if target.startswith(PACKAGE) else _described(target)


@cache
def _known(target: str) -> Described | None:
    return _described(target)


def _described(target: str) -> Described | None:
    """Describe a class from its source as it is now: a user may edit a class between two cells of a notebook."""
    module, _, name = target.rpartition(".")
    source = _Source.of(module)
    found = None if source is None else source.classes.get(name)
    if source is None or found is None:
        return None
    arguments = dict(_arguments(source, found))
    if target.startswith(f"{PACKAGE}models."):
        arguments = {key: value for key, value in arguments.items() if key not in FROM_DATA}
    for key in _attribute(source, found, "without") or ():
        arguments.pop(key)
    # for a class of the user, no argument is required here: its constructor reports missing arguments
    optional = not target.startswith(PACKAGE)
    fields = [
        (
            key,
            annotation,
            field(default=None) if default is Any or (default is MISSING and optional) else _field(default),
        )
        for key, (annotation, default) in arguments.items()
    ]
    schema = make_dataclass(name, fields, kw_only=True)
    more = optional and _takes_more(source, found)
    schema.__pydantic_config__ = constraints.STRICT | ({"extra": "ignore"} if more else {})  # type: ignore[attr-defined]
    return Described(
        target=target,
        schema=schema,
        simulator=_attribute(source, found, "simulator"),
        kind=_attribute(source, found, "kind"),
        defaults={key: default for key, (_, default) in arguments.items() if default not in (MISSING, Any)},
        required=frozenset(key for key, (_, default) in arguments.items() if default is MISSING),
        documentation=_said(_documentation(source, found)),
        summary=(ast.get_docstring(found) or "").split("\n")[0],
    )


def schema_of(target: Any) -> type | None:
    """Return the schema of the class that a ``_target_`` names; None if the class cannot be described."""
    described = describe(target) if isinstance(target, str) else None
    return described.schema if described else None


class _Source:
    """The source of a module, which is parsed but not run."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        self.module = module
        self.classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        self.assigned = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        self.imported = {
            alias.asname or alias.name: (self._absolute(node), alias.name)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        self.modules = {
            alias.asname or alias.name: alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }

    def _absolute(self, node: ast.ImportFrom) -> str:
        above = self.module.split(".")[: -node.level] if node.level else []
        return ".".join([*above, *([node.module] if node.module else [])])

    @staticmethod
    def of(module: str) -> "_Source | None":
        """Return the source of a module; None if it cannot be found or read without importing anything."""
        return _known_source(module) if module.startswith(PACKAGE) else _find_source(module)

    def value(self, expression: ast.expr) -> Any:
        """Return the value of an expression; ``Any`` if something would have to be imported to evaluate it."""
        names = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
        try:
            known = {name: self.named(name) for name in names}
            code = compile(ast.Expression(expression), self.module, "eval")
            return eval(code, {"__builtins__": {}, **known})
        except (LookupError, AttributeError, TypeError, SyntaxError):
            return Any

    def annotation(self, expression: ast.expr) -> Any:
        """Return the value of an annotation, which may be written in quotes."""
        if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
            try:
                expression = ast.parse(expression.value, mode="eval").body
            except SyntaxError:
                return Any
        return self.value(expression)

    def named(self, name: str) -> Any:
        """Return the value of a name in the module.

        Raises:
            LookupError: if the value cannot be found without importing more than schemas of the package.
        """
        if name in self.assigned:
            return self.value(self.assigned[name])
        if name in self.classes:
            if _is_node(self.classes[name]) and self.module.startswith(PACKAGE):
                return getattr(importlib.import_module(self.module), name)
            raise LookupError(name)
        if name in self.imported:
            module, original = self.imported[name]
            if module in MODULES:
                return getattr(MODULES[module], original)
            source = _Source.of(module)
            if source is None:
                raise LookupError(name)
            return source.named(original)
        if name in self.modules:
            return MODULES[self.modules[name]]
        return BUILTINS[name]


@cache
def _known_source(module: str) -> _Source | None:
    return _find_source(module)


def _find_source(module: str) -> _Source | None:
    first, *inner = module.split(".")
    try:
        # find_spec imports the parent packages of a module; the first part of the name has none, so nothing is imported
        spec = importlib.util.find_spec(first)
        for end in range(2, len(inner) + 2):
            above = spec.submodule_search_locations if spec else None
            spec = PathFinder.find_spec(".".join(module.split(".")[:end]), above) if above is not None else None
        if spec is None or not spec.origin or not spec.origin.endswith(".py"):
            return None
        return _Source(module, ast.parse(Path(spec.origin).read_text(encoding="utf-8")))
    except (ImportError, ValueError, OSError, SyntaxError):
        return None


def _is_node(found: ast.ClassDef) -> bool:
    return any(isinstance(decorator, ast.Name) and decorator.id == "node" for decorator in found.decorator_list)


def _bases(source: _Source, found: ast.ClassDef) -> Iterator[tuple[_Source, ast.ClassDef]]:
    """Yield a class and its base classes, the class itself first, as far as their sources can be found."""
    yield source, found
    for base in found.bases:
        if (read := _base(source, base)) is not None:
            yield from _bases(*read)


def _base(source: _Source, base: ast.expr) -> tuple[_Source, ast.ClassDef] | None:
    if not isinstance(base, ast.Name):
        return None
    owner, name = source, base.id
    if name not in source.classes and name in source.imported:
        module, name = source.imported[name]
        if not module.startswith(PACKAGE) and module.partition(".")[0] != source.module.partition(".")[0]:
            return None
        owner = _Source.of(module) or source
    return (owner, owner.classes[name]) if name in owner.classes else None


def _constructor(found: ast.ClassDef) -> ast.FunctionDef | None:
    return next((node for node in found.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"), None)


def _takes_more(source: _Source, found: ast.ClassDef) -> bool:
    """Return whether a class may take arguments that cannot be read from its source.

    A constructor without ``**kwargs``, of the class or of a base class, ends the list of arguments. Without one, there
    may be more if a constructor has ``**kwargs``, a class has a decorator (such as a dataclass), or a base class has no
    source that can be found.
    """
    unread = False
    for owner, described in _bases(source, found):
        constructor = _constructor(described)
        if constructor is not None and constructor.args.kwarg is None:
            return False
        unread |= constructor is not None or bool(described.decorator_list)
        unread |= any(_base(owner, base) is None for base in described.bases)
    return unread


def _arguments(source: _Source, found: ast.ClassDef) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Yield the name, annotation and default of each argument of the constructor; ``MISSING`` if it has no default."""
    for owner, described in _bases(source, found):
        constructor = _constructor(described)
        if constructor is None:
            continue
        given = constructor.args
        positional = [*given.posonlyargs, *given.args][1:]
        defaults = [None] * (len(positional) - len(given.defaults)) + list(given.defaults)
        for argument, default in [
            *zip(positional, defaults, strict=True),
            *zip(given.kwonlyargs, given.kw_defaults, strict=True),
        ]:
            annotation = Any if argument.annotation is None else _for_yaml(owner.annotation(argument.annotation))
            value = MISSING if default is None else _plain(owner.value(default))
            yield argument.arg, (annotation | None if value is None else annotation, value)
        if given.kwarg is not None and (base := next(islice(_bases(owner, described), 1, None), None)) is not None:
            own = {argument.arg for argument in (*positional, *given.kwonlyargs)}
            yield from ((key, value) for key, value in _arguments(*base) if key not in own)
        return


def _attribute(source: _Source, found: ast.ClassDef, name: str) -> Any:
    """Return the plain value of a class attribute, from the class or the nearest base class that has it."""
    for owner, described in _bases(source, found):
        for node in described.body:
            targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
            if any(isinstance(target, ast.Name) and target.id == name for target in targets) and node.value is not None:  # type: ignore[attr-defined]
                value = owner.value(node.value)  # type: ignore[attr-defined]
                return None if value is Any else value
    return None


def _said(documentation: Iterator[tuple[str, str]]) -> dict[str, str]:
    """Return argument to description; "see ``Base``" does not replace what the base class says."""
    said: dict[str, str] = {}
    for name, text in documentation:
        if name not in said or not text.startswith("see ``"):
            said[name] = text
    return said


def _documentation(source: _Source, found: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Yield name and description of each argument in the docstrings of a class and its base classes."""
    for _, described in reversed(list(_bases(source, found))):
        lines = (ast.get_docstring(described) or "").partition("Args:\n")[2].split("\n")
        name, text = "", ""
        for line in lines:
            if not line.strip():
                break
            if line.startswith("    ") and line[4:5].strip():
                if name:
                    yield name, text
                name, _, text = (part.strip() for part in line.partition(":"))
            else:
                text = f"{text} {line.strip()}"
        if name:
            yield name, text


def _for_yaml(annotation: Any) -> Any:
    """Return the type that an annotated value has in YAML.

    A sequence is a list there and a mapping a dictionary; for any other object the type is ``Any``.
    """
    origin = get_origin(annotation)
    if annotation in SCALARS or origin is typing.Literal or is_dataclass(annotation):
        return annotation
    if origin is typing.Annotated:
        for mark in annotation.__metadata__:
            if isinstance(mark, constraints.As):
                return mark.node
        bare = _for_yaml(annotation.__origin__)
        return Any if bare is Any else typing.Annotated[(bare, *annotation.__metadata__)]
    parts = tuple(_for_yaml(part) for part in get_args(annotation) if part is not ...)
    kind = origin or annotation
    if kind in (Sequence, tuple, list):
        return list[typing.Union[parts]] if parts else list  # type: ignore[valid-type]  # noqa: UP007
    if kind in (Mapping, dict):
        return dict[parts] if parts else dict  # type: ignore[valid-type, misc]
    if kind in (typing.Union, types.UnionType):
        return typing.Union[parts]  # noqa: UP007  the parts are known only at run time
    return Any


def _plain(default: Any) -> Any:
    return list(default) if isinstance(default, tuple) else default


def _field(default: Any) -> Any:
    if default is MISSING:
        return field()
    return field(default_factory=lambda: default) if isinstance(default, list | dict) else field(default=default)
