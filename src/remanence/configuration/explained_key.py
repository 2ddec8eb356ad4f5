"""Everything that is known of one key of a composed configuration: meaning, type, default, value and who gives it."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from remanence.configuration.allowed_values import allowed_words
from remanence.configuration.composed_files import Composed, Setting
from remanence.configuration.folder import conf_folder
from remanence.configuration.hydra_globals import EVERYTHING, as_found
from remanence.configuration.key_schema import NOTHING, KeySchema, key_schema, schema_keys
from remanence.configuration.keys import known_keys
from remanence.configuration.on_offer import on_offer
from remanence.configuration.units_of_keys import unit_of
from remanence.configuration.validate import nearest
from remanence.configuration.yaml_comments import key_comments
from remanence.errors import ConfigurationError
from remanence.foundation.first_few import first_few
from remanence.tracking.later_keys import ABSENT, get
from remanence.tracking.parameters import flatten

MISSING = "???"
"""What a YAML says of a key that must be given."""


@dataclass(frozen=True)
class ExplainedKey:
    """A key that holds a value."""

    key: str
    meaning: str
    comment: str
    """What the file that sets it first says beside it, where the class says what it means."""
    value: Any
    """The value now; ``MISSING`` if it must be given."""
    written: Any
    """The value as it is written, with references such as ``${seed}``."""
    default: Any
    """``NOTHING`` if there is none, ``MISSING`` if it must be given."""
    allowed: str
    unit: str
    settings: Sequence[Setting]
    """Who sets it, in order; the last one gives the value, and there is none where only the class has the key."""


def explain_key(key: str, composed: Composed) -> ExplainedKey:
    """Explain a key that holds a value.

    Raises:
        ConfigurationError: if the composition has no such key; the error names the nearest one.
    """
    plain = plain_values(composed)
    schema, settings = key_schema(key, plain), composed.settings(key)
    written = get(plain, key.split("."))
    if written is ABSENT and schema is None:
        raise ConfigurationError(f"explain: {_unknown(key, plain)}")
    schema = schema or KeySchema()
    said = next((setting.comment for setting in settings if setting.comment), "")
    said = said or ("" if schema.documentation else _said_elsewhere(key, composed))
    meaning = schema.documentation.replace("``", "").removesuffix(".")
    first = settings[0].value if settings else NOTHING
    return ExplainedKey(
        key=key,
        meaning=meaning or said,
        comment=said if meaning else "",
        value=schema.default if written is ABSENT else _resolved(composed, key, written),
        written=schema.default if written is ABSENT else written,
        default=first if schema.default is NOTHING else schema.default,
        allowed=allowed_words(schema.annotation),
        unit=unit_of(key, f"{said} {meaning}"),
        settings=settings,
    )


def _said_elsewhere(key: str, composed: Composed) -> str:
    """Return the comment beside the node above a key, or beside a key of the same name in another file of its group."""
    group, *path = key.split(".")
    for end in range(len(path) - 1, 0, -1):
        above = ".".join([group, *path[:end]])
        if beside := next((setting.comment for setting in composed.settings(above) if setting.comment), ""):
            return beside
    comments = [
        key_comments(file.read_text(encoding="utf-8")) for file in sorted((conf_folder() / group).rglob("*.yaml"))
    ]
    tails = (".".join(path[start:end]) for end in range(len(path), 0, -1) for start in range(end))
    return next((said[tail] for tail in tails for said in comments if tail in said), "")


def plain_values(composed: Composed) -> dict[str, Any]:
    """Return the composed configuration as plain values, references unresolved, with ``hydra.sweeper`` of ``hydra``."""
    values: dict[str, Any] = OmegaConf.to_container(composed.cfg, resolve=False)  # type: ignore[assignment]
    return values | {"hydra": {"sweeper": values["hydra"]["sweeper"]}}


def _resolved(composed: Composed, key: str, written: Any) -> Any:
    """Return a value with its references resolved, as far as they can be before data are opened."""
    if written == MISSING:
        return written
    with as_found(*EVERYTHING), suppress(OmegaConfBaseException):
        HydraConfig.instance().set_config(composed.cfg)
        value = OmegaConf.select(composed.cfg, key)
        return OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
    return written


def _unknown(key: str, plain: Mapping[str, Any]) -> str:
    group, _, name = key.partition(".")
    if group in ("model", "data") and (
        having := [
            each
            for each, described in on_offer(group).items()
            if name.split(".")[0] in described.schema.__annotations__
        ]
    ):
        return f"{key}: not in this composition, but with {group}={first_few(having[:4], of=len(having))}"
    there = [found for found, _ in flatten(plain)]
    nodes = {found.rpartition(".")[0] for found in there}
    known = [*there, *filter(None, nodes), *schema_keys(plain)]
    return f"unknown key '{key}'{nearest(key, known) or nearest(key, known_keys(key)) or _heads(plain)}"


def _heads(plain: Mapping[str, Any]) -> str:
    return f"; the configuration has: {', '.join(plain)}"


def typed(value: Any) -> str:
    """Return a value as it is typed on a command line, without quotes around plain text.

    >>> typed([64, "a"]), typed(None), typed(True), typed("${seed}")
    ('[64,a]', 'null', 'true', '${seed}')
    """
    if isinstance(value, bool) or value is None:
        return str(value).lower().replace("none", "null")
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{name}: {typed(each)}" for name, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(map(typed, value)) + "]"
    return re.sub(r"\s+", " ", str(value))
