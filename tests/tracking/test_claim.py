"""Who may write a run, and what a process does when it may not any more."""

import os
import signal
import threading
import time
from dataclasses import replace

import pytest
from mlflow import MlflowClient

from remanence.tracking import claim as module
from remanence.tracking.claim import CLAIM_TAG, SILENCE, Claim, StillRunning, claimed
from remanence.tracking.client import ClaimLost
from remanence.tracking.lifecycle import lifecycle
from remanence.tracking.process import Owner
from remanence.tracking.run import Run

HERE = replace(Owner.this_process(), pid=os.getppid())
"""A process of this machine that lives."""
ELSEWHERE = Owner("nebula", 7, time.time(), "another-boot")


def works(client, run_id, owner, *, silent=0.0, number=0):
    """Let ``owner`` have said that it works on a run."""
    client.set_tag(run_id, CLAIM_TAG, Claim(number, time.time() - silent, owner).to_text())
    client.update_run(run_id, status="RUNNING")


@pytest.fixture
def found(client):
    """A run that a process has left in order."""
    experiment = client.create_experiment("piezo")
    run = client.create_run(experiment, tags={CLAIM_TAG: Claim(0, time.time(), None).to_text()})
    return client.get_run(run.info.run_id)


@pytest.fixture
def enter(client, outputs, found):
    """Return the run as a process finds it."""

    def run() -> Run:
        return Run.of(client.get_run(found.info.run_id), client, uri=f"sqlite:///{outputs}/mlflow.db", outputs=outputs)

    return run


def standing(client, run_id):
    return Claim.from_text(client.get_run(run_id).data.tags[CLAIM_TAG])


def test_each_sign_of_life_sends_what_waits_for_further_calls(client, enter):
    run = enter()
    with claimed(run), run.client.gathering():
        run.client.set_tag(run.id, "state", "trains")
        assert "state" not in client.get_run(run.id).data.tags
        module._HELD[run.id].beat()

        assert client.get_run(run.id).data.tags["state"] == "trains"


@pytest.mark.parametrize(
    ("owner", "silent", "told"),
    [
        (HERE, 0.0, f"is still running as process {HERE.pid}"),
        (HERE, 9 * SILENCE, f"is still running as process {HERE.pid}"),  # its machine slept
        (ELSEWHERE, SILENCE - 30, "is still running as process 7 of nebula"),
    ],
)
def test_a_run_that_another_process_works_on_is_not_resumed(stop, command, client, outputs, owner, silent, told):
    _, run = stop(signal.SIGTERM)
    works(client, run.info.run_id, owner, silent=silent)
    before = client.get_run(run.info.run_id).to_dictionary()
    files = {path: path.stat().st_mtime_ns for path in (outputs / "runs").rglob("*")}

    result = command("train", f"resume={run.info.run_id}")

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert told in line
    assert client.get_run(run.info.run_id).to_dictionary() == before
    assert {path: path.stat().st_mtime_ns for path in (outputs / "runs").rglob("*")} == files


@pytest.mark.parametrize(
    ("owner", "silent"), [(replace(HERE, pid=999999999), 0.0), (ELSEWHERE, SILENCE + 1)], ids=["here", "elsewhere"]
)
def test_a_process_that_died_does_not_hold_its_run(stop, command, client, owner, silent):
    _, run = stop(signal.SIGTERM)
    works(client, run.info.run_id, owner, silent=silent)

    assert command("train", f"resume={run.info.run_id}").code == 0

    resumed = client.get_run(run.info.run_id)
    assert resumed.info.status == "FINISHED"
    assert standing(client, run.info.run_id).owner is None
    steps = [point.step for point in client.get_metric_history(run.info.run_id, "train/loss")]
    assert sorted(steps) == list(range(10))


def test_a_process_of_a_container_of_the_same_name_is_one_of_another_machine(enter, client, found):
    works(client, found.info.run_id, replace(ELSEWHERE, host=HERE.host), silent=5)

    with pytest.raises(StillRunning, match=f"process 7 of {HERE.host}"), claimed(enter()):
        pytest.fail("both train")


