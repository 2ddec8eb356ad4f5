"""remanence: tracked, composable, reproducible machine learning for functional materials."""

__version__ = "0.1.0"
