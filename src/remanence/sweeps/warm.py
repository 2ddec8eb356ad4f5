"""What every trial needs and only the first has to wait for; imported by the server that trials are forked from."""

from importlib import import_module

from remanence.foundation.imports import importing

NEEDED = (
    # by name: a layer above is among them
    "remanence.verbs.train",
    "remanence.studies.run",
    "remanence.sweeps.trial",
    "remanence.training.trainer",
    "mlflow.pyfunc",
    "mlflow.store.artifact.local_artifact_repo",
    "mlflow.store.tracking.sqlalchemy_store",
    "sqlalchemy.dialects.sqlite",
)

with importing():
    for name in NEEDED:
        import_module(name)

    import mlflow
    from mlflow.utils.requirements_utils import warn_dependency_requirement_mismatches

    from remanence.tracking.provenance import environment

    environment()
    # half a second to look at what is installed
    warn_dependency_requirement_mismatches([f"mlflow=={mlflow.__version__}"])
