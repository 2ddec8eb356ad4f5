"""The interface of a kind of data: the protocols that its parts fulfil, and the object that registers it."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, runtime_checkable

from remanence.configuration.configuration import Configuration

if TYPE_CHECKING:  # a mistake in a configuration is reported without importing torch, Lightning, pandas and MLflow
    import pandas as pd
    from numpy.typing import NDArray
    from pytorch_lightning.loggers.logger import Logger

    from remanence.data.source import Source
    from remanence.studies.card import Cards
    from remanence.tracking.run import Run
    from remanence.training.fitter import Fitter
    from remanence.training.ranks import Ranks
    from remanence.training.report import Report
    from remanence.training.seen_rows import Seen
    from remanence.training.untrained_shapes import Shapes


class Opened(Protocol):
    """Data after reading, checking and splitting."""

    @property
    def sources(self) -> "tuple[Source, ...]":
        """Source of every file that was read, the main one first; each is logged as an MLflow dataset input."""

    @property
    def synthetic(self) -> bool:
        """Whether the data were simulated; tags and titles of runs on such data say so."""

    @property
    def shape(self) -> Mapping[str, Any]:
        """Arguments of a model's constructor that follow from the data, such as the number of inputs."""

    @property
    def flat_shape(self) -> Mapping[str, Any]:
        """Arguments of a baseline's constructor that follow from the data."""


class Data(Protocol):
    """The class that ``data._target_`` of a configuration names: it knows what to read, and reads it."""

    kind: str
    """Name of the kind, or ``module:NAME`` for a kind outside the package."""

    def open(self) -> Opened:
        """Read, check and split the data.

        Raises:
            DataError: for a fault in the data, naming the file and the row, column or HDF5 path.
        """

    def check(self) -> None:
        """Raise what ``open`` would raise; if possible, without reading all data."""


class Fit(Protocol):
    """The result of fitting a model."""

    @property
    def epochs(self) -> int:
        """Number of trained epochs; 0 for a model without a training loop."""


class Scores(Protocol):
    """The scores of a run: its metrics, and the data that ``show`` draws."""

    @property
    def metrics(self) -> dict[str, float]:
        """All final metrics; the name of a baseline's metric begins with ``baseline/<name>/``."""


@runtime_checkable
class SelectedScores(Scores, Protocol):
    """Scores of which a run logs some metrics; the others stand in its tables, and may be objectives."""

    def logged(self, objectives: Collection[str]) -> dict[str, float]:
        """Return the metrics that the run logs, the objectives among them."""


class MakeTrainer(Protocol):
    """A function that makes the trainer of a run, called once it is known where the run is tracked."""

    def __call__(
        self, *, logger: "Logger | None", checkpoints: Path, report: "Report | None" = None
    ) -> "Fitter | None":
        """Return the trainer, or None for a model without a training loop.

        Args:
            logger: logger of the run; None in a process that does not track the run.
            checkpoints: folder of the run's checkpoints.
            report: function that is asked after every epoch whether to stop; if so, ``Pruned`` is raised.
        """


F = TypeVar("F", bound=Fit)
S = TypeVar("S", bound=Scores)


