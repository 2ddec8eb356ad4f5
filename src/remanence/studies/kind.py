"""What a kind of data is to the framework: the protocols that it fulfils, and the object that introduces it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from remanence.configuration.configuration import Configuration

if TYPE_CHECKING:  # a mistake in a configuration is answered without torch, Lightning, pandas and MLflow
    import pandas as pd
    from numpy.typing import NDArray
    from pytorch_lightning.loggers.logger import Logger

    from remanence.data.source import Source
    from remanence.tracking.run import Run
    from remanence.training.fitter import Fitter
    from remanence.training.ranks import Ranks
    from remanence.training.report import Report
    from remanence.training.seen_rows import Seen
    from remanence.training.untrained_shapes import Shapes


class Opened(Protocol):
    """Data that were read, checked and split."""

    @property
    def sources(self) -> "tuple[Source, ...]":
        """Every file read, the main one first; a dataset input of MLflow for each."""

    @property
    def synthetic(self) -> bool:
        """Whether the data were simulated; such runs are marked in tags and titles."""

    @property
    def shape(self) -> Mapping[str, Any]:
        """What only the data can tell a model: further arguments of its constructor."""

    @property
    def flat_shape(self) -> Mapping[str, Any]:
        """What only the data can tell a baseline."""


class Data(Protocol):
    """What ``data._target_`` of a configuration names: it says what is read, and reads it."""

    kind: str
    """Name of the kind, or ``module:NAME`` of one's own."""

    def open(self) -> Opened:
        """Read, check and split the data.

        Raises:
            DataError: naming the file and the row, column or HDF5 path.
        """

    def check(self) -> None:
        """Raise what ``open`` would raise, sooner where that is possible."""


class Fit(Protocol):
    """What fitting a model leaves."""

    @property
    def epochs(self) -> int:
        """Epochs trained; 0 without a training loop."""


class Scores(Protocol):
    """What is known once everything is fitted: the metrics, and whatever ``show`` draws from."""

    @property
    def metrics(self) -> dict[str, float]:
        """All final metrics; those of a baseline under ``baseline/<name>/``."""


class MakeTrainer(Protocol):
    """Makes the trainer of a run once it is known where the run is tracked."""

    def __call__(
        self, *, logger: "Logger | None", checkpoints: Path, report: "Report | None" = None
    ) -> "Fitter | None":
        """Return the trainer; None for a model without a training loop.

        Args:
            logger: of the run; None for a process that does not track it.
            checkpoints: folder of the run's.
            report: asked after every epoch whether to stop; ``Pruned`` is raised then.
        """


F = TypeVar("F", bound=Fit)
S = TypeVar("S", bound=Scores)


class Study(Protocol[F, S]):
    """What a run asks of its data; made of the opened data and the checked configuration."""

    cfg: Configuration
    """The checked configuration."""

    def make_trainer(self, model: Any, ranks: "Ranks") -> MakeTrainer:
        """Check what a training asks for, before anything is tracked, and return what makes its trainer.

        Args:
            model: untrained.
            ranks: the processes that train together.

        Raises:
            ConfigurationError: for what such a model, such data or such a trainer cannot do.
        """

    def check_baseline(self, name: str, baseline: Any, model: Any) -> None:
        """Refuse, before anything is tracked, a model that cannot be fitted beside the run's own.

        Args:
            name: of the baseline.
            baseline: untrained.
            model: of the run, untrained.

        Raises:
            ConfigurationError: naming ``baselines.<name>``.
        """

    def untrained_shapes(self, model: Any) -> "dict[str, Shapes]":
        """Return the shape of every weight that a training begins with, by the name of its checkpoint."""

    def rows_seen(self) -> "dict[tuple[str, str], list[Seen]]":
        """Return which rows each network sees, by the part of the data that they stand in and its content."""

    def begins(self, resume_from: Path | None) -> bool:
        """Return whether a training is still to begin, so that weights to begin with are needed."""

    def fit(self, model: Any, trainer: "Fitter | None", *, resume_from: Path | None = None) -> F:
        """Fit the model of the run."""

    def fit_baseline(self, model: Any, trainer: "Fitter | None") -> F:
        """Fit a model that stands beside it to the same data; ``trainer`` is that of the run's own model."""

    def score(self, fitted: F, references: Mapping[str, F]) -> S:
        """Return all final metrics and what ``show`` needs.

        Args:
            fitted: of the run's own model.
            references: name of a baseline to its fit.
        """

    def show(self, tracked: "Run", fitted: F, references: Mapping[str, F], scores: S, *, brief: bool) -> None:
        """Log tables and figures; ``brief``: the least that every run shows."""

    def log_model(self, tracked: "Run", fitted: F) -> None:
        """Log the model once, so that it takes and gives physical units."""

    def report(self, tracked: "Run", scores: S, baselines: Sequence[str], *, brief: bool) -> None:
        """Print the model beside its baselines; ``brief``: one line, as for the trials of a sweep."""


class Applied(Protocol):
    """The model that a run has logged, loaded to be applied."""

    @classmethod
    def of(cls, run: "Run") -> Self:
        """Load the model of a run.

        Raises:
            ConfigurationError: if it logged none, or its files are gone.
        """

    def evaluate(self, path: str | None, changes: Sequence[str]) -> dict[str, float]:
        """Return the metrics on other data; None takes what the run itself held out.

        Args:
            path: a file or folder.
            changes: overrides of ``data`` for reading it, such as ``data.cycle=0``.
        """

    def predict(self, given: "pd.DataFrame | NDArray[Any] | str | Path", changes: Sequence[str]) -> "pd.DataFrame":
        """Return what the model makes of each row or pixel, in physical units; ``attrs["units"]`` of columns.

        Args:
            given: data in memory, or the path of a file.
            changes: overrides of ``data`` for reading the file.
        """

    def predict_file(self, source: str, output: str, changes: Sequence[str]) -> int:
        """Write predictions for a file and return how many rows or pixels there are."""

    def design(self, target: str, asked: Mapping[str, str]) -> "pd.DataFrame":
        """Return inputs for which the model promises a property, best first.

        Args:
            target: such as ``d33>200``.
            asked: further keys of the verb and their values, as typed.

        Raises:
            ConfigurationError: for a key, a property or a value that the model does not have.
        """


@dataclass(frozen=True)
class Kind:
    """A kind of data. What belongs to it is named, ``module:name``, so that a mistake is answered before torch loads.

    Args:
        name: such as ``table``.
        options: root groups of the configuration that mean something to it; others must keep their neutral choice.
        study: what fits, scores, draws and logs; a ``Study``.
        applied: a loaded model; an ``Applied``.
        beside: kinds whose models can stand beside a model of this one, as baselines.
        compared: metrics that ``compare`` shows of a run; the lower is the better one of errors and losses, by the ends
            of their names in ``tracking.comparison``, else the higher.
        side_by_side: a function of the run of a sweep and its finished runs that draws these beside each other; None
            leaves it out.
    """

    name: str
    options: frozenset[str]
    study: str
    applied: str
    beside: frozenset[str] = frozenset()
    compared: tuple[str, ...] = ()
    side_by_side: str | None = None
