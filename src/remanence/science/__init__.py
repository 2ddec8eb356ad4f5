"""Mathematics of the field: numpy and torch only; no Lightning, Hydra, MLflow or files."""
