"""What MLflow takes at most."""

PARAMETER_LENGTH = 6000
METRICS_PER_CALL = 1000
RUN_NAME_LENGTH = 250
DIGEST_LENGTH = 32
"""Of the 64 digits of a SHA-256; MLflow takes 36 characters."""
