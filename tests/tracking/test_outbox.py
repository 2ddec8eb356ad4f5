import json
import os

import pytest
from full_disk import full_disk

from remanence.tracking.interruption import Interrupted
from remanence.tracking.outbox import Outbox


def numbered(*numbers):
    return [{"call": "log_batch", "run_id": "7", "metrics": [["loss", 0.1 * number, 0, number]]} for number in numbers]


def filled(folder, *numbers):
    outbox = Outbox(folder)
    for entry in numbered(*numbers):
        outbox.put(entry)
        outbox.save()
    return outbox


def waiting(outbox):
    entries = []
    while outbox:
        entries.append(outbox.first)
        outbox.take()
    return entries


def test_another_process_finds_the_entries_in_their_order(tmp_path):
    filled(tmp_path, 1, 2, 3)

    assert waiting(Outbox(tmp_path)) == numbered(1, 2, 3)


def test_the_file_is_plain_json_a_line_an_entry(tmp_path):
    filled(tmp_path, 1, 2)

    lines = (tmp_path / "outbox.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == numbered(1, 2)


def test_numbers_that_are_not_finite_come_back(tmp_path):
    outbox = Outbox(tmp_path)
    outbox.put({"values": [float("inf"), -float("inf"), float("nan")]})
    outbox.save()

    first, second, third = Outbox(tmp_path).first["values"]
    assert (first, second) == (float("inf"), -float("inf"))
    assert third != third


def test_nothing_is_written_before_something_has_to_wait(tmp_path):
    outbox = Outbox(tmp_path / "run")
    outbox.put(numbered(1)[0])
    outbox.take()
    outbox.save()

    assert not (tmp_path / "run").exists()


def test_the_file_goes_with_the_last_entry_and_holds_all_of_them_until_then(tmp_path):
    outbox = filled(tmp_path, 1, 2, 3)

    outbox.take()
    outbox.take()
    assert waiting(Outbox(tmp_path)) == numbered(1, 2, 3)
    assert waiting(filled(tmp_path, 4)) == numbered(4)
    assert list(tmp_path.iterdir()) == []


def test_entries_go_on_behind_those_of_a_process_that_died(tmp_path):
    filled(tmp_path, 1, 2)
    filled(tmp_path, 3)

    assert waiting(Outbox(tmp_path)) == numbered(1, 2, 3)


def test_a_last_line_that_was_cut_anywhere_costs_that_line_only(tmp_path):
    filled(tmp_path, 1, 2, 3)
    path = tmp_path / "outbox.jsonl"
    whole = path.read_bytes()
    last = whole.rindex(b"\n", 0, -1) + 1

    for size in range(last, len(whole)):
        path.write_bytes(whole[:size])
        outbox = Outbox(tmp_path)
        kept = (1, 2, 3) if size == len(whole) - 1 else (1, 2)  # only its end of line was cut
        assert outbox.damaged == (last < size < len(whole) - 1)
        outbox.put(numbered(4)[0])
        outbox.save()
        assert waiting(Outbox(tmp_path)) == numbered(*kept, 4)


def test_a_damaged_line_is_left_out_and_kept_aside(tmp_path):
    filled(tmp_path, 1, 2, 3)
    path = tmp_path / "outbox.jsonl"
    damaged = path.read_bytes().replace(b'["loss", 0.2', b'["loss" 0.2')
    path.write_bytes(damaged)

    outbox = Outbox(tmp_path)

    assert outbox.damaged == 1
    assert waiting(outbox) == numbered(1, 3)
    assert not path.exists()
    assert (tmp_path / "outbox.damaged.jsonl").read_bytes() == damaged


def test_processes_that_share_a_file_keep_what_the_others_wrote(tmp_path):
    first, second = Outbox(tmp_path), Outbox(tmp_path)
    for outbox, number in ((first, 1), (second, 2), (first, 3), (second, 4)):
        outbox.put(numbered(number)[0])
        outbox.save()

    assert waiting(first) == numbered(1, 3)
    assert waiting(Outbox(tmp_path)) == numbered(1, 2, 3, 4)
    assert waiting(second) == numbered(2, 4)


def test_a_file_that_another_process_removed_is_written_again(tmp_path):
    outbox = filled(tmp_path, 1, 2, 3)
    outbox.take()
    assert waiting(Outbox(tmp_path)) == numbered(1, 2, 3)

    outbox.put(numbered(4)[0])
    outbox.save()

    assert waiting(Outbox(tmp_path)) == numbered(2, 3, 4)


def test_a_full_disk_is_named_and_leaves_whole_lines(tmp_path):
    outbox = filled(tmp_path, 1, 2)
    path = tmp_path / "outbox.jsonl"
    before = path.read_bytes()
    outbox.put(numbered(3)[0])

    with full_disk(len(before) + 10), pytest.raises(OSError, match=r"File too large.*outbox\.jsonl"):
        outbox.save()

    assert path.read_bytes() == before
    outbox.put(numbered(4)[0])
    outbox.save()
    assert waiting(Outbox(tmp_path)) == numbered(1, 2, 3, 4)


def test_an_interruption_while_a_line_is_written_leaves_it_whole_and_once(tmp_path, monkeypatch):
    outbox = filled(tmp_path, 1)
    outbox.put(numbered(2)[0])

    def interrupt(_):
        raise Interrupted(15)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", interrupt)
        with pytest.raises(Interrupted):
            outbox.save()
    outbox.put(numbered(3)[0])
    outbox.save()

    assert waiting(Outbox(tmp_path)) == numbered(1, 2, 3)


def test_the_last_status_is_that_of_the_run_asked_for(tmp_path):
    outbox = Outbox(tmp_path)
    assert outbox.last_status("7") is None
    for run, status in (("7", "RUNNING"), ("7", "FAILED"), ("8", "FINISHED")):
        outbox.put({"call": "set_status", "run_id": run, "status": status, "end_time": None})

    assert (outbox.last_status("7"), outbox.last_status("8"), outbox.last_status("9")) == ("FAILED", "FINISHED", None)


def values(run_id="7", **kinds):
    return {"call": "log_batch", "run_id": run_id, "metrics": [], "params": [], "tags": [], **kinds}


def test_what_waits_of_a_run_is_one_entry_where_the_last_value_of_a_tag_counts(tmp_path):
    outbox = Outbox(tmp_path)
    outbox.gather(values(metrics=[["loss", 0.5, 0, 1]], tags=[["state", "first"]]))
    outbox.gather({"call": "log_artifact", "run_id": "7", "path": "a.png"})
    outbox.gather(values(metrics=[["loss", 0.4, 0, 2]], params=[["lr", "0.1"]], tags=[["state", "last"]]))

    whole, picture = waiting(outbox)
    points = [["loss", 0.5, 0, 1], ["loss", 0.4, 0, 2]]
    assert whole == values(metrics=points, params=[["lr", "0.1"]], tags=[["state", "last"]])
    assert picture["path"] == "a.png"


@pytest.mark.parametrize(
    "between",
    [
        {"call": "set_status", "run_id": "7", "status": "FINISHED"},
        values("8", tags=[["state", "of another run"]]),
        values(params=[["lr", "0.2"]]),
    ],
    ids=["status", "other run", "other value"],
)
def test_what_does_not_belong_together_stays_apart(tmp_path, between):
    outbox = Outbox(tmp_path)
    outbox.gather(values(params=[["lr", "0.1"]]))
    outbox.gather(between)

    assert len(outbox) == 2
    outbox.gather(values(tags=[["state", "last"]]))
    assert len(outbox) == (3 if between["call"] == "set_status" else 2)


def test_what_the_file_holds_stays_as_it_is_there(tmp_path):
    outbox = Outbox(tmp_path)
    outbox.gather(values(tags=[["state", "first"]]))
    outbox.save()
    outbox.gather(values(tags=[["state", "last"]]))
    outbox.save()

    assert waiting(Outbox(tmp_path)) == [values(tags=[["state", "first"]]), values(tags=[["state", "last"]])]
    assert outbox.take_batch("7") is None
