"""What every trial needs and only the first has to wait for; imported by the server that trials are forked from."""

import mlflow.pyfunc
import mlflow.store.artifact.local_artifact_repo
import mlflow.store.tracking.sqlalchemy_store
import sqlalchemy.dialects.sqlite  # noqa: F401
from mlflow.utils.requirements_utils import warn_dependency_requirement_mismatches

from remanence.tracking.provenance import environment

environment()
warn_dependency_requirement_mismatches([f"mlflow=={mlflow.__version__}"])  # a second to look at what is installed
