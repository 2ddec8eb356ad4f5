"""Lists in messages: the first few of many, and how many more there are."""

from collections.abc import Iterable


def first_few(shown: Iterable[str], *, of: int, between: str = ", ") -> str:
    """Return the first few of a list as one line, and how many more there are.

    Args:
        shown: the first of them, as a message names them.
        of: number of all of them.
        between: what stands between two of them.

    >>> first_few(["K", "Na"], of=2), first_few(["K", "Na"], of=5)
    ('K, Na', 'K, Na and 3 more')
    """
    named = list(shown)
    more = f" and {of - len(named)} more" if of > len(named) else ""
    return between.join(named) + more
