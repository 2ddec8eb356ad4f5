"""The claim on a run: only one process at a time may write it, wherever the others are.

A process that works on a run says so in a tag of the run, again and again. Who takes a run over that another process
has left first writes a parameter with the next number: MLflow lets nobody change a parameter, in a database as behind a
server, so that of several processes only one succeeds.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from mlflow import MlflowClient
from mlflow.entities import Run as MlflowRun
from mlflow.exceptions import MlflowException

from remanence.errors import ConfigurationError
from remanence.tracking.beating import beating
from remanence.tracking.client import ClaimLost, RunClient
from remanence.tracking.clock import now_at
from remanence.tracking.parameters import CLAIM
from remanence.tracking.patience import PAUSE, is_away, patiently
from remanence.tracking.process import Owner
from remanence.tracking.record import read_record
from remanence.tracking.run import OWNER_TAG, Run

CLAIM_TAG = "remanence.claim"
"""Tag with the claim on a run, see ``Claim.to_text``."""
FREE = "free"
BEAT = 15.0
"""Seconds after which a process says again that it works on a run."""
SILENCE = 60.0
"""Seconds after which a process of another machine that says nothing counts as dead."""


class StillRunning(ConfigurationError):  # noqa: N818  the name says what is the matter
    """Another process works on the run."""


@dataclass(frozen=True)
class Claim:
    """What a run says about the process that works on it."""

    number: int
    """How often the run has been taken over."""
    heard: float
    """When the process was last heard of, by the clock of the database."""
    owner: Owner | None
    """The process; None if it has ended in order."""

    @classmethod
    def from_text(cls, text: str) -> "Claim | None":
        """Return the claim that a text of ``to_text`` describes; None for any other text."""
        with suppress(ValueError):
            number, heard, owner = text.split(maxsplit=2)
            if owner == FREE or Owner.from_text(owner) is not None:
                return cls(int(number), float(heard), Owner.from_text(owner))
        return None

    def to_text(self) -> str:
        """Return the claim in one line."""
        return f"{self.number} {self.heard!r} {FREE if self.owner is None else self.owner.to_text()}"


def first_claim(client: MlflowClient) -> str:
    """Return the text for the tag of a run that this process is about to create."""
    return Claim(0, _now(client), Owner.this_process()).to_text()


@contextmanager
def claimed(run: Run, *, patient: bool = False) -> Iterator[None]:
    """Let this process alone write ``run`` inside the block; inside a block of the same run, do nothing.

    Args:
        run: run that this process has just created, or that it resumes. It is read again under the claim.
        patient: wait for another process that works on the run, until it has ended.

    Raises:
        StillRunning: if another process works on the run; nothing has been written then.
    """
    held = _HELD.get(run.id)
    if held is None:
        held = _HELD[run.id] = _take(run, patient=patient)
        try:
            with beating(held.beat, BEAT, name="claim"):
                yield from _guarded(run, held)
        finally:
            del _HELD[run.id]
            held.release()
    else:
        yield from _guarded(run, held)


def _guarded(run: Run, held: "_Held") -> Iterator[None]:
    run.client.guard = held.check
    held.clients.append(run.client)
    try:
        yield
    finally:
        held.clients.remove(run.client)


def refuse_if_running(run: Run, *, unseen: bool = True) -> None:
    """Raise StillRunning if another process works on a run, even one of another machine or with other outputs.

    Args:
        run: the run.
        unseen: whether a process of an earlier release counts as alive where that cannot be seen from here.
    """
    if run.is_alive and not (record := read_record(run.folder)).owner.is_this_process:
        raise StillRunning(f"resume: run {run.id} is still running as process {record.pid}")
    claim = _standing(run.found)
    if claim is None:
        _refuse_unclaimed(run, unseen=unseen)
    elif claim.owner is not None and not claim.owner.is_this_process and _is_held(claim, run):
        here = "" if claim.owner.is_here else f" of {claim.owner.host}"
        raise StillRunning(f"resume: run {run.id} is still running as process {claim.owner.pid}{here}")


def _refuse_unclaimed(run: Run, *, unseen: bool) -> None:
    """Do the same for a run of an earlier release, which says when its process began and nothing after that."""
    owner = Owner.from_text(run.found.data.tags.get(OWNER_TAG, ""))
    if run.found.info.status != "RUNNING" or owner is None:
        return
    if owner.is_alive:
        raise StillRunning(f"resume: run {run.id} is still running as process {owner.pid}")
    if unseen and not owner.is_here:
        raise StillRunning(
            f"resume: run {run.id} is RUNNING as process {owner.pid} of {owner.host}, whose death cannot be seen from "
            f"here; if it is dead, say so first: python -c \"import mlflow; mlflow.MlflowClient('{run.uri}')"
            f".set_terminated('{run.id}', 'KILLED')\""
        )


def _standing(found: MlflowRun) -> Claim | None:
    """Return the claim on a run: that of the tag, or of a process that has taken the run over and not said more yet."""
    told = Claim.from_text(found.data.tags.get(CLAIM_TAG, ""))
    numbers = [key.removeprefix(CLAIM) for key in found.data.params if key.startswith(CLAIM)]
    last = max((int(number) for number in numbers if number.isdecimal()), default=0)
    if told is None or told.number < last:
        return Claim.from_text(found.data.params.get(f"{CLAIM}{last}", ""))
    return told


def _is_held(claim: Claim, run: Run) -> bool:
    assert claim.owner is not None
    if claim.owner.is_here:
        return claim.owner.is_alive
    return patiently(lambda: _now(run.database), run.uri, run.client.patience) - claim.heard < SILENCE


def _now(client: MlflowClient) -> float:
    return now_at(str(client.tracking_uri))  # with the password, which ``Run.uri`` leaves out


def _take(run: Run, *, patient: bool) -> "_Held":
    while (claim := _standing(run.found)) is None or claim.owner is None or not claim.owner.is_this_process:
        try:
            run.found = run.client.get_run(run.id)
            refuse_if_running(run, unseen=not patient)  # of a trial that is silent, the study knows that it is dead
            claim = _standing(run.found)
            return _Held(run, _take_over(run, 1 if claim is None else claim.number + 1))
        except StillRunning:
            if not patient:
                raise
            time.sleep(PAUSE)
    return _Held(run, claim)


def _take_over(run: Run, number: int) -> Claim:
    """Write down that this process is the next to work on a run, unless another process has just done the same."""
    wait = run.client.patience
    claim = Claim(number, patiently(lambda: _now(run.database), run.uri, wait), Owner.this_process())
    key, text = f"{CLAIM}{number}", claim.to_text()
    try:
        patiently(lambda: run.database.log_param(run.id, key, text), run.uri, wait)
    except MlflowException as error:
        if is_away(error):
            raise
        run.found = run.client.get_run(run.id)
        winner = Claim.from_text(run.found.data.params.get(key, ""))
        if winner is None or winner.owner is None:
            raise
        raise StillRunning(
            f"resume: run {run.id} is still running as process {winner.owner.pid} of {winner.owner.host}, "
            "which has just taken it over"
        ) from error
    patiently(lambda: run.database.set_tag(run.id, CLAIM_TAG, text), run.uri, wait)
    return claim


class _Held:
    """A claim of this process, which a thread keeps up."""

    def __init__(self, run: Run, claim: Claim) -> None:
        self.run, self.claim = run, claim
        self.lost: ClaimLost | None = None
        self.clients: list[RunClient] = []

    def check(self) -> None:
        """Raise ClaimLost if another process has taken the run over."""
        if self.lost is not None:
            raise self.lost

    def beat(self) -> None:
        """Say that this process works on the run, unless another process has taken it over meanwhile."""
        if self.lost is not None:
            return
        now, standing = _now(self.run.database), _standing(self.run.database.get_run(self.run.id))
        if standing is not None and standing.number > self.claim.number:
            self.lost = ClaimLost(self.run.id, standing.owner)
            return
        self._tell(replace(self.claim, heard=now))
        for client in tuple(self.clients):  # what waits for further calls, which may be long in coming
            client.deliver()

    def release(self) -> None:
        """Say that this process has ended its work; a server that is away will take its silence for that."""
        with suppress(Exception):
            if self.lost is None:
                self._tell(replace(self.claim, heard=_now(self.run.database), owner=None))

    def _tell(self, claim: Claim) -> None:
        self.run.database.set_tag(self.run.id, CLAIM_TAG, claim.to_text())


_HELD: dict[str, _Held] = {}
"""Claims of this process, by the ids of their runs."""
