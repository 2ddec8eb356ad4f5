"""Extremely randomised trees: a forest whose splits are drawn at random, often the best on small tables."""

from sklearn.ensemble import ExtraTreesRegressor

from remanence.models.forest import Forest


class ExtraTrees(Forest):
    """Averaged regression trees with random thresholds."""

    regressor = ExtraTreesRegressor
