import io
import re
import sys

import pytest

from remanence.foundation.progress_bar import BYTES, advancing


class Terminal(io.StringIO):
    def isatty(self):
        return True


def terminal_for(monkeypatch):
    """Let standard error be a terminal; not a fixture, because pytest takes streams of its own for the test."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "stderr", Terminal())
    return sys.stderr


def shown(terminal):
    return re.sub(r"\x1b\[[\d;?]*\w", "", terminal.getvalue())


def test_a_bar_shows_what_how_much_and_how_long(monkeypatch):
    terminal = terminal_for(monkeypatch)
    with advancing("resonance fits", 200, "pixels", done=50) as advance:
        advance(50)
        advance(100)

    assert "resonance fits" in shown(terminal)
    assert "100%" in shown(terminal)
    assert "200/200 pixels" in shown(terminal)
    assert re.search(r"\d:\d\d:\d\d", shown(terminal))


def test_bytes_are_megabytes_and_their_number_may_come_later(monkeypatch):
    terminal = terminal_for(monkeypatch)
    with advancing("file", None, BYTES) as bar:
        bar.set_total(4_000_000)
        bar(4_000_000)

    assert "4.0/4.0 MB" in shown(terminal)


def test_a_bar_inside_another_is_not_drawn(monkeypatch):
    terminal = terminal_for(monkeypatch)
    with advancing("outer", 2, "trials") as outer:
        with advancing("inner", 2, "epochs") as inner:
            inner(1)
        outer(2)

    assert "inner" not in shown(terminal)
    with pytest.raises(ZeroDivisionError), advancing("failing", 1, "parts"):
        raise ZeroDivisionError
    with advancing("after", 1, "parts") as after:
        after(1)
    assert "after" in shown(terminal)


@pytest.mark.parametrize("stream", [io.StringIO(), None])
def test_without_a_terminal_nothing_is_shown(monkeypatch, stream):
    monkeypatch.setattr(sys, "stderr", stream)

    with advancing("fits", 2, "pixels") as advance:
        advance(2)

    assert stream is None or stream.getvalue() == ""


def test_what_is_printed_into_a_file_stays_there(monkeypatch):
    terminal = terminal_for(monkeypatch)
    monkeypatch.setattr(sys, "stdout", io.StringIO())

    with advancing("fits", 2, "pixels"):
        print("a result")

    assert sys.stdout.getvalue() == "a result\n"
    assert "a result" not in shown(terminal)