class Study(Protocol[F, S]):
    """Fits, scores, draws and logs the models of a run; made from the opened data and the checked configuration."""

    cfg: Configuration
    """The checked configuration."""

    def make_trainer(self, model: Any, ranks: "Ranks") -> MakeTrainer:
        """Check the options of the training before a run is tracked, and return the function that makes the trainer.

        Args:
            model: untrained model.
            ranks: processes that train together.

        Raises:
            ConfigurationError: if the options ask for something that the model, the data or the trainer cannot do.
        """

    def check_baseline(self, name: str, baseline: Any, model: Any) -> None:
        """Refuse a baseline that cannot be fitted beside the run's own model; called before a run is tracked.

        Args:
            name: name of the baseline.
            baseline: untrained baseline.
            model: untrained model of the run.

        Raises:
            ConfigurationError: if the baseline cannot be fitted, naming ``baselines.<name>``.
        """

    def untrained_shapes(self, model: Any) -> "dict[str, Shapes]":
        """Return the shape of every weight at the start of training, for each checkpoint by its name."""

    def rows_seen(self) -> "dict[tuple[str, str], list[Seen]]":
        """Return the rows that each network sees; a key is a part of the data, such as a table, and its content."""

    def begins(self, resume_from: Path | None) -> bool:
        """Return whether the training has not begun yet, so that it needs initial weights."""

    def fit(self, model: Any, trainer: "Fitter | None", *, resume_from: Path | None = None) -> F:
        """Fit the model of the run."""

    def fit_baseline(self, model: Any, trainer: "Fitter | None") -> F:
        """Fit a baseline to the same data; ``trainer`` is the trainer of the run's own model."""

    def score(self, fitted: F, references: Mapping[str, F]) -> S:
        """Return all final metrics and the data that ``show`` draws.

        Args:
            fitted: fit of the run's own model.
            references: fit of each baseline, by its name.
        """

    def show(self, tracked: "Run", fitted: F, references: Mapping[str, F], scores: S, *, brief: bool) -> None:
        """Log tables and figures; if ``brief``, only those that every run shows."""

    def log_model(self, tracked: "Run", fitted: F) -> None:
        """Log the fitted model once, with inputs and outputs in physical units."""

    def report(self, tracked: "Run", scores: S, baselines: Sequence[str], *, brief: bool) -> None:
        """Print the metrics of the model and its baselines; if ``brief``, one line, as the trials of a sweep do."""


@runtime_checkable
class Matching(Protocol):
    """A ``Study`` whose baselines may depend on what the run's own model has become."""

    def matched(self, baseline: Any, fitted: Any) -> Any:
        """Return an untrained baseline that suits the fit of the run's own model; ``baseline`` itself if it does."""


@runtime_checkable
class FittingBeside(Protocol):
    """A ``Study`` that can fit baselines in another process while this one trains its own model."""

    def fitting_beside(self, baselines: Sequence[Any]) -> AbstractContextManager[None]:
        """Let another process fit those of some baselines that it can; ``fit_baseline`` takes them from there.

        Args:
            baselines: untrained baselines, as ``fit_baseline`` will be given them inside the block.
        """


@runtime_checkable
class Blending(Protocol):
    """A ``Study`` whose model may be a blend of what the run has fitted."""

    def blended(self, fitted: Any, references: Mapping[str, Any]) -> Any:
        """Return the fit of the run, which is ``fitted`` itself where nothing is to be blended.

        Args:
            fitted: fit of the run's own model.
            references: fit of each baseline, by its name.
        """


@runtime_checkable
class Carded(Protocol):
    """A ``Study`` that says of its data and its model what a reader has to know, see ``studies.card``."""

    def cards(self, fitted: Any, references: Mapping[str, Any], scores: Any) -> "Cards":
        """Return the sections of the model card and of the data card.

        Args:
            fitted: fit of the run's own model.
            references: fit of each baseline, by its name.
            scores: what ``score`` has returned.
        """


@runtime_checkable
class Encoding(Protocol):
    """A ``Study`` of data whose rows decide which inputs a network has, so that further rows may give others."""

    def other_inputs(self, described: Mapping[str, Any]) -> str:
        """Return in words which inputs differ from those of a logged model; the text is empty if none does.

        Args:
            described: what the logged model says of itself, see ``tracking.saved_model``.
        """


