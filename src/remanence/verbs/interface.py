"""The verbs as Python functions: they take the same overrides and return objects and DataFrames, see ``remanence``."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

from remanence.configuration.arguments import as_text, quote_verbatim, search_override, split
from remanence.configuration.build import build
from remanence.configuration.compose import compose
from remanence.configuration.configuration import Configuration
from remanence.configuration.folder import conf_folder
from remanence.configuration.hydra_globals import CURRENT
from remanence.configuration.messages import explain
from remanence.errors import ConfigurationError
from remanence.foundation.trust import read_targets, trusting
from remanence.studies.kinds import checked
from remanence.training.launcher import launched_rank
from remanence.verbs.repeat import check_repeated, seed_list
from remanence.verbs.train import Work, refuse_trial, resume_or_fork
from remanence.verbs.two_runs import compare_runs as compare_runs
from remanence.verbs.undisturbed import undisturbed

if TYPE_CHECKING:  # these imports take seconds, and mistakes in the arguments are reported without them
    import pandas as pd
    from numpy.typing import NDArray

    from remanence.reproduction.exported_model import ExportedModel
    from remanence.studies.kind import Data, Opened
    from remanence.sweeps.conduct import Conducted
    from remanence.tracking.run import Run
    from remanence.verbs.finished_sweep import FinishedSweep
    from remanence.verbs.tracked_run import TrackedRun


def train(experiment: str | None = None, *overrides: str) -> "TrackedRun":
    """Train, test and log a model, and return its run.

    Args:
        experiment: name of a file in ``conf/experiment``, such as ``piezo/ns``; None or "" for no experiment.
        *overrides: overrides as on the command line, such as ``trainer.max_epochs=50``; ``resume=<run>`` resumes an
            interrupted run, and ``fork=<run>`` starts from the weights of another run.

    Raises:
        ConfigurationError: if the configuration is wrong, before anything is tracked; the error names the key.
        DataError: if the data are wrong, before anything is tracked; the error names the file.
        KeyboardInterrupt: on Ctrl-C; the run is KILLED and can be resumed.
    """
    arguments = _arguments("train", experiment, overrides)
    begun: list[Run] = []
    with undisturbed(["remanence", "train", *arguments]):
        cfg = None if _enters_a_run(arguments) else _composed("train", arguments)
        from remanence.studies.run import train as train_configured
        from remanence.verbs.process_state import process_as_found
        from remanence.verbs.progress import progress

        with process_as_found(), progress(experiment or "run") as show:

            def began(run: "Run") -> None:
                begun.append(run)
                if show is not None:
                    run.on_epoch = show(run.config["trainer"]["max_epochs"])

            if cfg is None:
                resume_or_fork(arguments, began)
            else:
                train_configured(cfg, began=began)
    from remanence.verbs.tracked_run import TrackedRun

    allowed = cfg.allowed_targets if cfg else read_targets(dict(map(split, arguments)).get("allowed_targets"))
    return TrackedRun(begun[0].beside(begun[0].id), allowed)


def sweep(
    experiment: str | None = None,
    search: Mapping[str, Iterable[Any] | str] | None = None,
    *overrides: str,
    n_jobs: int = 1,
    n_trials: int | None = None,
    name: str | None = None,
) -> "FinishedSweep":
    """Try several values of some keys, each combination in its own run, like ``train -m``.

    Trials that have ended under the same name are not repeated: after an interruption, the same call goes on.

    Args:
        experiment: name of a file in ``conf/experiment``, see ``train``.
        search: key to a list of values, or to a search in Hydra's grammar, such as ``tag(log,interval(1e-4,1e-2))``.
        *overrides: overrides as on the command line; ``sweep=piezo/bayes`` uses a file of ``conf/sweep``.
        n_jobs: number of trials that run at the same time; if more than one, each trial runs in its own process.
        n_trials: number of trials in the whole study, over all restarts; None for every combination of listed values.
        name: name of the study; None makes a name from the search.

    Raises:
        ConfigurationError: if a configuration is wrong, before the first trial; the error names the key.
        DataError: if the data are wrong, before the first trial; the error names the file.
        RuntimeError: at the end, if no trial has a result, or if failures have stopped the sweep.
    """
    searched = [search_override(key, values) for key, values in (search or {}).items()]
    given = {"n_jobs": None if n_jobs == 1 else n_jobs, "hydra.sweeper.n_trials": n_trials, "sweep.name": name}
    options = [f"{key}={as_text(value)}" for key, value in given.items() if value is not None]
    arguments = _arguments("sweep", experiment, [*searched, *overrides, *options])
    if _enters_a_run(arguments):
        raise ConfigurationError("sweep: resume= and fork= are of one run; train() takes them")
    with undisturbed(["remanence", "train", "-m", *arguments]):
        from remanence.verbs.process_state import process_as_found

        with process_as_found():
            conducted = _conduct(arguments, Work(is_quiet=True))
    from remanence.verbs.finished_sweep import FinishedSweep

    return FinishedSweep(conducted)


def repeat(
    experiment: str | None = None,
    seeds: int | str | Iterable[int] = 10,
    *overrides: str,
    search: Mapping[str, Iterable[Any] | str] | None = None,
    n_jobs: int = 1,
    name: str | None = None,
) -> "FinishedSweep":
    """Train the same configuration under several seeds, like the verb ``repeat``; ``repeats`` of the result is a table.

    Args:
        experiment: name of a file in ``conf/experiment``, see ``train``.
        seeds: number of seeds, counted from 0; ``"10..19"``; or the seeds themselves.
        *overrides: overrides as on the command line.
        search: further keys to their values, each of which is repeated under every seed.
        n_jobs: number of runs at a time, see ``sweep``.
        name: name of the study, see ``sweep``.

    Raises:
        ConfigurationError, DataError, RuntimeError: as ``sweep``.
    """
    check_repeated(overrides)
    return sweep(experiment, {**(search or {}), "seed": seed_list(seeds)}, *overrides, n_jobs=n_jobs, name=name)


def load(run: str, *, uri: str | None = None, allowed_targets: Sequence[str] = ()) -> "TrackedRun":
    """Return a run that was tracked before.

    Args:
        run: id of the run, at least the first six digits of its id, its name, or the address of a registered model
            (``models:/<name>@<alias>``).
        uri: address of the database of runs; None takes the default database.
        allowed_targets: prefixes of names beyond the package, such as ``["mylab."]``, that the run may import: those of
            your own models and kinds of data.

    Raises:
        ConfigurationError: if there is no such run, or if the ids of several runs begin with these digits.
    """
    from remanence.tracking.open_run import open_run
    from remanence.verbs.process_state import logging_as_found
    from remanence.verbs.tracked_run import TrackedRun

    with logging_as_found():
        return TrackedRun(open_run(run, uri, aside=True), _several(allowed_targets))


def load_exported(folder: str | Path, *, allowed_targets: Sequence[str] = ()) -> "ExportedModel":
    """Return a model that ``TrackedRun.export`` or the verb ``export`` has written; neither MLflow nor a run is needed.

    Args:
        folder: the folder.
        allowed_targets: prefixes of names beyond the package that the model may import, see ``load``.

    Raises:
        ConfigurationError: if the folder holds no exported model, or names a class that may not be imported.
        DamagedFile: if a file in it is damaged.
    """
    from remanence.reproduction.exported_model import load_exported as read_exported

    return read_exported(folder, _several(allowed_targets))


def runs(wanted: str | None = None, *, uri: str | None = None) -> "pd.DataFrame":
    """Return a table of runs, the oldest first: name, state, data, sweep, parameters that differ, metrics and id.

    Args:
        wanted: an experiment (``piezo``), a configuration (``piezo/ns``), or a sweep (name or id); None for all runs.
        uri: address of the database of runs; None takes the default database.

    Raises:
        ConfigurationError: if there is no database, or if there are no such runs.
    """
    from remanence.tracking.comparison import run_table
    from remanence.verbs.compare import found_runs
    from remanence.verbs.process_state import logging_as_found

    with logging_as_found():
        return run_table(found_runs(wanted, uri, aside=True)[0])


def compare(wanted: str, *, uri: str | None = None) -> "pd.DataFrame":
    """Return the table of the verb ``compare``: the parameters that differ, test metrics, and the best baseline.

    Args:
        wanted: an experiment (``piezo``), a configuration (``piezo/ns``), or a sweep (name or id).
        uri: address of the database of runs; None takes the default database.

    Raises:
        ConfigurationError: if there are no such runs.
    """
    from remanence.tracking.comparison import comparison_table
    from remanence.verbs.compare import found_runs
    from remanence.verbs.process_state import logging_as_found

    with logging_as_found():
        return comparison_table(found_runs(wanted, uri, aside=True)[0])


def open_data(experiment: str | None = None, *overrides: str) -> "Opened":
    """Return the data as a training would see them.

    The attributes of the result depend on the kind of data:

    - a table has ``frame``, whose ``attrs["units"]`` holds the units of its columns;
    - a chain of scales has ``rows``, a table for each scale;
    - spectra have ``values`` of shape (pixels, steps, channels) in physical units, with NaN in masked pixels, and
      ``axis``, ``channels`` and ``side``.

    All kinds have ``folds``: the rows or pixels for training, validation and test.

    Args:
        experiment: name of a file in ``conf/experiment``, see ``train``.
        *overrides: overrides as on the command line.

    Raises:
        ConfigurationError: if the configuration is wrong; the error names the key.
        DataError: if the data are wrong; the error names the file and the row, column or HDF5 path.
    """
    arguments = _arguments("open_data", experiment, overrides)
    if _enters_a_run(arguments):
        raise ConfigurationError("open_data: resume= and fork= are of a run; load(<run>).config names its data")
    with undisturbed():
        cfg = _composed("open_data", arguments)
        from remanence.verbs.process_state import process_as_found

        with process_as_found(), trusting(cfg.allowed_targets):
            reader: Data = build("data", cfg.data)
            opened = reader.open()
            described = getattr(opened, "described", None)  # some kinds of data have a form that is easier to read
            return cast("Opened", described()) if described is not None else opened


def predict(
    run: "str | TrackedRun",
    given: "pd.DataFrame | NDArray[Any] | str | Path",
    *,
    allowed_targets: Sequence[str] = (),
    **changes: Any,
) -> "pd.DataFrame":
    """Return the predictions of a run's model for each row or pixel, see ``TrackedRun.predict`` and ``load``."""
    return _tracked(run, allowed_targets).predict(given, **changes)


