"""MLflow: the life of a run, what it leaves behind, and how it is found again."""

import os

# before mlflow is imported anywhere: no telemetry unless the user asks for it
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
