"""The unit of a key, as far as its name or its description says it."""

import re

NAMES = {
    r"seconds$|^tracking\.patience$|_delay_s$": "s",
    r"epochs$|^callbacks\.patience$": "epochs",
    r"timeout_min$": "min",
}
"""Pattern of a key, to the unit in which its value is."""
_SAID = re.compile(
    r"(?:\bin |\bby \d[\d.]* |\()"
    r"((?:k|M|G|m|µ|n|p)?(?:V|Hz|s|eV|rad|m|nat|K|°C|mol%|GB)(?:/\w+)?|seconds|pixels|steps|epochs)(?=[\s,;:.)]|$)"
)


def unit_of(key: str, said: str) -> str:
    """Return the unit of the value of a key; an empty string if nothing says it.

    >>> unit_of("callbacks.checkpoint_seconds", ""), unit_of("data.noise", "standard deviation in kHz; 0: none")
    ('s', 'kHz')
    """
    named = next((unit for pattern, unit in NAMES.items() if re.search(pattern, key)), "")
    found = _SAID.search(said)
    return named or (found.group(1) if found else "")
