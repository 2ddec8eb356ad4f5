"""From how many rows on a table needs neither repeated folds nor an ensemble."""

LONG = 20_000
"""Number of rows from which on one test part tells enough, and one network is trained for long enough."""
FEW_FITS = ("data/split=stratified", "ensemble=single")


def many_fits(rows: int, *, folds: int, members: int) -> str | None:
    """Return a line about networks that take long on so many rows, None if there is nothing to say.

    Args:
        rows: rows of the table.
        folds: folds that hold rows out.
        members: networks of each fold.

    >>> many_fits(1_000_000, folds=15, members=5)
    '1000000 rows in 15 folds of 5 networks take long; data/split=stratified ensemble=single trains one'
    """
    if rows < LONG or folds * members == 1:
        return None
    return f"{rows} rows in {folds} folds of {members} networks take long; {' '.join(FEW_FITS)} trains one"
