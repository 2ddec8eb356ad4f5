"""What runs share that train together; without torch, so that data are opened before it is imported."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

SHARED: ContextVar[dict[str, Any] | None] = ContextVar("shared", default=None)
"""What the runs of a meeting share, see ``training.meeting``; None outside a meeting."""


def shared_in_meeting(key: str, make: Callable[[], T]) -> T:
    """Return what ``make`` returns; the runs of a meeting share it, so that the first to ask for ``key`` makes it.

    Outside a meeting each call makes it anew.
    """
    shared = SHARED.get()
    if shared is None:
        return make()
    if key not in shared:
        shared[key] = make()
    made: T = shared[key]
    return made
