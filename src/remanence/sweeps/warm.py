"""What every trial needs and only the first has to wait for; imported by the server that trials are forked from."""

from importlib import import_module

from remanence.foundation.imports import importing

with importing():
    import_module("remanence.verbs.train")  # by name: it is a layer above

    import mlflow
    import mlflow.pyfunc
    import mlflow.store.artifact.local_artifact_repo
    import mlflow.store.tracking.sqlalchemy_store
    import sqlalchemy.dialects.sqlite  # noqa: F401  imported to be there
    from mlflow.utils.requirements_utils import warn_dependency_requirement_mismatches

    import remanence.studies.run
    import remanence.sweeps.trial
    import remanence.training.trainer  # noqa: F401  imported to be there
    from remanence.tracking.provenance import environment

    environment()
    # half a second to look at what is installed
    warn_dependency_requirement_mismatches([f"mlflow=={mlflow.__version__}"])
