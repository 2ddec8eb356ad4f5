"""What may be imported by name: one place decides it, for a user's configuration and for stored runs alike.

A stored run is data from somebody else. It names classes, but it never decides which of them may be imported: only the
present user does, by ``allowed_targets`` of their own configuration or command line, or by the variable ``VARIABLE``.
"""

import importlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from remanence.errors import ConfigurationError
from remanence.foundation.first_line import first_line

VARIABLE = "REMANENCE_ALLOWED_TARGETS"
"""Environment variable with further importable prefixes, separated by commas."""
PACKAGE = "remanence."
_trusted: ContextVar[tuple[str, ...]] = ContextVar("trusted", default=())


def allowed_targets(configured: Iterable[str] = ()) -> list[str]:
    """Return the prefixes of names that may be imported: those of the package, of this user, and ``configured``."""
    given = [*configured, *os.environ.get(VARIABLE, "").split(","), *_trusted.get()]
    return list(dict.fromkeys([PACKAGE, *filter(None, map(str.strip, given))]))


@contextmanager
def trusting(configured: Iterable[str]) -> Iterator[None]:
    """Let the names below these prefixes be imported inside the block."""
    token = _trusted.set((*_trusted.get(), *configured))
    try:
        yield
    finally:
        _trusted.reset(token)


def read_targets(text: str | None) -> list[str]:
    """Return the prefixes of ``allowed_targets=…`` on a command line.

    >>> read_targets("[remanence.,'images.']"), read_targets("images."), read_targets(None)
    (['remanence.', 'images.'], ['images.'], [])
    """
    parts = [part.strip(" '\"") for part in (text or "").strip(" []'\"").split(",")]
    return [part for part in parts if part not in ("", "null")]


def check_importable(key: str, target: Any, configured: Iterable[str] = ()) -> None:
    """Refuse a name that may not be imported; nothing has been imported by then, not even a parent package.

    Args:
        key: key of the configuration, or file, that holds the name.
        target: name of a class, as ``module.name`` or ``module:name``.
        configured: prefixes beyond those of ``allowed_targets()``.

    Raises:
        ConfigurationError: if the name is none, or is below no allowed prefix.
    """
    name = str(target).replace(":", ".", 1)
    if not isinstance(target, str) or not all(part.isidentifier() for part in name.split(".")):
        raise ConfigurationError(f"{key}: expected the name of a class, as module.name, got {target!r}")
    allowed = allowed_targets(configured)
    if not any(f"{name}.".startswith(f"{prefix.rstrip('.')}.") for prefix in allowed):
        wanted = [*allowed, f"{name.partition('.')[0]}."]
        raise ConfigurationError(
            f"{key}: '{target}' is not under allowed_targets ({', '.join(allowed)}); "
            f"if you trust it, add allowed_targets=[{','.join(wanted)}] or set {VARIABLE}={','.join(wanted[1:])}"
        )


def check_targets(key: str, node: Any, configured: Sequence[str] = ()) -> None:
    """Check every ``_target_`` in a node, at any depth and inside lists as well; see ``check_importable``."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name == "_target_":
                check_importable(f"{key}.{name}", value, configured)
            else:
                check_targets(f"{key}.{name}", value, configured)
    elif isinstance(node, Sequence) and not isinstance(node, str | bytes):
        for place, value in enumerate(node):
            check_targets(f"{key}[{place}]", value, configured)


def import_target(key: str, target: str, configured: Sequence[str] = ()) -> Any:
    """Return the class or function of a name after checking it, see ``check_importable``.

    Raises:
        ConfigurationError: if it may not be imported, cannot be imported, or is no class of the package although its
            name says so: the modules of the package also hold what they have imported from elsewhere.
    """
    check_importable(key, target, configured)
    module, _, name = target.replace(":", ".", 1).rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except Exception as error:  # importing a user's module may raise anything
        raise ConfigurationError(f"{key}: {target} cannot be imported: {first_line(error)}") from error
    if target.startswith(PACKAGE) and not (isinstance(found, type) and found.__module__.startswith(PACKAGE)):
        raise ConfigurationError(f"{key}: {target} is no class of {PACKAGE.rstrip('.')}")
    return found
