import os

import pytest
from full_disk import full_disk

from remanence.tracking.record import Record, read_record


def test_a_full_disk_leaves_the_record_as_it_was(tmp_path):
    running = Record.of_this_process("7", "RUNNING", "http://host")
    running.write(tmp_path)

    with full_disk(10), pytest.raises(OSError, match=r"File too large: '.*run\.json'"):
        Record.of_this_process("7", "FINISHED", "http://host").write(tmp_path)

    assert read_record(tmp_path) == running
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_a_record_knows_whether_its_process_lives_here():
    record = Record.of_this_process("7", "RUNNING", "http://host")
    assert record.is_alive
    assert record.is_here

    elsewhere = Record("7", "RUNNING", "http://host", os.getpid(), "elsewhere", record.started)
    assert not elsewhere.is_alive
    assert not elsewhere.is_here
