"""What cannot be read in a formula, and where."""

from remanence.errors import DataError


class FormulaError(DataError):
    """A formula cannot be read: the message shows it, the place and the reason.

    >>> print(FormulaError("KXbO3", 1, "'Xb' is no element"))
    'KXbO3', character 2 ('XbO3'): 'Xb' is no element
    """

    def __init__(self, text: str, place: int, reason: str) -> None:
        rest = text[place : place + 12].strip()
        where = f"character {place + 1} ({rest!r})" if rest else "at its end"
        super().__init__(f"{text!r}, {where}: {reason}")
        self.text, self.place, self.reason = text, place, reason
