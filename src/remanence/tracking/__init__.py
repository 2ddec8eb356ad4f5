"""MLflow: how a run is recorded, what the run leaves behind, and how the run is found again."""

import os

# MLflow reads these variables when it is imported, so they are set here, before that. Unless the user asks for them,
# there is no telemetry, no progress bar for each file, and no printed link.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
# By default MLflow retries a call for four minutes, and the training stands still meanwhile. We let it give up sooner:
# what could not be sent waits on the disk, see client.py.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "1")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "60")
