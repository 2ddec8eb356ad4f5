import threading

from remanence.foundation.terminal import console, quiet


def test_a_quiet_thread_leaves_the_others_their_console(capsys):
    with quiet():
        console.print("here")
        other = threading.Thread(target=lambda: console.print("there"))
        other.start()
        other.join()
    console.print("afterwards")

    assert capsys.readouterr().out.split() == ["there", "afterwards"]


def test_a_quiet_block_inside_another_leaves_it_quiet(capsys):
    with quiet():
        with quiet():
            pass
        console.print("still inside")

    assert capsys.readouterr().out == ""
