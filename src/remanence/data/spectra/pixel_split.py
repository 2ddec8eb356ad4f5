"""Ways of holding pixels out, see ``split`` in ``conf/data``; the values and their reasons stand in the YAML."""

from typing import Literal

from remanence.foundation.constraints import Count, Fraction, Seed, node


@node
class PixelSplit:
    """Pixels that are held out."""

    kind: Literal["random", "blocks", "all"]
    test: Fraction
    validation: Fraction
    block: Count
    seed: Seed
