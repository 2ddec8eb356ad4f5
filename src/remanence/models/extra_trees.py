"""Extremely randomised trees: a forest with randomly drawn splits, often the best model on small tables."""

from sklearn.ensemble import ExtraTreesRegressor

from remanence.models.forest import Forest


class ExtraTrees(Forest):
    """Mean of regression trees with random thresholds."""

    regressor = ExtraTreesRegressor
