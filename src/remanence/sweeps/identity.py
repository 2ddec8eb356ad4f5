"""The identity of a sweep: its search space and every fixed value; sweeps of one name must have the same identity."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from remanence.errors import ChangedFile, ConfigurationError
from remanence.sweeps.space import Space
from remanence.tracking.later_keys import without
from remanence.tracking.parameters import PLACE_KEYS, complete_parameters, config_hash, flatten

if TYPE_CHECKING:  # imports pandas, see ``plan``
    from remanence.data.source import Source

SHA = "SHA-256"
"""Beginning of what an identity says of a file."""
RUN_SEED = "${seed}"
"""The seed of simulated data in ``conf/data``, unless the user gives a number."""


@dataclass(frozen=True)
class Identity:
    """Search space and fixed configuration of a sweep, as plain text."""

    space: dict[str, str]
    """Key to its search as typed."""
    fixed: dict[str, str]
    """Every other key of the configuration to its value, and anything else that decides the results."""

    @classmethod
    def of(cls, space: Space, cfg: Mapping[str, Any], *, beside: Mapping[str, str]) -> "Identity":
        """Return the identity of a search.

        Args:
            space: search space.
            cfg: configuration that all trials share, unresolved, so that references to searched keys stay references.
            beside: anything else that decides the results: the sampler and its options, and the content of data files.
        """
        fixed = {
            key: str(value)
            for key, value in flatten(without(_with_seeds_of_data(space, cfg)))
            if key.partition(".")[0] not in PLACE_KEYS and key not in space.texts
        }
        return cls(dict(space.texts), fixed | dict(beside))

    @property
    def digest(self) -> str:
        """Hash of six hexadecimal digits, which sweeps with the same identity share."""
        return config_hash(asdict(self))[:6]

    def to_dict(self) -> dict[str, dict[str, str]]:
        """Return plain values."""
        return asdict(self)

    def check(self, stored: "Identity", name: str) -> None:
        """Compare this identity with that of an existing study.

        Args:
            stored: identity of the existing study.
            name: name of both studies.

        Raises:
            ConfigurationError: if the identities differ; the message shows both values of up to four keys.
        """
        # both are completed by the keys that were added after the study, so that each difference shows two values
        before, now = (complete_parameters(each.fixed) | each.space for each in (stored, self))
        searched = {*stored.space, *self.space}
        differences = [
            f"{key}: {before.get(key, 'None')} there, {now.get(key, 'None')} here"
            for key in sorted({*before, *now}, key=lambda key: (key not in searched, key))
            if before.get(key, "None") != now.get(key, "None")  # a missing key equals None
        ]
        if differences:
            more = f"; and {len(differences) - 4} more" if len(differences) > 4 else ""
            raise ConfigurationError(
                f"sweep.name: the sweep '{name}' searches something else ({'; '.join(differences[:4])}{more}); "
                "give another name, or the same search"
            )

    def check_files(self, sources: "Iterable[Source]") -> None:
        """Refuse files of the user's that have changed since the sweep began.

        Args:
            sources: sources of the data that a trial has read.

        Raises:
            ChangedFile: if the content of a file is none that the sweep began with.
        """
        for source in sources:
            then, now = self.fixed.get(source.name), short(source.digest)
            if source.kind == "local" and then is not None and then.startswith(SHA) and now not in then:
                raise ChangedFile(
                    f"{source.location}: has changed since the sweep began ({then} there, {SHA} {now} now); "
                    "bring the file back, and the same command goes on"
                )


def short(digest: str) -> str:
    """Return the beginning of a digest, as an identity has it."""
    return f"{digest[:12]}…"


def _with_seeds_of_data(space: Space, cfg: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a configuration in which data that are drawn with the run's seed say its number, if all trials share it.

    A sweep from before data were drawn with the run's seed, or one that gives the number, is then the same.
    """
    if "seed" in space.texts:
        return cfg
    return {**cfg, "data": {key: cfg["seed"] if value == RUN_SEED else value for key, value in cfg["data"].items()}}
