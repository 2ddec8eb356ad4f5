"""Imports that every trial needs; the fork server of the trials imports this module, so only the first trial waits."""

from importlib import import_module

from remanence.foundation.imports import importing

with importing():
    import_module("remanence.verbs.train")  # imported by name, because it is in a higher layer

    import mlflow.pyfunc
    import mlflow.store.artifact.local_artifact_repo
    import mlflow.store.tracking.sqlalchemy_store  # noqa: F401  imported in advance for the trials
    import sqlalchemy.dialects.sqlite  # noqa: F401

    import remanence.studies.run
    import remanence.sweeps.trial
    import remanence.tracking.saved_figure
    import remanence.training.meeting
    import remanence.training.trainer  # noqa: F401  imported in advance for the trials
    from remanence.tracking.provenance import environment

    environment()
