"""A tracked run in Python: its metrics, tables and figures, and its model, which can be applied."""

import base64
import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from remanence.configuration.arguments import as_text
from remanence.configuration.validate import nearest
from remanence.data.declared_units import units_of
from remanence.errors import ConfigurationError
from remanence.foundation.trust import trusting
from remanence.reproduction.exported_model import export_model
from remanence.studies.kind import Suggesting
from remanence.studies.kinds import apply
from remanence.tracking.artifact import logged_path
from remanence.tracking.comparison import outcome
from remanence.tracking.parameters import CLAIM
from remanence.tracking.run import Run
from remanence.verbs.asked_text import asked_text
from remanence.verbs.process_state import process_as_found
from remanence.verbs.undisturbed import undisturbed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from remanence.studies.kind import Applied

READERS: dict[str, Callable[[Path], pd.DataFrame]] = {".csv": pd.read_csv, ".parquet": pd.read_parquet}
DESCRIBED = "model/data/remanence_model/model.json"
"""What a logged model says of itself, in the folder of the run; see ``tracking.saved_model``."""
HEADLINES = ("test/r2", "test/rmse", "test/mae", "test/mse", "test/active_units", "val/mse")
"""Metrics for the ``repr`` of a run, which shows the first two of them that the run has."""


class Figures(list[Path]):
    """A list of paths of figures; a notebook shows the figures."""

    def named(self, *names: str) -> "Figures":
        """Return those with these names, such as ``parity_d33``, as far as the run has them."""
        return Figures(path for name in names for path in self if path.stem == name)

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
    """The results of a run at the time when this object was created; ``load`` returns a new, current object.

    Args:
        run: run as found in its database.
        allowed_targets: prefixes of names beyond the package that the run may import.
    """

    def __init__(self, run: Run, allowed_targets: Sequence[str] = ()) -> None:
        self._run, self._allowed = run, tuple(allowed_targets)
        self._applied: Applied | None = None

    @property
    def id(self) -> str:
        """Id of the run in MLflow."""
        return self._run.id

    @property
    def name(self) -> str:
        """Name of the run in MLflow."""
        return self._run.name

    @property
    def status(self) -> str:
        """FINISHED, FAILED, KILLED or RUNNING, or PRUNED if a sweep has stopped the run."""
        return outcome(self._run.found)

    @property
    def metrics(self) -> dict[str, float]:
        """The last value of each metric."""
        return dict(self._run.found.data.metrics)

    @property
    def parameters(self) -> dict[str, str]:
        """Dotted key to value as text, as MLflow shows them; ``config`` holds the values in their own types."""
        return {key: value for key, value in self._run.found.data.params.items() if not key.startswith(CLAIM)}

    @property
    def tags(self) -> dict[str, str]:
        """Further facts about the run: data, versions, commit, command line."""
        return dict(self._run.found.data.tags)

    @property
    def config(self) -> dict[str, Any]:
        """Configuration that the run was started with, plain values.

        Raises:
            ConfigurationError: if the run has no configuration, because it is a sweep or not written by remanence.
        """
        return copy.deepcopy(self._run.config)

    @property
    def folder(self) -> Path:
        """Folder of the run's files on the machine that made the run; it may not exist on this machine."""
        return self._run.folder

    @property
    def figures(self) -> Figures:
        """Paths of the run's figures; a notebook shows the figures."""
        return Figures(self._files("figures"))

    @property
    def tables(self) -> list[str]:
        """Names of the run's tables."""
        return sorted(self._tables())

    def table(self, name: str) -> pd.DataFrame:
        """Return a table; ``attrs["units"]`` holds the units of its columns, as far as the run's data declare them.

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
        """Return the model's predictions for each row or pixel, in the physical units that ``attrs["units"]`` names.

        For a table, the result has each target and the ends of its interval (``d33``, ``d33_low`` and ``d33_high``),
        with the index of the given rows and, if they have one, their column ``id``. For spectra, the result has
        ``valid``, ``mse``, the position in the map of a scan, and the latents. The verb ``predict`` writes
        reconstructions as well.

        Args:
            given: a table or its path; or spectra of shape (n, steps, channels) or the path of a scan.
            **changes: keys of ``data`` for reading a scan, such as ``cycle=0``.

        Raises:
            ConfigurationError: if the run logged no model.
            DataError: if the given data do not fit the model.
        """
        with undisturbed(), process_as_found(), trusting(self._allowed):
            return self._apply().predict(given, _overrides(changes))

    def evaluate(self, path: str | Path | None = None, **changes: Any) -> pd.DataFrame:
        """Return the metrics of the run's model on other data, in the columns ``metric`` and ``value``.

        ``train/…`` are those of rows that the model was fitted to, ``test/…`` those of all other rows; a row that
        cross-validation held out is predicted by the models that did not see it.

        Args:
            path: path of a table with features and targets, or of a scan; None takes the data that the run held out.
            **changes: keys of ``data`` for reading a scan, such as ``cycle=0``.

        Raises:
            ConfigurationError: if the run logged no model.
            DataError: if the data do not fit the model, or the run's own data have changed.
        """
        with undisturbed(), process_as_found(), trusting(self._allowed):
            metrics = self._apply().evaluate(None if path is None else str(path), _overrides(changes))
        return pd.DataFrame({"metric": list(metrics), "value": list(metrics.values())})

    def design(self, target: str, **asked: Any) -> pd.DataFrame:
        """Return inputs for which the run's model predicts a property, best first, with units in ``attrs["units"]``.

        Args:
            target: wanted property, such as ``d33>200`` or ``d33=max``.
            **asked: further keys: for a table ``over``, ``given``, ``constraint``, ``candidates`` and ``constraints``;
                for a chain ``constraints``, ``ions`` and ``step``. A mapping stands for what is typed, such as
                ``over={"x": (0, 0.25), "Process": ["NS", "QS"]}`` for ``over="x=0:0.25,Process=[NS,QS]"``.

        Raises:
            ConfigurationError: for a key or property that the run does not have, or an unreadable value.
            DataError: if the run's own data are gone or have changed; they decide what counts as extrapolated.
        """
        with undisturbed(), process_as_found(), trusting(self._allowed):
            found = self._apply().design(target, {key: asked_text(value) for key, value in asked.items()})
        found.attrs.setdefault("units", self._units(found))
        return found

    def suggest(self, *, backtest: bool = False, **asked: Any) -> pd.DataFrame:
        """Return the next experiments, the most wanted first, with units in ``attrs["units"]``.

        Args:
            backtest: whether to play the choice on the run's own rows instead, see ``studies.suggest.replay``.
            **asked: keys of the verb: ``over``, ``given``, ``constraint`` and ``candidates`` say what may be made, as
                for ``design``; ``target`` what it is made for; ``n`` how many; ``pending`` what is being made; ``cost``
                and ``acquisition`` how they are chosen. A mapping stands for what is typed, as for ``design``.

        Raises:
            ConfigurationError: for a key that the run does not have, an unreadable value, or a run that is not on a
                table.
            DataError: if the run's own data are gone or have changed, or a table does not suit the model.
        """
        given = {key: asked_text(value) for key, value in asked.items()}
        with undisturbed(), process_as_found(), trusting(self._allowed):
            applied = self._apply()
            if not isinstance(applied, Suggesting):
                raise ConfigurationError(f"suggest: run {self.id} suggests no experiments; runs on one table do")
            found = applied.backtest(given) if backtest else applied.suggest(given)
        found.attrs.setdefault("units", self._units(found))
        return found

    def export(self, folder: str | Path) -> Path:
        """Write the run's model into a new or empty folder, from which ``load_exported`` loads it without MLflow.

        The folder appears whole or not at all. It holds weights, plain descriptions and a README with the lines that
        load the model.

        Raises:
            ConfigurationError: if the run logged no model, or the folder is not empty.
        """
        with undisturbed(), process_as_found(), trusting(self._allowed):
            import mlflow

            mlflow.set_tracking_uri(self._run.database.tracking_uri)
            return export_model(self._run, folder)

    def __repr__(self) -> str:
        """Return name, configuration, state, the first two metrics of ``HEADLINES``, and the id of the run."""
        config = self.tags.get("remanence.config", "")
        shown = [f"{key} {self.metrics[key]:.4g}" for key in HEADLINES if key in self.metrics][:2]
        return f"<{', '.join(filter(None, [f'run {self.name}', config, self.status, *shown, self.id]))}>"

    def _apply(self) -> "Applied":
        if self._applied is None:
            import mlflow

            mlflow.set_tracking_uri(self._run.database.tracking_uri)  # ``process_as_found`` restores the address
            self._applied = apply(self._run)
        return self._applied

    def _units(self, table: pd.DataFrame) -> dict[str, str]:
        """Return column to unit, as far as the run's data declare units; a sweep has no data of its own.

        Units that stood behind the names in the file are known to the logged model.
        """
        with suppress(ConfigurationError):
            declared = dict(_declared(self._run.config.get("data")))
            return units_of(table.columns, self._units_of_model() | declared)
        return {}

    def _units_of_model(self) -> dict[str, str]:
        with suppress(OSError, ValueError):  # no model, or none of a table
            described = json.loads((self.folder / DESCRIBED).read_text(encoding="utf-8"))
            return dict(_declared(described.get("columns")))
        return {}

    def _files(self, folder: str) -> list[Path]:
        """Return the files in a folder of the run; they are downloaded if the folder is not on this machine."""
        here = self.folder / folder
        if not here.is_dir():
            if folder not in [entry.path for entry in self._run.client.list_artifacts(self.id)]:
                return []
            here = logged_path(self._run.client, self.id, folder)
        return sorted(path for path in here.rglob("*") if path.is_file())

    def _tables(self) -> dict[str, Path]:
        return {path.stem: path for path in self._files("tables") if path.suffix in READERS}


def _overrides(changes: Mapping[str, Any]) -> list[str]:
    """Return keys of ``data`` as overrides of a command line."""
    return [f"data.{key}={as_text(value)}" for key, value in changes.items()]


def _declared(node: Any) -> Iterator[tuple[str, str]]:
    """Yield column and unit from every ``units`` in a configuration of data; a chain has one for each table."""
    if not isinstance(node, Mapping):
        return
    for key, value in node.items():
        if key == "units" and isinstance(value, Mapping):
            yield from value.items()
        else:
            yield from _declared(value)
