"""Extremely randomised trees: a forest whose splits are drawn at random, often the best on small tables."""

from sklearn.ensemble import ExtraTreesRegressor

from remanence.models.random_forest import RandomForest


class ExtraTrees(RandomForest):
    """Averaged regression trees with random thresholds; arguments as for the random forest."""

    kind = ExtraTreesRegressor
