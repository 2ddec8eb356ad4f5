"""A tracked run as Python sees it: its numbers, tables and figures, and its model to be applied."""

import base64
import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from remanence.configuration.arguments import as_text
from remanence.configuration.validate import nearest
from remanence.data.declared_units import units_of
from remanence.errors import ConfigurationError
from remanence.studies.kinds import apply
from remanence.tracking.comparison import outcome
from remanence.tracking.run import Run
from remanence.verbs.process_state import process_as_found
from remanence.verbs.undisturbed import undisturbed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from remanence.studies.kind import Applied

READERS: dict[str, Callable[[Path], pd.DataFrame]] = {".csv": pd.read_csv, ".parquet": pd.read_parquet}
HEADLINES = ("test/r2", "test/rmse", "test/mae", "test/mse", "test/active_units", "val/mse")
"""Metrics of which the first two that a run has stand in its representation."""


class Figures(list[Path]):
    """Paths of figures, which a notebook shows as pictures."""

    def _repr_html_(self) -> str:
        shown = []
        for path in self:
            if path.suffix == ".png":
                picture = base64.b64encode(path.read_bytes()).decode()
                name = escape(path.stem)
                image = f'<img alt="{name}" style="max-width: 100%" src="data:image/png;base64,{picture}">'
                shown.append(f"<figure><figcaption>{name}</figcaption>{image}</figure>")
        return "\n".join(shown)


