"""The results of a finished sweep on its parent run: all trials, the best ones, the history, and the runs."""

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
import pandas as pd
import yaml
from mlflow.entities import Run as MlflowRun
from mlflow.entities import RunTag
from optuna.study import Study

from remanence.figures.history import plot_history
from remanence.foundation.names import key_names
from remanence.studies.fork_links import NOTE_TAG
from remanence.sweeps.note import sweep_note
from remanence.sweeps.outcomes import PAGE
from remanence.sweeps.page import study_page
from remanence.sweeps.repeats import log_repeats
from remanence.sweeps.trial_table import best_trials, count_outcomes, trial_table
from remanence.tracking.compared_run import ComparedRun
from remanence.tracking.parameters import complete_parameters
from remanence.tracking.run import Run
from remanence.tracking.search import tracked_runs
from remanence.tracking.stored_runs import stored_runs

MAX_PANELS = 8
BEST_RUN_TAG = "remanence.best.run"
"""Tag of a sweep's parent run with the id of its best run."""


def summarise(
    parent: Run,
    study: Study,
    draw: Callable[[Run, list[MlflowRun]], None] | None = None,
    deleted: Collection[str] = (),
) -> None:
    """Log a study and its runs on the parent run of the sweep.

    These are logged about the study: tables of the trials and, for several objectives, of the Pareto front;
    ``search_space.yaml``; ``figures/history`` and ``figures/sweep.html``; metrics ``trials/<outcome>`` and
    ``best/<objective>``; and a single best trial as tags ``remanence.best.<key>``. Tags are used because parameters of
    a run could not change when the sweep goes on.

    About the runs, one table is logged, and a figure that shows up to ``MAX_PANELS`` runs side by side; of a sweep over
    ``seed`` also a table and a figure of what its metrics are over the seeds, see ``repeats``.

    Args:
        parent: parent run of the sweep.
        study: Optuna's study.
        draw: function of the kind of data that draws runs side by side; None leaves this figure out.
        deleted: ids of deleted runs, see ``deleted_runs``; what is called best has a run that exists.
    """
    trials = _log_study(parent, study, deleted)
    runs = finished_runs(parent)
    if not runs:
        return
    rows = [
        {
            "run": run.info.run_name,
            **complete_parameters(run.data.params),
            **run.data.metrics,
            "id": run.info.run_id,
        }
        for run in runs
    ]
    parent.log_table(pd.DataFrame(rows), "runs")
    log_repeats(parent, study, runs)
    if draw is not None and 1 < len(runs) <= MAX_PANELS:
        draw(parent, [parent.client.get_run(run.info.run_id) for run in runs])
    _log_note(parent, trials, directions_of(study))


def _log_note(parent: Run, trials: pd.DataFrame, directions: Mapping[str, str]) -> None:
    tags = parent.found.data.tags
    told = sweep_note(
        trials,
        directions,
        run_id=parent.id,
        command=tags.get("mlflow.source.name", ""),
        figures=parent.figures,
    )
    parent.client.set_tag(parent.id, NOTE_TAG, told)


def directions_of(study: Study) -> dict[str, str]:
    """Return objective to ``minimize`` or ``maximize``."""
    return dict(zip(study.user_attrs["objective"], (d.name.lower() for d in study.directions), strict=True))


def finished_runs(parent: Run) -> list[ComparedRun]:
    """Return the runs of a sweep that trained to their end, the oldest first, with those whose results it reused."""
    # a long sweep is read in a few queries; MLflow takes a minute for thousands of runs
    stored = stored_runs(parent.database.tracking_uri, parent.id)
    found: Sequence[ComparedRun] = tracked_runs(parent.client, parent.id) if stored is None else stored
    return [run for run in found if run.info.status == "FINISHED" and "remanence.outcome" not in run.data.tags]


def _log_study(parent: Run, study: Study, deleted: Collection[str]) -> pd.DataFrame:
    """Log what is known of the study, and return the table of its trials."""
    trials, best = trial_table(study), best_trials(study, deleted)
    directions = directions_of(study)
    parent.log_table(_readable(trials), "trials")
    parent.log_text(yaml.safe_dump(study.user_attrs["space"], sort_keys=False, allow_unicode=True), "search_space.yaml")
    parent.log_text(study_page(study, deleted), PAGE)
    metrics = {f"trials/{outcome}": float(count) for outcome, count in count_outcomes(study).items()}
    if best:
        valued = trials[trials["outcome"].isin(["ok", "skipped"]) & ~trials["run"].isin(list(deleted))]
        for name, direction in directions.items():
            values = valued[name].to_numpy(dtype=np.float64)
            metrics[f"best/{name}"] = float(values.min() if direction == "minimize" else values.max())
        figure, _ = plot_history(trials, directions, title=study.study_name)
        parent.log_figure(figure, "history")
    parent.log_metrics(metrics)
    if len(directions) > 1:
        parent.log_table(_readable(trials[trials["number"].isin([trial.number for trial in best])]), "pareto_front")
    elif best:
        names = key_names([BEST_RUN_TAG, *(f"remanence.best.{key}" for key in best[0].params)])
        tags = [RunTag(names[f"remanence.best.{key}"], str(value)) for key, value in best[0].params.items()]
        tags.append(RunTag(BEST_RUN_TAG, str(best[0].user_attrs.get("run"))))
        parent.client.log_batch(parent.id, tags=tags)
    return trials


def _readable(trials: pd.DataFrame) -> pd.DataFrame:
    """Return the table with empty text in place of missing values."""
    return trials.astype(object).where(trials.notna(), "")
