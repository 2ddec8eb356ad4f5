"""Importing torch, Lightning and MLflow without looking for garbage meanwhile."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from remanence.dynamo import defer


@contextmanager
def importing() -> Iterator[None]:
    """Import inside the block what takes seconds, a fifth faster.

    Modules make a million objects and drop hardly any, through which Python would look again and again. Afterwards it
    never looks through them again, and processes that are forked share their memory.
    """
    defer()
    known, collecting = len(sys.modules), gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > known:  # not for each run of a process: what is dropped later would stay
            gc.freeze()
        if collecting:
            gc.enable()
