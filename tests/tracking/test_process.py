import os
import subprocess
import sys
from dataclasses import replace

import pytest

from remanence.tracking.process import Owner


@pytest.fixture
def process():
    """A process that waits until its input is closed."""
    started = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    yield started
    started.kill()
    started.wait()


@pytest.fixture
def owner(process):
    return replace(Owner.this_process(), pid=process.pid)


def test_this_process_is_here_and_alive():
    owner = Owner.this_process()

    assert (owner.pid, owner.is_here, owner.is_alive) == (os.getpid(), True, True)


def test_a_process_lives_until_it_ends(process, owner):
    assert owner.is_alive

    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not owner.is_alive, "a zombie does nothing any more"

    process.wait()
    assert not owner.is_alive


def test_a_process_that_inherited_the_number_is_another_one(owner):
    assert not replace(owner, since=owner.since - 3600).is_alive


def test_nothing_is_known_of_the_processes_of_another_machine():
    elsewhere = replace(Owner.this_process(), host="elsewhere")

    assert (elsewhere.is_here, elsewhere.is_alive) == (False, False)


@pytest.mark.parametrize("machine", ["another-boot/4026531836", "same-boot/1"])
def test_a_process_of_a_machine_of_the_same_name_is_not_taken_for_one_of_this(machine):
    """Containers, and copies of a virtual machine, may have one name; their process ids mean nothing here."""
    elsewhere = replace(Owner.this_process(), pid=999999999, machine=machine)

    assert (elsewhere.is_here, elsewhere.is_this_process) == (False, False)


def test_an_owner_of_an_earlier_release_is_one_of_the_machine_of_its_name(process):
    host, pid, since, _ = Owner.this_process().to_text().split()

    assert Owner.from_text(f"{host} {pid} {since}").is_alive
    assert not Owner.from_text(f"elsewhere {pid} {since}").is_here
    assert Owner.from_text(f"{host} {pid} {since}").to_text() == f"{host} {pid} {since}"


def test_an_owner_is_written_down_and_read_back():
    owner = Owner.this_process()

    assert Owner.from_text(owner.to_text()) == owner
    assert Owner.from_text("") is None
    assert Owner.from_text("host pid since") is None