def evaluate(
    run: "str | TrackedRun", path: str | Path | None = None, *, allowed_targets: Sequence[str] = (), **changes: Any
) -> "pd.DataFrame":
    """Return metrics of a run's model on other data, or on the data it held out, see ``TrackedRun.evaluate``."""
    return _tracked(run, allowed_targets).evaluate(path, **changes)


def design(
    run: "str | TrackedRun", target: str, *, allowed_targets: Sequence[str] = (), **asked: Any
) -> "pd.DataFrame":
    """Return inputs for which a run's model predicts a property, see ``TrackedRun.design``."""
    return _tracked(run, allowed_targets).design(target, **asked)


def suggest(run: "str | TrackedRun", *, allowed_targets: Sequence[str] = (), **asked: Any) -> "pd.DataFrame":
    """Return the next experiments of a run on a table, or a backtest, see ``TrackedRun.suggest``."""
    return _tracked(run, allowed_targets).suggest(**asked)


def _tracked(run: "str | TrackedRun", allowed_targets: Sequence[str]) -> "TrackedRun":
    return load(run, allowed_targets=allowed_targets) if isinstance(run, str) else run


def _several(prefixes: str | Sequence[str]) -> list[str]:
    return [prefixes] if isinstance(prefixes, str) else list(prefixes)


