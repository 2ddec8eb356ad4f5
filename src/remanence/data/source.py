"""Where rows or spectra came from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from remanence.data.table_file import digest_of


@dataclass(frozen=True)
class Source:
    """Where rows or spectra came from; a run logs it as an MLflow dataset input."""

    name: str
    location: str
    digest: str
    kind: str
    """``local`` for a file, ``simulated`` for rows made by the package."""

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """Return the source of a file, with the digest of its content."""
        return cls(path.name, str(path.absolute()), digest_of(path), "local")
