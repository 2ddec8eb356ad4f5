"""Hydra's global state: whoever has initialised Hydra for something else finds it as it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.singleton import Singleton
from hydra.core.utils import JobRuntime
from hydra.version import VersionBase

COMPOSER = (GlobalHydra, JobRuntime, VersionBase)
"""What composing a configuration takes for itself."""
EVERYTHING = (*COMPOSER, HydraConfig)
"""Beside that, the configuration which ``${hydra:…}`` looks into."""


@contextmanager
def as_found(*singletons: type) -> Iterator[None]:
    """Put back global objects of Hydra at the end of the block, also after an error.

    Args:
        singletons: their classes, such as ``COMPOSER``.
    """
    before: dict[type, Any] = {kind: Singleton._instances.get(kind) for kind in singletons}
    contents = {kind: dict(vars(instance)) for kind, instance in before.items() if instance is not None}
    if JobRuntime in contents:  # it is written into, where the others get a new value
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
