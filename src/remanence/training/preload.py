"""Imports that the other processes of a training need; the server that forks them imports this module."""

from importlib import import_module

from remanence.foundation.imports import importing

with importing():
    for name in ("remanence.studies.run", "remanence.training.trainer"):  # by name, because studies are a layer above
        import_module(name)
