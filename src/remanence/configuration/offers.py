"""Everything that a user can choose by name, in the words in which users ask for it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from remanence.configuration.folder import conf_folder
from remanence.configuration.groups import choices_of_groups
from remanence.configuration.samplers import SAMPLERS

SAMPLER = "hydra.sweeper.sampler"
BELOW = {
    "data/split": "how rows of a table are held out",
    "hydra/launcher": "where the trials of a sweep run",
    "model/head": "what a scale of a chain predicts with",
    "model/scale": "one scale of a chain, for models of one's own",
}
"""Groups that ``conf/train.yaml`` does not choose, to what they are."""
_DEFAULT = re.compile(r"^  - (?:override )?([\w/]+): \S+ +# (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Offer:
    """What a group, or a key with names for values, has to choose from."""

    group: str
    """As it is typed before ``=``, such as ``data/split``."""
    about: str
    choices: Mapping[str, str]
    """Name to description."""

    @property
    def title(self) -> str:
        """Name in the plural, by which users ask for it, such as ``splits``."""
        last = re.split(r"[/.]", self.group)[-1]
        return last if last.endswith(("s", "data", "ing")) else f"{last}s"


def offers(folders: Iterable[Path]) -> list[Offer]:
    """Return what the folders of choices offer, the groups of ``conf/train.yaml`` in its order first.

    Args:
        folders: see ``search_path.conf_folders``.
    """
    about = dict(_DEFAULT.findall((conf_folder() / "train.yaml").read_text(encoding="utf-8"))) | BELOW
    first = ["experiment", *(name for name in about if name not in ("experiment", *BELOW))]
    groups = choices_of_groups(folders)
    found = [
        Offer(group, about.get(group, ""), {choice.name: choice.about for choice in groups[group]})
        for group in sorted(groups, key=lambda group: (group not in first, first.index(group) if group in first else 0))
    ]
    return [*found, Offer(SAMPLER, "which trials a sweep proposes", SAMPLERS)]


def asked_offer(word: str, offered: Iterable[Offer]) -> Offer | None:
    """Return the offer that a word means, in the singular or plural; None if there is none.

    >>> asked_offer("splits", [Offer("data/split", "", {})]).group
    'data/split'
    """
    wanted = word.lower()
    for offer in offered:
        last = re.split(r"[/.]", offer.group)[-1]
        names = {offer.group, offer.title, last, last.rpartition("_")[2]}
        if wanted in names or wanted.removesuffix("s") in names:
            return offer
    return None
