"""The life of a tracked run: the one place that decides how it ended."""

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from mlflow.entities import RunTag
from mlflow.exceptions import MlflowException

from remanence.foundation.phases import phase
from remanence.tracking.address import without_secrets
from remanence.tracking.client import ClaimLost, TrackingLost
from remanence.tracking.interruption import Interrupted, interruptible, uninterrupted
from remanence.tracking.patience import tell
from remanence.tracking.phase_tags import phase_tags
from remanence.tracking.record import Record
from remanence.tracking.run import OWNER_TAG, Run
from remanence.training.report import Pruned


@contextmanager
def lifecycle(run: Run) -> Iterator[Run]:
    """Set the status of ``run``: RUNNING inside the block, then FINISHED, FAILED (with ``traceback.txt``) or KILLED.

    Raises:
        TrackingLost: if the run has finished but the server has not received everything; ``run.json`` says FAILED.
        ClaimLost: if another process has taken the run over, which then writes down how it ends.
    """
    try:
        with interruptible():
            owner = _record(run, "RUNNING").owner
            if run.client.created is None:  # a new run says it from its first moment
                run.client.update_run(run.id, status="RUNNING")
                run.client.set_tag(run.id, OWNER_TAG, owner.to_text())
            run.recall()
            yield run
            with phase("tracking"):
                run.log_checkpoints()
                _log_end(run)
                run.client.deliver()  # what MLflow refuses is an error of the run
    except ClaimLost:
        run.client.put_aside()
        raise
    except Pruned:
        with suppress(Exception):
            run.log_checkpoints()
        with suppress(Exception):
            _log_end(run)
        with _telling():
            _finish(run)
        raise
    except SystemExit as interruption:  # a cluster's own handler, which queues the job again, raises one as well
        with uninterrupted():
            by = {"remanence.signal": interruption.signal.name} if isinstance(interruption, Interrupted) else {}
            _stop(run, "KILLED", by)
        with _telling():
            _send_rest(run, 0.0)  # somebody who stops a run does not want to wait for the server
        raise
    except BaseException as error:
        with uninterrupted():
            with suppress(Exception):
                run.log_text(without_secrets(traceback.format_exc()), "traceback.txt")
            _stop(run, "FAILED")
        if not isinstance(error, TrackingLost):  # which is raised only after the client has waited already
            with _telling(), interruptible():
                _send_rest(run)
        raise
    else:
        _finish(run)


def _finish(run: Run) -> None:
    arrived = False
    with uninterrupted():
        try:
            run.client.set_terminated(run.id, status="FINISHED")
            arrived = run.client.deliver()
        finally:
            _record(run, "FINISHED" if arrived else "FAILED")
    if not arrived:
        with interruptible():
            run.client.settle()
        _record(run, "FINISHED")


def _stop(run: Run, status: str, tags: Mapping[str, str] | None = None) -> None:
    """Write down the end of a run that was interrupted or failed, with further tags.

    Errors of MLflow or the disk are ignored here, because the user is told the reason for which the run ended.
    """
    with suppress(Exception), phase("tracking"):
        run.log_checkpoints()
    with suppress(Exception):
        _log_end(run, tags)
    with suppress(Exception):
        run.client.set_terminated(run.id, status=status)
    with suppress(OSError):
        _record(run, status)


def _send_rest(run: Run, patience: float | None = None) -> None:
    """Send what waits at the end of a run that was interrupted or failed, but for what MLflow refuses."""
    while True:
        try:
            run.client.settle(patience)
            return
        except MlflowException:  # the client has dropped it
            continue


def _log_end(run: Run, tags: Mapping[str, str] | None = None) -> None:
    """Log what is known at the end only, its tags in one call."""
    phases = run.phases() if run.profile is None else run.profile.log(run)
    if last := {**(tags or {}), **phase_tags(phases)}:
        run.client.log_batch(run.id, tags=[RunTag(key, value) for key, value in last.items()])


def _record(run: Run, status: str) -> Record:
    record = Record.of_this_process(run.id, status, run.uri)
    record.write(run.folder)
    return record


@contextmanager
def _telling() -> Iterator[None]:
    """Print, instead of raising, that the server has missed something: the run has ended for another reason."""
    try:
        yield
    except (TrackingLost, OSError) as lost:
        tell(str(lost))