class Applied(Protocol):
    """A model that a run has logged, loaded for evaluation, prediction and design."""

    @classmethod
    def of(cls, run: "Run") -> Self:
        """Load the model of a run.

        Raises:
            ConfigurationError: if the run logged no model, or the files of the model are missing.
        """

    def evaluate(self, path: str | None, changes: Sequence[str]) -> dict[str, float]:
        """Return the metrics on other data, or on the data that the run held out.

        Metrics of rows that the model was fitted to are called ``train/…``, those of all others ``test/…``.

        Args:
            path: file or folder with other data; None takes the held-out data of the run.
            changes: overrides of ``data`` for reading ``path``, such as ``data.cycle=0``.
        """

    def predict(self, given: "pd.DataFrame | NDArray[Any] | str | Path", changes: Sequence[str]) -> "pd.DataFrame":
        """Return the predictions for each row or pixel, in physical units; ``attrs["units"]`` has the units of columns.

        Args:
            given: data in memory, or the path of a file.
            changes: overrides of ``data`` for reading the file.
        """

    def predict_file(self, source: str, output: str, changes: Sequence[str]) -> int:
        """Write predictions for the file ``source`` to ``output`` and return the number of rows or pixels.

        ``foundation.whole_file`` keeps an earlier file until the new one is complete.
        """

    def design(self, target: str, asked: Mapping[str, str]) -> "pd.DataFrame":
        """Return inputs for which the model predicts a wanted property, best first.

        Args:
            target: wanted property, such as ``d33>200``.
            asked: further keys of the verb and their values, as the user typed them.

        Raises:
            ConfigurationError: if a key, a property or a value means nothing to the model.
        """


@runtime_checkable
class AppliedToSeveral(Protocol):
    """An ``Applied`` that writes the predictions for several files into one output."""

    def predict_files(self, sources: Sequence[str], output: str, changes: Sequence[str]) -> int:
        """Write predictions for all ``sources`` to ``output`` and return the number of rows or pixels."""


@runtime_checkable
class Suggesting(Protocol):
    """An ``Applied`` that says which experiments to make next."""

    def suggest(self, asked: Mapping[str, str]) -> "pd.DataFrame":
        """Return the next experiments with the reasons for each, the most wanted first.

        Args:
            asked: keys of the verb and their values, as the user typed them.
        """

    def backtest(self, asked: Mapping[str, str]) -> "pd.DataFrame":
        """Return how many of the best rows of its own data each way of choosing would have found, and log it.

        Args:
            asked: keys of the verb and their values, as the user typed them.
        """


@runtime_checkable
class Watching(Protocol):
    """An ``Applied`` that takes a file which another process is still writing."""

    def watch(self, source: str, output: str, changes: Sequence[str], *, rotation: float | None = None) -> str:
        """Write predictions for what is added to ``source`` until it is complete, and return how it ended, in words."""


@dataclass(frozen=True)
class Kind:
    """A kind of data, and the parts of the framework that handle it.

    The parts are named as ``module:name``, so that a mistake in a configuration is reported before torch is imported.

    Args:
        name: name of the kind, such as ``table``.
        options: root groups of the configuration that this kind uses; all others must keep their neutral choice.
        study: name of the ``Study`` class, which fits, scores, draws and logs.
        applied: name of the ``Applied`` class, which loads a logged model and applies it.
        beside: names of the kinds whose models can be baselines of a model of this kind.
        compared: metrics that ``compare`` shows of a run. Lower values are better for errors and losses, which
            ``tracking.comparison`` recognises by the endings of their names; for all others, higher values are better.
        side_by_side: name of a function of the sweep's run and its finished runs that draws these runs beside each
            other; None draws no such figure.
        metrics: name of a function of the opened data and the configuration that returns the names of all metrics that
            a run may have, and patterns with ``*``, so that a wrong ``objective`` is refused before anything is
            trained; None finds it out at the end of the first run.
        logged: name of a class whose ``load`` reads a saved model from a folder and whose ``predict`` applies it, so
            that a model can be exported; None exports none.
    """

    name: str
    options: frozenset[str]
    study: str
    applied: str
    beside: frozenset[str] = frozenset()
    compared: tuple[str, ...] = ()
    side_by_side: str | None = None
    metrics: str | None = None
    logged: str | None = None
