"""Inputs of a table that a model does not know, as when a first formula holds a new element."""

from collections.abc import Sequence


def other_inputs(before: Sequence[str], now: Sequence[str]) -> str:
    """Return in words how the inputs of a table differ from those of a model; the text is empty if they do not.

    Args:
        before: names of the model's inputs, in their order.
        now: names of the table's inputs.

    >>> other_inputs(["Na", "Ba"], ["Na", "Sr"]), other_inputs(["Na"], ["Na"])
    ('inputs of the table: new Sr; gone Ba', '')
    """
    new, gone = ([name for name in own if name not in other] for own, other in ((now, before), (before, now)))
    said = [f"{what} {', '.join(names)}" for what, names in (("new", new), ("gone", gone)) if names]
    if not said and list(before) != list(now):
        said = ["in another order"]
    return f"inputs of the table: {'; '.join(said)}" if said else ""
