"""What the other processes of a training need; imported by the server that they are forked from."""

from importlib import import_module

from remanence.foundation.imports import importing

with importing():
    for name in ("remanence.studies.run", "remanence.training.trainer"):  # by name: a layer above is among them
        import_module(name)
