"""A progress bar of a training, in a notebook or a terminal."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from remanence.foundation.progress_bar import Bar, advancing

if TYPE_CHECKING:
    from remanence.tracking.run import Run

PAUSE = 0.2
"""Least number of seconds between two updates of the bar in a notebook."""

Show = Callable[[int], Callable[[int], None]]
"""Function that takes the number of epochs and returns a function to call with each epoch, counted from 0."""
Began = Callable[["Run"], None]
"""Function that is called with a run as soon as the run is tracked."""


@contextmanager
def progress(what: str) -> Iterator[Show | None]:
    """Yield a function that shows a bar over the epochs; None if there is neither a notebook nor a terminal.

    The bar is removed at the end of the block.

    Args:
        what: name of the training, which is shown before the bar.
    """
    if _in_notebook():
        with _notebook_bar(what) as show:
            yield show
    elif sys.stderr is not None and sys.stderr.isatty():
        with _terminal_bar(what) as show:
            yield show
    else:
        yield None


@contextmanager
def epochs_shown(what: str) -> Iterator[Began | None]:
    """Yield a function to be called with a run as soon as it is tracked: its epochs are shown as by ``progress``."""
    with progress(what) as show:

        def began(run: "Run") -> None:
            if show is not None:
                run.on_epoch = show(run.config["trainer"]["max_epochs"])

        yield began if show is not None else None


@contextmanager
def _terminal_bar(what: str) -> Iterator[Show]:
    """Yield a function that shows the bar from the first epoch on: an estimator has none."""
    with ExitStack() as shown:

        def show(epochs: int) -> Callable[[int], None]:
            advance: Bar | None = None
            done = 0

            def draw(epoch: int) -> None:
                nonlocal advance, done
                if advance is None:
                    advance = shown.enter_context(advancing(what, epochs, "epochs", done=epoch))
                    done = epoch
                advance(epoch + 1 - done)
                done = epoch + 1

            return draw

        yield show


@contextmanager
def _notebook_bar(what: str) -> Iterator[Show]:
    """Yield a function that shows the bar as HTML.

    We do not use rich here, because it needs a further package in a notebook and would leave its lines behind.
    """
    from html import escape

    from IPython.display import HTML, display

    handle = display(HTML(""), display_id=True)

    def show(epochs: int) -> Callable[[int], None]:
        last = 0.0

        def draw(epoch: int) -> None:
            nonlocal last
            if time.monotonic() - last < PAUSE and epoch + 1 < epochs:
                return
            last = time.monotonic()
            bar = f'<progress value="{epoch + 1}" max="{epochs}"></progress>'
            handle.update(HTML(f"{escape(what)} {bar} {epoch + 1}/{epochs} epochs"))

        return draw

    try:
        yield show
    finally:
        handle.update(HTML(""))


def _in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook."""
    ipython: Any = sys.modules.get("IPython")  # a kernel of a notebook has imported IPython
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")
