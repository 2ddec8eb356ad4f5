"""The samplers of a sweep by name; this module imports nothing, so that listing them costs nothing."""

SAMPLERS = {
    "auto": "grid where every value is listed and n_trials is not given, else tpe",
    "grid": "every combination of the listed values",
    "tpe": "tree-structured Parzen estimator: proposes near the good trials; the usual choice from ten trials on",
    "gp": "Gaussian process: few, expensive trials of a handful of numbers",
    "cmaes": "covariance matrix adaptation: many trials of numbers; at least two intervals, listed values are random",
    "qmc": "quasi-random points, which cover the space evenly; no trial depends on another",
    "random": "independent random values",
}
"""Values of ``hydra.sweeper.sampler`` to what they do."""