class TrackedRun:
    """What a run has left, as it was when this object was made; ``load`` looks again.

    Args:
        run: found in its database.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._applied: Applied | None = None

    @property
    def id(self) -> str:
        """Its id in MLflow."""
        return self._run.id

    @property
    def name(self) -> str:
        """Its name in MLflow."""
        return self._run.name

    @property
    def status(self) -> str:
        """FINISHED, FAILED, KILLED, RUNNING, or PRUNED by a sweep."""
        return outcome(self._run.found)

    @property
    def metrics(self) -> dict[str, float]:
        """The last value of each metric."""
        return dict(self._run.found.data.metrics)

    @property
    def parameters(self) -> dict[str, str]:
        """Dotted key to value, as MLflow shows them; ``config`` has the values themselves."""
        return dict(self._run.found.data.params)

    @property
    def tags(self) -> dict[str, str]:
        """What is known beside: data, versions, commit, command line."""
        return dict(self._run.found.data.tags)

    @property
    def config(self) -> dict[str, Any]:
        """What it was started with, plain values.

        Raises:
            ConfigurationError: if it has none, because it is a sweep or was not written by remanence.
        """
        return copy.deepcopy(self._run.config)

    @property
    def folder(self) -> Path:
        """Where its files are, or would be on the machine that made it."""
        return self._run.folder

    @property
    def figures(self) -> Figures:
        """Paths of its figures; a notebook shows the pictures."""
        return Figures(self._files("figures"))

    @property
    def tables(self) -> list[str]:
        """Names of its tables."""
        return sorted(self._tables())

    def table(self, name: str) -> pd.DataFrame:
        """Return a table; ``attrs["units"]`` has the units of its columns, as far as its data declared them.

        Raises:
            ConfigurationError: if the run has no such table.
        """
        known = self._tables()
        if name not in known:
            hint = nearest(name, known) or f"; it has: {', '.join(sorted(known)) or 'none'}"
            raise ConfigurationError(f"table: run {self.id} has no table '{name}'{hint}")
        table = READERS[known[name].suffix](known[name])
        table.attrs["units"] = self._units(table)
        return table

    def predict(self, given: "pd.DataFrame | NDArray[Any] | str | Path", **changes: Any) -> pd.DataFrame:
        """Return what its model makes of each row or pixel, in physical units, which ``attrs["units"]`` names.

        Of a table: each target and the ends of its interval, ``d33``, ``d33_low`` and ``d33_high``, under the index of
        the rows and behind their column ``id``, where they have one. Of spectra: ``valid``, ``mse``, the place in the
        map of a scan, and the latents. The verb ``predict`` writes reconstructions as well.

        Args:
            given: a table in memory or the path of one; spectra (n, steps, channels) or the path of a scan.
            **changes: keys of ``data`` for reading a scan, such as ``cycle=0``.

        Raises:
            ConfigurationError: if the run logged no model.
            DataError: if what is given does not fit the model.
        """
        with undisturbed(), process_as_found():
            return self._apply().predict(given, _overrides(changes))

    def evaluate(self, path: str | Path | None = None, **changes: Any) -> pd.DataFrame:
        """Return the columns ``metric`` and ``value`` for a file or folder, by default for what the run held out.

        Args:
            path: a table with features and targets, or a scan.
            **changes: keys of ``data`` for reading a scan, such as ``cycle=0``.

        Raises:
            ConfigurationError: if the run logged no model, or held every row out in turn.
            DataError: if the data do not fit, or the run's own have changed.
        """
        with undisturbed(), process_as_found():
            metrics = self._apply().evaluate(None if path is None else str(path), _overrides(changes))
        return pd.DataFrame({"metric": list(metrics), "value": list(metrics.values())})

    def design(self, target: str, **asked: Any) -> pd.DataFrame:
        """Return inputs for which its model promises a property, best first; ``attrs["units"]`` of the columns.

        Args:
            target: such as ``d33>200`` or ``d33=max``.
            **asked: of a table ``over="x=0:0.25"``; of a chain ``constraints``, ``ions`` and ``step``.

        Raises:
            ConfigurationError: for a key or property that the run does not have, or an unreadable value.
            DataError: if the run's own data, which say what is extrapolated, are gone or have changed.
        """
        with undisturbed(), process_as_found():
            found = self._apply().design(target, {key: str(value) for key, value in asked.items()})
        found.attrs.setdefault("units", self._units(found))
        return found

    def __repr__(self) -> str:
        """Return name, state, the numbers that count, and the id."""
        config = self.tags.get("remanence.config", "")
        shown = [f"{key} {self.metrics[key]:.4g}" for key in HEADLINES if key in self.metrics][:2]
        return f"<{', '.join(filter(None, [f'run {self.name}', config, self.status, *shown, self.id]))}>"

    def _apply(self) -> "Applied":
        if self._applied is None:
            import mlflow

            mlflow.set_tracking_uri(self._run.database.tracking_uri)  # which is put back
            self._applied = apply(self._run)
        return self._applied

    def _units(self, table: pd.DataFrame) -> dict[str, str]:
        """Return the units of columns, as far as its data declared them; a sweep has no data of its own."""
        with suppress(ConfigurationError):
            return units_of(table.columns, dict(_declared(self._run.config.get("data"))))
        return {}

    def _files(self, folder: str) -> list[Path]:
        """Return the files of a folder of the run, from the artifacts where they are not here."""
        here = self.folder / folder
        if not here.is_dir():
            if folder not in [entry.path for entry in self._run.client.list_artifacts(self.id)]:
                return []
            here = Path(self._run.client.download_artifacts(self.id, folder))
        return sorted(path for path in here.rglob("*") if path.is_file())

    def _tables(self) -> dict[str, Path]:
        return {path.stem: path for path in self._files("tables") if path.suffix in READERS}


def _overrides(changes: Mapping[str, Any]) -> list[str]:
    """Return keys of ``data`` as a command line has them."""
    return [f"data.{key}={as_text(value)}" for key, value in changes.items()]


def _declared(node: Any) -> Iterator[tuple[str, str]]:
    """Yield column and unit of all ``units`` in a configuration of data: a chain has some for each of its tables."""
    if not isinstance(node, Mapping):
        return
    for key, value in node.items():
        if key == "units" and isinstance(value, Mapping):
            yield from value.items()
        else:
            yield from _declared(value)
