"""Published data sets: fetched once, pinned to a commit and a SHA-256, kept in the user's cache."""

import os
from dataclasses import dataclass
from pathlib import Path

from remanence.errors import DataError


@dataclass(frozen=True)
class Published:
    """One file of a public repository."""

    repository: str
    commit: str
    path: str
    sha256: str
    licence: str
    about: str

    @property
    def url(self) -> str:
        """Address of the file at its pinned commit."""
        return f"https://raw.githubusercontent.com/{self.repository}/{self.commit}/{self.path}"


PUBLISHED = {
    "piezo/knn_d33_train.csv": Published(
        repository="tusaryan/Piezoelectrics-AI-Discovery-Lab",
        commit="95c15e8463e16a4abb460832c91d7ae6e54a01e8",
        path="backend/debug_data/processed_train_data_d33.csv",
        sha256="84b1defd8c8ec3eb03d0e20ec4c2ab4f26dced034c0f7f0f94a103b551dab4ac",
        licence="MIT, uncurated",
        about="204 KNN-based ceramics: element fractions and averages, d33 in pC/N",
    ),
}
"""Name in the cache to where it is published."""


def cache() -> Path:
    """Return the folder of fetched files: ``REMANENCE_DATA_DIR``, by default the user's cache folder."""
    import pooch

    return Path(os.environ.get("REMANENCE_DATA_DIR") or pooch.os_cache("remanence"))


def fetch(name: str) -> Path:
    """Return the local copy of a published file; the network is used only if there is none with the right content.

    Raises:
        DataError: if the name is unknown or the file cannot be fetched.
    """
    import pooch

    if name not in PUBLISHED:
        raise DataError(f"data.published: unknown file '{name}'; known: {', '.join(PUBLISHED)}")
    entry = PUBLISHED[name]
    target = cache() / name
    try:
        found = pooch.retrieve(entry.url, f"sha256:{entry.sha256}", fname=target.name, path=target.parent)
    except Exception as error:  # pooch passes on what requests, urllib or the disk raise
        raise DataError(
            f"{name}: not in {cache()} and could not be fetched from {entry.url} ({type(error).__name__}); "
            f"put the file there, or give data.path=<file>"
        ) from error
    return Path(found)