def _arguments(verb: str, experiment: str | None, overrides: Sequence[str]) -> list[str]:
    """Return the arguments of the equivalent command line.

    Args:
        verb: name of the function, for messages.
        experiment: name of an experiment, or an override.
        overrides: overrides as on the command line.

    Raises:
        ConfigurationError: if an argument is not an override, or if torchrun or srun started this process.
    """
    first = [] if not experiment else [experiment if "=" in experiment else f"experiment={experiment}"]
    arguments = [*first, *overrides]
    for argument in arguments:
        if not isinstance(argument, str) or argument.startswith("-"):
            raise ConfigurationError(f"{verb}: expected overrides such as 'trainer.max_epochs=50', got {argument!r}")
    refuse_trial(arguments)
    if launched_rank() is not None:
        raise ConfigurationError(
            f"{verb}: torchrun and srun start several processes; use the command remanence train, or trainer.devices="
        )
    return arguments


def _enters_a_run(arguments: Sequence[str]) -> bool:
    given = dict(map(split, arguments))
    return given.get("resume") is not None or given.get("fork") not in (None, "null")


def _composed(verb: str, arguments: Sequence[str]) -> Configuration:
    """Return the checked configuration of one run."""
    for argument in arguments:
        try:
            (parsed,) = OverridesParser.create().parse_overrides(quote_verbatim([argument]))
        except HydraException as error:
            raise explain(error, conf_folder()) from error
        if parsed.is_sweep_override():
            raise ConfigurationError(f"{verb}: {argument}: several values; sweep() tries each of them")
    cfg = compose(quote_verbatim(list(arguments)))
    if (search := HydraConfig.get().runtime.choices.get("sweep")) not in (None, "null"):
        raise ConfigurationError(f"{verb}: sweep={search} is a search of several runs; sweep() takes it")
    return checked(cfg)


def _conduct(arguments: Sequence[str], work: Any) -> "Conducted":
    """Let Hydra run the sweeper that the configuration names."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(conf_folder()), job_name="remanence", **CURRENT):
        hydra = GlobalHydra.instance().hydra
        assert hydra is not None  # just initialised
        try:
            conducted = hydra.multirun(
                config_name="train",
                task_function=work.job,
                overrides=quote_verbatim(list(arguments)),
                with_log_configuration=False,
            )
        except Exception as error:
            raise explain(error, conf_folder()) from error
    return cast("Conducted", conducted)
