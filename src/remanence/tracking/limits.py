"""Largest lengths and numbers that MLflow accepts, or that we use of them."""

PARAMETER_LENGTH = 6000
METRICS_PER_CALL = 1000
RUN_NAME_LENGTH = 250
DIGEST_LENGTH = 32
"""Digits kept of the 64 digits of a SHA-256; MLflow accepts 36 characters."""
SHORT_ID = 8
"""Digits of the id of a run by which it is shown."""
INPUT_TAG_LENGTH = 500
"""Number of characters of a tag of a dataset input, at most."""
