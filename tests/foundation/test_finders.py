"""Finders that Python asks before its own."""

import sys
from importlib.abc import MetaPathFinder

from remanence.foundation.finders import ask_first, ask_no_more


class Nothing(MetaPathFinder):
    """Finds no module."""

    def find_spec(self, name, path, target=None):
        return None


def test_a_finder_is_asked_first_and_once():
    before = [*sys.meta_path]
    first = Nothing()

    ask_first(first)
    ask_first(Nothing())
    assert sys.meta_path == [first, *before]

    ask_no_more(Nothing)
    assert sys.meta_path == before
