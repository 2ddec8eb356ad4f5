"""Building objects from the nodes of a checked configuration."""

from collections.abc import Mapping
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf.errors import OmegaConfBaseException

from remanence.configuration.validate import first_line
from remanence.errors import ConfigurationError, UserError
from remanence.foundation.imports import importing


def build(key: str, node: Mapping[str, Any], **arguments: Any) -> Any:
    """Return the object that ``node['_target_']`` names.

    Args:
        key: key of the node, for messages.
        node: the node, with plain values.
        **arguments: arguments that only the data can tell, such as ``n_features``.

    Raises:
        ConfigurationError: if the class cannot be imported or refuses its arguments.
    """
    try:
        with importing():
            # data.kind is read by the framework and is no argument of the class
            own = {name: value for name, value in node.items() if (key, name) != ("data", "kind")}
            return instantiate(own, **arguments, _convert_="all")
    except (InstantiationException, OmegaConfBaseException) as error:
        cause = error.__cause__ or error
        if isinstance(cause, UserError):
            raise cause from None
        raise ConfigurationError(f"{key}: {type(cause).__name__}: {first_line(cause)}") from error
