"""Importing torch, Lightning and MLflow without the garbage collector and without torch's compiler."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from remanence.foundation.dynamo import defer
from remanence.foundation.metric_plots import defer_plots
from remanence.foundation.phases import phase
from remanence.foundation.scipy_docstrings import keep_docstrings


@contextmanager
def importing() -> Iterator[None]:
    """Make slow imports inside the block a fifth faster, and count their time as the phase ``imports``.

    The garbage collector is disabled inside the block. Imported modules create a million objects and free hardly any,
    and the collector would scan them again and again. After the block, the objects are frozen: the collector never
    scans them again, and forked processes share their memory. The compiler of torch is imported only when something
    is compiled, see ``dynamo``, and what torchmetrics draws with only when it draws, see ``metric_plots``. scipy leaves
    its docstrings as they are, see ``scipy_docstrings``.
    """
    defer()
    defer_plots()
    keep_docstrings()
    known, collecting = len(sys.modules), gc.isenabled()
    gc.disable()
    try:
        with phase("imports"):
            yield
    finally:
        if len(sys.modules) > known:  # only after real imports: frozen garbage is never freed
            gc.freeze()
        if collecting:
            gc.enable()
