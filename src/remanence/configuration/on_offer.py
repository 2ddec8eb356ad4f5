"""The data sets and models that the package's ``conf`` offers by name."""

from functools import cache
from typing import Any

import yaml

from remanence.configuration.described import Described, describe
from remanence.configuration.folder import conf_folder


@cache
def on_offer(group: str) -> dict[str, Described]:
    """Return the classes that the files of ``conf/<group>`` name, by file name.

    Files without a ``_target_``, which are variants of another file, are left out.

    Args:
        group: ``data`` or ``model``.
    """
    found = {}
    for path in sorted((conf_folder() / group).glob("*.yaml")):
        described = describe(str(read_file(f"{group}/{path.stem}").get("_target_")))
        if described is not None:
            found[path.stem] = described
    return found


def models_for(kind: str) -> list[str]:
    """Return the names in ``conf/model`` of the models that are trained on this kind of data."""
    return [name for name, described in on_offer("model").items() if described.kind == kind]


def read_file(name: str) -> dict[str, Any]:
    """Return the content of a file of ``conf``, such as ``ensemble/single``, without composing it."""
    return dict(yaml.safe_load((conf_folder() / f"{name}.yaml").read_text(encoding="utf-8")) or {})
