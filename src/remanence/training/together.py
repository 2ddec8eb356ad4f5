"""What runs share that train together; without torch, so that data are opened before it is imported."""

from contextvars import ContextVar
from typing import Any

SHARED: ContextVar[dict[str, Any] | None] = ContextVar("shared", default=None)
"""What the runs of a meeting share, see ``training.meeting``; None outside a meeting."""


def shared_in_meeting() -> dict[str, Any]:
    """Return a dictionary that the runs of this meeting share; outside a meeting a new one."""
    shared = SHARED.get()
    return {} if shared is None else shared
