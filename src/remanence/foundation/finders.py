"""Finders of modules that Python asks before its own, each once."""

import sys
from importlib.abc import MetaPathFinder


def ask_first(finder: MetaPathFinder) -> None:
    """Let Python ask a finder before all others; nothing happens if one of its class is asked already."""
    if not any(type(each) is type(finder) for each in sys.meta_path):
        sys.meta_path.insert(0, finder)


def ask_no_more(kind: type[MetaPathFinder]) -> None:
    """Let Python ask no finder of a class any more."""
    sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, kind)]