def test_of_many_processes_that_take_a_run_over_at_once_one_does(enter, client, found, monkeypatch):
    """They are machines that see nothing of each other but the database, and all have seen that nobody has the run."""

    def this_process(cls):
        name = threading.current_thread().name
        return Owner(name, 1, time.time(), name)

    monkeypatch.setattr(Owner, "this_process", classmethod(this_process))
    start, entered, refused = threading.Barrier(4), [], []

    def take(run):
        start.wait(30)
        try:
            entered.append(module._take_over(run, 1).owner.host)
        except StillRunning as error:
            refused.append(str(error))

    threads = [threading.Thread(target=take, args=(enter(),), name=f"machine{number}") for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (winner,) = entered
    assert len(refused) == 3
    assert all(f"of {winner}, which has just taken it over" in line for line in refused)
    assert standing(client, found.info.run_id).owner.host == winner


def test_who_has_taken_a_run_over_has_it_before_the_tag_says_so(enter, client, found):
    client.log_param(found.info.run_id, "remanence.claim.1", Claim(1, time.time(), ELSEWHERE).to_text())

    with pytest.raises(StillRunning, match="process 7 of nebula"), claimed(enter()):
        pytest.fail("both train")


def test_a_process_says_that_it_works_again_and_again(enter, client, found, monkeypatch):
    monkeypatch.setattr(module, "BEAT", 0.01)
    with claimed(enter()):
        first, deadline = standing(client, found.info.run_id).heard, time.monotonic() + 30
        while standing(client, found.info.run_id).heard == first:
            assert time.monotonic() < deadline

    assert standing(client, found.info.run_id).owner is None
    assert not any(thread.name == "claim" for thread in threading.enumerate())


def test_a_process_whose_run_was_taken_over_writes_nothing_more(enter, client, found, monkeypatch):
    run = enter()
    monkeypatch.setattr(module, "BEAT", 0.01)

    def work():
        with claimed(run), lifecycle(run):
            run.log_metrics({"loss": 1.0}, step=0)
            client.log_param(found.info.run_id, "remanence.claim.2", Claim(2, time.time(), ELSEWHERE).to_text())
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                run.log_metrics({"loss": 2.0}, step=1)

    with pytest.raises(ClaimLost, match=r"was taken over by process 7 of nebula .* stops here"):
        work()

    stored = client.get_run(found.info.run_id)
    assert stored.info.status == "RUNNING", "its end is that of the other process"
    assert standing(client, found.info.run_id).owner is not None
    assert "traceback.txt" not in [entry.path for entry in client.list_artifacts(found.info.run_id)]


def test_what_a_process_could_not_send_of_a_run_that_it_lost_is_sent_by_nobody(enter, found):
    run = enter()
    run.client._outbox.put({"call": "set_status", "run_id": found.info.run_id, "status": "FAILED", "end_time": 1})
    run.client._outbox.save()

    def lose():
        raise ClaimLost(found.info.run_id, ELSEWHERE)

    run.client.guard = lose
    with pytest.raises(ClaimLost), lifecycle(run):
        pytest.fail("nothing is written")

    assert not run.client._outbox.path.exists()
    assert run.client._outbox.path.with_name("outbox.aside.jsonl").is_file()


def test_the_age_of_a_claim_is_told_by_the_clock_of_the_database(enter, client, found, monkeypatch):
    """The clock of this machine may be an hour ahead."""
    works(client, found.info.run_id, ELSEWHERE, silent=3600)
    monkeypatch.setattr(module, "now_at", lambda uri: time.time() - 3600)

    with pytest.raises(StillRunning), claimed(enter()):
        pytest.fail("both train")


def test_who_worked_on_a_run_is_no_parameter_of_it(enter, client, found):
    from remanence.tracking.parameters import complete_parameters

    with claimed(enter()):
        pass

    params = client.get_run(found.info.run_id).data.params
    assert list(params) == ["remanence.claim.1"]
    assert not any(key.startswith("remanence.") for key in complete_parameters(params))


@pytest.mark.slow
def test_behind_a_server_too_only_one_process_takes_a_run_over(server, tmp_path):
    client = MlflowClient(server.uri)
    run_id = client.create_run("0", tags={CLAIM_TAG: Claim(0, time.time(), None).to_text()}).info.run_id
    run = Run.of(client.get_run(run_id), client, uri=server.uri, outputs=tmp_path)

    with claimed(run):
        assert standing(client, run_id).owner.is_this_process
        client.set_tag(run_id, CLAIM_TAG, Claim(0, time.time(), None).to_text())  # as one sees it who read too early
        with pytest.raises(StillRunning, match="which has just taken it over"):
            module._take_over(Run.of(client.get_run(run_id), client, uri=server.uri, outputs=tmp_path), 1)
