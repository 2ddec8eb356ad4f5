"""Text of the package as Markdown shows it."""


def escaped(text: str) -> str:
    """Return text whose ``<`` and ``[`` stand for themselves; between backticks they do so anyway.

    >>> escaped("run=<id>, `run=<id>`")
    'run=&lt;id>, `run=<id>`'
    """
    parts = text.split("`")
    return "`".join(
        part if number % 2 else part.replace("<", "&lt;").replace("[", "\\[") for number, part in enumerate(parts)
    )
