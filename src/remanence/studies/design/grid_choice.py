"""Reading of a user's choices for the grid of compositions: ``ions=MA,FA,Pb,I,Br step=0.25,X=1/3``."""

from fractions import Fraction

from remanence.errors import ConfigurationError
from remanence.science.nested.ions import IONS, SITE_IONS, SITES


def parse_ions(text: str) -> list[str]:
    """Read a list of ions such as ``MA,FA,Cs,Pb,I,Br``.

    Raises:
        ConfigurationError: if an ion is unknown, or a site has no ion in the list.

    >>> parse_ions("MA, Pb, I")
    ['MA', 'Pb', 'I']
    """
    ions = [ion.strip() for ion in text.split(",")]
    for ion in ions:
        if ion not in IONS:
            raise ConfigurationError(f"ions: unknown ion '{ion}'; known: {', '.join(IONS)}")
    for site in SITES:
        if not set(ions) & set(SITE_IONS[site]):
            raise ConfigurationError(f"ions: none for site {site}; known: {', '.join(SITE_IONS[site])}")
    return ions


def parse_steps(text: str) -> dict[str, int]:
    """Read step sizes such as ``0.25``, ``1/3`` or ``0.25,X=1/3`` as the number of steps from 0 to 1 on each site.

    Raises:
        ConfigurationError: if a site has no step, or a step does not divide 1.

    >>> parse_steps("0.25,X=1/3")
    {'A': 4, 'B': 4, 'X': 3}
    """
    parts: dict[str, int] = {}
    for part in "".join(text.split()).split(","):
        site, _, value = part.rpartition("=")
        try:
            step = float(Fraction(value))
        except (ValueError, ZeroDivisionError):
            step = 0.0
        number = round(1 / step) if 0 < step <= 1 else 0
        if abs(number * step - 1) > 0.02 or site not in ("", *SITES):  # .33 counts as 1/3
            raise ConfigurationError(f"step: expected such as '0.25', '1/3' or '0.25,X=1/3', got '{text}'")
        parts[site] = number
    missing = [site for site in SITES if site not in parts and "" not in parts]
    if missing:
        raise ConfigurationError(f"step: none for site {missing[0]}; expected such as '0.25,X=1/3', got '{text}'")
    return {site: parts.get(site, parts.get("", 1)) for site in SITES}
