import os
import signal
import sys
import threading

import pytest
from hydra.core.hydra_config import HydraConfig

from remanence.configuration.compose import compose
from remanence.foundation.terminal import console
from remanence.tracking.interruption import Interrupted, interruptible
from remanence.verbs.undisturbed import undisturbed


def test_the_command_is_there_inside_and_the_users_own_afterwards(capsys):
    before = list(sys.argv)

    def work():
        with undisturbed(["remanence", "train", "name=a b"]):
            assert sys.argv == ["remanence train 'name=a b'"]
            console.print("a table that nobody has asked for")
            compose(["model=linear"])
            raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        work()

    assert sys.argv == before
    assert HydraConfig.instance().cfg is None or "linear" not in str(HydraConfig.get().overrides.task)
    assert capsys.readouterr().out == ""


def test_ctrl_c_is_what_python_makes_of_it():
    with pytest.raises(KeyboardInterrupt), undisturbed(), interruptible():
        signal.raise_signal(signal.SIGINT)

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_lightning_makes_of_ctrl_c_is_undone():
    def as_lightning():
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            sys.exit(1)

    with pytest.raises(KeyboardInterrupt), undisturbed():
        as_lightning()


def test_sigterm_goes_on_to_whom_it_was_meant_for():
    asked = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: asked.append(number))
    try:
        with pytest.raises(KeyboardInterrupt), undisturbed():
            raise Interrupted(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)

    assert asked == [signal.SIGTERM]


def test_no_other_exit_ends_the_process():
    with pytest.raises(RuntimeError, match="exit with code 3"), undisturbed():
        sys.exit(3)


def test_one_thread_works_at_a_time_and_an_error_lets_the_next_one_in():
    at_work, most = 0, []
    together = threading.Barrier(4)

    def work():
        nonlocal at_work
        together.wait()
        try:
            with undisturbed():
                at_work += 1
                most.append(at_work)
                threading.Event().wait(0.01)
                at_work -= 1
                raise OSError
        except OSError:
            pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert most == [1, 1, 1, 1]


def test_a_thread_that_works_may_ask_again():
    with undisturbed(["remanence", "train"]):
        with undisturbed(["remanence", "predict"]):
            assert sys.argv == ["remanence predict"]
        assert sys.argv == ["remanence train"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_does_not_wait_for_a_thread_of_its_parent():
    begun, done = threading.Event(), threading.Event()

    def work():
        with undisturbed():
            begun.set()
            done.wait(20)

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(20)
    child = os.fork()
    if not child:
        signal.alarm(10)
        with undisturbed():
            os._exit(0)
    done.set()
    thread.join()

    assert os.waitpid(child, 0)[1] == 0
