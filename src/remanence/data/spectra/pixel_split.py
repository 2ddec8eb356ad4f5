"""Options of the ways to hold pixels out; defaults and their reasons are under ``split`` in ``conf/data``."""

from typing import Literal

from remanence.foundation.constraints import Count, Fraction, Seed, node


@node
class PixelSplit:
    """How pixels are held out, see ``pixels.hold_out``."""

    kind: Literal["random", "blocks", "all"]
    test: Fraction
    validation: Fraction
    block: Count
    seed: Seed
