"""Which columns somebody means a description of a table to use, instead of those that it would choose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from remanence.data.column_names import listed, meant, nearest_column
from remanence.errors import DataError


@dataclass(frozen=True)
class MeantColumns:
    """Columns that a user names; None: the description chooses."""

    targets: Sequence[str] | None = None
    composition: str | None = None
    """Column of formulas; empty: none is read."""
    features: Sequence[str] | None = None
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    """Names that stand for formulas, besides those of the literature."""

    @property
    def names(self) -> list[str]:
        """All columns that are named."""
        return [*(self.targets or ()), *([self.composition] if self.composition else ()), *(self.features or ())]

    def found_in(self, header: Sequence[str], source: str) -> "MeantColumns":
        """Return the same with each name as it stands in the header.

        Raises:
            DataError: if a name can mean no column, or several.
        """

        def column(name: str) -> str:
            found = list(dict.fromkeys(meant(name, header)))
            if len(found) > 1 or header.count(found[0] if found else "") > 1:
                raise DataError(f"{source}: '{name}' can be several columns: {', '.join(found)}")
            if not found:
                raise DataError(f"{source}: no column '{name}' in {listed(header)}{nearest_column(name, header)}")
            return found[0]

        return replace(
            self,
            targets=None if self.targets is None else [column(name) for name in self.targets],
            composition=column(self.composition) if self.composition else self.composition,
            features=None if self.features is None else [column(name) for name in self.features],
        )
