"""Telling a server that does not answer from one that refuses a call, and waiting for it."""

import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

import requests
from mlflow.exceptions import RestException
from mlflow.utils.credentials import get_default_host_creds
from mlflow.utils.rest_utils import http_request

from remanence.errors import ConfigurationError
from remanence.foundation.causes import causes
from remanence.foundation.first_line import first_line
from remanence.tracking.address import without_secrets

T = TypeVar("T")


class ServerAway(ConfigurationError):  # noqa: N818  the name says what has happened
    """The server did not answer when a run was to be started: its address is wrong, or it is down."""


PAUSE = 1.0
"""Seconds between two tries while there is nothing else to do."""
HEALTH_SECONDS = 5.0
"""Seconds within which a server must answer a health check.

This is much shorter than the time limit of MLflow's own calls, which may take a minute to upload a file.
"""
NO_ANSWER = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.RetryError,
    requests.exceptions.ChunkedEncodingError,
)
TOO_MANY_REQUESTS = 429


def is_away(error: BaseException) -> bool:
    """Return whether an error means that the server or database did not answer; the same call may succeed later."""
    for cause in causes(error):
        if isinstance(cause, requests.HTTPError) and cause.response is not None:
            return _is_overload(cause.response.status_code)
        if isinstance(cause, RestException):
            return _is_overload(cause.get_http_status_code())
        if isinstance(cause, NO_ANSWER) or _is_cut(cause):
            return True
    return getattr(error, "error_code", None) == "TEMPORARILY_UNAVAILABLE" or "database is locked" in str(error)


def reason(error: BaseException) -> str:
    """Return the root cause of an error in a few words, such as ``[Errno 111] Connection refused``."""
    found: list[Any] = [*causes(error)]
    # what the driver said; what SQLAlchemy was doing when it lost its database means nothing to a user
    first = next((cause.orig for cause in found if _is_cut(cause) and cause.orig), found[-1])
    return without_secrets(first_line(first))


def check_health(uri: str) -> str | None:
    """Check that the server at ``uri`` answers within ``HEALTH_SECONDS`` seconds; an address of a file is not checked.

    Returns:
        the server's date, as the header of its answer says it; None if there is no server or it does not say.

    Raises:
        Exception: if the server does not answer or is overloaded; ``is_away`` is true for this exception.
    """
    if not uri.startswith(("http://", "https://")):
        return None
    answer = http_request(get_default_host_creds(uri), "/health", "GET", max_retries=0, timeout=HEALTH_SECONDS)
    if _is_overload(answer.status_code):
        answer.raise_for_status()
    date: str | None = answer.headers.get("Date")
    return date


def patiently(call: Callable[[], T], uri: str, seconds: float) -> T:
    """Return what ``call`` returns; while the server does not answer, try again for ``seconds``.

    Raises:
        Exception: what the last try raised.
    """
    deadline = time.monotonic() + seconds
    told = False
    while True:
        try:
            return call()
        except Exception as error:
            if not is_away(error) or time.monotonic() >= deadline:
                raise
            if not told:
                tell(f"{without_secrets(uri)} does not answer ({reason(error)}), tried again for {seconds:g} s")
            told = True
        time.sleep(PAUSE)


def tell(message: str) -> None:
    """Print one line to stderr, so that it does not mix with the results on stdout."""
    print(f"remanence: {message}", file=sys.stderr, flush=True)


def _is_overload(status: int) -> bool:
    return status >= 500 or status == TOO_MANY_REQUESTS


def _is_cut(cause: BaseException) -> bool:
    """Return whether SQLAlchemy, which is imported only where a database is used directly, has lost its database."""
    known = sys.modules.get("sqlalchemy.exc")
    return known is not None and isinstance(cause, (known.OperationalError, known.InterfaceError))
