"""What an exception says, for messages of one line."""


def first_line(error: BaseException) -> str:
    r"""Return the first line of an exception's message; its class, if it has none.

    >>> first_line(ValueError("too long\nsee above")), first_line(KeyError())
    ('too long', 'KeyError')
    """
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
