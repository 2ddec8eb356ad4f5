"""Mathematics of the field: numpy, torch and numba only; no Lightning, Hydra, MLflow or files."""
