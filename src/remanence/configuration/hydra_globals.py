"""Hydra's global state: which version it imitates, and its restoration for a user who has initialised Hydra."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import hydra
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.singleton import Singleton
from hydra.core.utils import JobRuntime
from hydra.version import VersionBase

CURRENT = {"version_base": "1.3"} if hydra.__version__.startswith("1.3.") else {}
"""Arguments with which Hydra imitates no earlier version: 1.3 has to be told so, and 1.4 wants to hear nothing."""
COMPOSER = (GlobalHydra, JobRuntime, VersionBase)
"""Classes of Hydra's global objects that are changed when a configuration is composed."""
EVERYTHING = (*COMPOSER, HydraConfig)
"""``COMPOSER`` and the class that holds the configuration in which ``${hydra:…}`` is resolved."""


@contextmanager
def as_found(*singletons: type) -> Iterator[None]:
    """Restore global objects of Hydra at the end of the block, also after an error.

    Args:
        singletons: classes of the global objects, such as ``COMPOSER``.
    """
    before: dict[type, Any] = {kind: Singleton._instances.get(kind) for kind in singletons}
    contents = {kind: dict(vars(instance)) for kind, instance in before.items() if instance is not None}
    if JobRuntime in contents:  # Hydra changes its ``conf`` in place, so a copy is kept; the others get new values
        contents[JobRuntime]["conf"] = contents[JobRuntime]["conf"].copy()
    try:
        yield
    finally:
        for kind, instance in before.items():
            if instance is None:
                Singleton._instances.pop(kind, None)
                continue
            instance.__dict__.clear()
            instance.__dict__.update(contents[kind])
            Singleton._instances[kind] = instance
