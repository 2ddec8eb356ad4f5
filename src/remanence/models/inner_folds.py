"""Folds inside the training rows, with which a baseline chooses its hyperparameters."""

from sklearn.model_selection import KFold

from remanence.errors import ConfigurationError


def inner_folds(rows: int, *, folds: int, seed: int) -> KFold:
    """Return the splitter that divides ``rows`` training rows into shuffled folds.

    Raises:
        ConfigurationError: if there are fewer rows than folds.
    """
    if rows < folds:
        raise ConfigurationError(f"folds: a search on {folds} folds needs {folds} training rows, but there are {rows}")
    return KFold(folds, shuffle=True, random_state=seed)
