"""MLflow: the life of a run, what it leaves behind, and how it is found again."""

import os

# before mlflow is imported anywhere, and unless the user asks for them: no telemetry, no bar for each small file
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
