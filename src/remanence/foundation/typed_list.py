"""Lists of names as they are typed on a command line, with quotes around those that Hydra's grammar reads otherwise."""

import re
from collections.abc import Sequence

PLAIN = re.compile(r"[A-Za-z_][\w./\-]*", re.ASCII)
"""Pattern of text that Hydra's grammar reads as text."""
MEANING = ("null", "true", "false", "nan", "inf")
"""Words that match ``PLAIN`` but that Hydra's grammar reads as other values."""


def double_quoted(text: str) -> str:
    r"""Return a text in double quotes, which the single quotes of a shell leave as they are.

    >>> print(double_quoted('d33 (pC/N)'), double_quoted('5" disc'))
    "d33 (pC/N)" "5\" disc"
    """
    # inside Hydra's quotes a backslash is literal unless it stands before a quote; OmegaConf would resolve ${
    escaped = re.sub(r'(\\*)"', r"\1\1\"", text)
    escaped = re.sub(r"(\\+)$", r"\1\1", escaped).replace("${", "\\${")
    return f'"{escaped}"'


def typed_list(names: Sequence[str]) -> str:
    """Return a list of names as it is typed behind ``data.features=``, without the quotes of the shell.

    >>> print(typed_list(["x", "d33 (pC/N)", "null"]))
    [x,"d33 (pC/N)","null"]
    """
    plain = [PLAIN.fullmatch(name) is not None and name.lower() not in MEANING for name in names]
    return (
        f"[{','.join(name if is_plain else double_quoted(name) for name, is_plain in zip(names, plain, strict=True))}]"
    )


def meant_list(typed: str) -> list[str] | None:
    """Return the names of a list that was typed without quotes; None if it is no list.

    Commas inside brackets and quotes belong to a name.

    >>> meant_list("[x, T sint. (°C),'a, b']")
    ['x', 'T sint. (°C)', 'a, b']
    """
    if not (typed.startswith("[") and typed.endswith("]")):
        return None
    names, depth, quote = [""], 0, ""
    for character in typed[1:-1]:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth <= 0:
            names.append("")
            continue
        names[-1] += character
    stripped = [name.strip() for name in names]
    return [name[1:-1] if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'" else name for name in stripped]
