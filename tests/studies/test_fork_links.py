"""Links from a run to its forks, on MLflow's page."""

from types import SimpleNamespace

import pytest
from mlflow.entities import RunStatus

from remanence.studies.fork_links import MOST_LINKS, NOTE_TAG, link_from_origin, with_forks
from remanence.studies.note import log_note
from remanence.tracking.campaign import FORKED_TAG


@pytest.fixture
def origin(client, outputs):
    """Make a finished run with a description."""

    def make(note="Told.", status="FINISHED"):
        experiment = client.create_experiment("mine", (outputs / "artifacts").as_uri())
        run = client.create_run(experiment, tags={NOTE_TAG: note} if note else {})
        if status != "RUNNING":
            client.set_terminated(run.info.run_id, status)
        return run.info

    return make


@pytest.fixture
def fork(client):
    """Begin a fork of a run."""

    def begin(of, database=client):
        run = client.create_run(of.experiment_id, tags={FORKED_TAG: of.run_id})
        later = link_from_origin(SimpleNamespace(found=run, database=database, id=run.info.run_id))
        return run.info.run_id, later

    return begin


def note_of(client, info):
    return client.get_run(info.run_id).data.tags.get(NOTE_TAG)


def link(run_id):
    return f"[{run_id[:8]}](#/runs/{run_id})"


def test_each_fork_is_added_to_the_line_of_its_origin_and_what_a_user_writes_stays(client, origin, fork):
    first = origin("Mine.")
    one, _ = fork(first)
    assert note_of(client, first) == f"Mine.\n\nForks of this run: {link(one)}"
    client.set_tag(first.run_id, NOTE_TAG, note_of(client, first) + "\n\nWritten later.")

    two, _ = fork(first)

    assert note_of(client, first) == f"Mine.\n\nForks of this run: {link(one)}, {link(two)}\n\nWritten later."
    ended = client.get_run(first.run_id).info
    assert RunStatus.from_string(ended.status) == RunStatus.FINISHED


def test_a_run_that_another_process_writes_is_left_alone_until_it_has_ended(client, origin, fork):
    first = origin(note="", status="RUNNING")
    new, later = fork(first)
    assert (note_of(client, first), later) == (None, True)

    client.set_terminated(first.run_id)
    assert not link_from_origin(SimpleNamespace(found=client.get_run(new), database=client))
    assert note_of(client, first) == f"Forks of this run: {link(new)}"


def test_a_run_that_was_forked_before_it_was_resumed_describes_itself_and_keeps_the_link(client, origin, fork):
    first = origin(note="", status="KILLED")
    new, _ = fork(first)

    log_note(SimpleNamespace(id=first.run_id, found=client.get_run(first.run_id), figures=["figures/a.png"],
                             client=client), None)  # fmt: skip

    told = note_of(client, first)
    assert told.startswith("![figures/a.png]")
    assert told.endswith(f"\n\nForks of this run: {link(new)}")


@pytest.mark.parametrize("what", ["deleted", "gone", "read-only"])
def test_a_fork_begins_whatever_has_become_of_its_origin(client, origin, fork, what):
    first = origin()
    database = client
    if what == "deleted":
        client.delete_run(first.run_id)
    elif what == "gone":
        first = SimpleNamespace(run_id="0" * 32, experiment_id=first.experiment_id)
    else:
        database = SimpleNamespace(
            get_run=client.get_run, search_runs=client.search_runs, search_experiments=client.search_experiments
        )  # which has no way to set a tag

    _, later = fork(first, database)

    assert not later
    if what != "gone":
        assert note_of(client, first) == "Told."


def test_of_many_forks_the_last_are_linked_and_a_full_description_is_left_alone():
    forked = [f"{number:032x}" for number in range(MOST_LINKS + 3)]

    assert with_forks("", forked).endswith(f"{link(forked[-1])}, and 3 earlier ones")
    assert with_forks("", forked).count("#/runs/") == MOST_LINKS
    assert with_forks("x" * 7990, forked) == "x" * 7990
    assert with_forks("x", []) == "x"
