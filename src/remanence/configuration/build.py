"""Building objects from the nodes of a checked configuration."""

from collections.abc import Mapping
from typing import Any

from remanence.errors import ConfigurationError, UserError
from remanence.foundation.first_line import first_line
from remanence.foundation.imports import importing
from remanence.foundation.trust import check_targets, import_target


def build(key: str, node: Mapping[str, Any], **arguments: Any) -> Any:
    """Return the object that ``node['_target_']`` names; a node inside that has a ``_target_`` becomes an object, too.

    Hydra's ``instantiate`` is not used, because it resolves interpolations, those that are escaped included, and a
    stored configuration is data from somebody else.

    Args:
        key: key of the node, for messages.
        node: the node, with plain values.
        **arguments: arguments that only the data can tell, such as ``n_features``.

    Raises:
        ConfigurationError: if the class may not be imported, cannot be imported, or refuses its arguments.
    """
    # data.kind is read by the framework and is no argument of the class
    own = {name: value for name, value in node.items() if (key, name) != ("data", "kind")}
    check_targets(key, own)
    with importing():
        return _built(key, {**own, **arguments})


def _built(key: str, node: Any) -> Any:
    if isinstance(node, list | tuple):
        return [_built(f"{key}[{place}]", value) for place, value in enumerate(node)]
    if not isinstance(node, Mapping):
        return node
    arguments = {name: _built(f"{key}.{name}", value) for name, value in node.items() if name != "_target_"}
    if "_target_" not in node:
        return arguments
    made_by = import_target(f"{key}._target_", node["_target_"])
    try:
        return made_by(**arguments)
    except UserError:
        raise
    except Exception as error:  # a user's own class may raise anything
        raise ConfigurationError(f"{key}: {type(error).__name__}: {first_line(error)}") from error
