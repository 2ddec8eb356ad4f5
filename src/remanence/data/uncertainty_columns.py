"""Columns that look like the uncertainty of a target, by their names."""

import re
from collections.abc import Mapping, Sequence

from remanence.data.declared_units import name_and_unit

_WORDS = "sd|std|stdev|se|sem|err|error|unc|uncertainty|sigma|delta|±|\\+/-|σ|δ|Δ|u"
BEHIND = re.compile(rf"(.+?)[\s_\-]*(?:{_WORDS})", re.IGNORECASE)
BEFORE = re.compile(rf"(?:{_WORDS})[\s_\-]*\(?(.+?)\)?", re.IGNORECASE)
ALONE = re.compile(r"±|\+/-|sd|std|std\.? ?dev\.?|se|err\.?|error|uncertainty|Fehler|Standardabweichung", re.IGNORECASE)
"""Name of a column that stands to the right of the one whose uncertainty it holds."""


def uncertainty_columns(header: Sequence[str], targets: Sequence[str]) -> dict[str, str]:
    """Return target to the column that looks like its standard uncertainty.

    >>> uncertainty_columns(["x", "d33", "d33_sd", "T", "±"], ["d33", "T"])
    {'d33': 'd33_sd', 'T': '±'}
    """
    names = [name_and_unit(column)[0] for column in header]
    parts = [
        {match[1] for pattern in (BEHIND, BEFORE) for text in texts if (match := pattern.fullmatch(text))}
        for texts in zip(names, header, strict=True)
    ]
    found = {}
    for target in targets:
        bare = name_and_unit(target)[0]
        for place, column in enumerate(header):
            right = place > 0 and header[place - 1] == target and ALONE.fullmatch(names[place])
            if column != target and (bare in parts[place] or right):
                found[target] = column
                break
    return found


def said_of_uncertainty(
    header: Sequence[str], targets: Sequence[str], known: Mapping[str, str], source: str
) -> list[str]:
    """Return a line for each target whose uncertainty stands in a column that nobody has named."""
    found = uncertainty_columns(header, [target for target in targets if target not in known])
    return [
        f"{source}: column '{column}' looks like the uncertainty of '{target}'; "
        f"data.uncertainty={{{target}: {column}}} weighs each row by it"
        for target, column in found.items()
    ]
