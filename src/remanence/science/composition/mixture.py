"""Solid solutions of end members, and the formulas that they are written as."""

from collections.abc import Mapping, Sequence

from remanence.science.composition.composition import Composition, Part, summed
from remanence.science.composition.parse import NONE, parse_formula
from remanence.science.composition.write import write_mixture


def mix(end_members: Sequence[str], fractions: Sequence[float], abbreviations: Mapping[str, str] = NONE) -> Composition:
    """Return the solid solution of end members; its ``text`` is the formula, which ``parse_formula`` reads back.

    Args:
        end_members: formulas or names.
        fractions: formula units of each, not negative; an end member of fraction 0 is not in the text.
        abbreviations: further names, as in ``parse_formula``.

    Raises:
        FormulaError: if an end member cannot be read.
        ValueError: if there are not as many fractions as end members, or none is positive.

    >>> mix(["Na0.5Bi0.5TiO3", "BaTiO3"], [0.94, 0.06]).text
    '0.94Na0.5Bi0.5TiO3-0.06BaTiO3'
    """
    read = [parse_formula(member, abbreviations) for member in end_members]
    if len(read) != len(fractions) or min(fractions, default=-1.0) < 0 or max(fractions) <= 0:
        raise ValueError(
            f"expected a fraction of at least 0 for each of {len(read)} end members, got {list(fractions)}"
        )
    weighted = list(zip(map(float, fractions), read, strict=True))
    amounts = summed((weight, member.amounts) for weight, member in weighted)
    parts = tuple(
        Part(weight * part.fraction, part.amounts, part.text)
        for weight, member in weighted
        if weight
        for part in member.parts
    )
    written: dict[str, float] = {}
    for weight, member in weighted:
        written[member.text] = written.get(member.text, 0.0) + weight
    text = write_mixture(written)
    return Composition({symbol: round(amount, 10) for symbol, amount in amounts.items()}, parts, text)
