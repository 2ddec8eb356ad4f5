"""A mean with its spread, as tables show it."""


def plus_minus(mean: float, spread: float) -> str:
    """Return a mean with four digits and its spread with two, and with no power of ten where it is 100 and more.

    >>> plus_minus(0.8879, 0.0671), plus_minus(157.08, 113.2), plus_minus(-837.4, 1404.2)
    ('0.8879 ± 0.067', '157.1 ± 113', '-837.4 ± 1404')
    """
    digits = 2 if abs(spread) < 99.5 else 3 if abs(spread) < 999.5 else 4
    return f"{mean:.4g} ± {spread:.{digits}g}"
