"""What led to an error."""

from collections.abc import Iterator


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes, the root cause last; the context counts, as libraries raise without ``from``.

    An error may be its own cause (``raise error from error``): each is yielded once.
    """
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and not any(cause is known for known in seen):
        yield cause
        seen.append(cause)
        cause = cause.__cause__ or cause.__context__
