import io
import sys
from types import ModuleType, SimpleNamespace

import pytest

from remanence.verbs.progress import epochs_shown, progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_gets_a_bar_that_goes_away(monkeypatch):
    monkeypatch.setattr("sys.stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")

    with progress("piezo/ns") as show:
        draw = show(4)
        for epoch in range(4):
            draw(epoch)

    assert "piezo/ns" in sys.stderr.getvalue()
    assert "100%" in sys.stderr.getvalue()


def test_a_file_gets_nothing(monkeypatch):
    monkeypatch.setattr("sys.stderr", io.StringIO())

    with progress("piezo/ns") as show:
        assert show is None


@pytest.fixture
def page(monkeypatch):
    """A notebook's page: what it shows, one after the other."""
    shown = []
    handle = SimpleNamespace(update=lambda html: shown.append(html))
    ipython, parts = ModuleType("IPython"), ModuleType("IPython.display")
    ipython.get_ipython = lambda: SimpleNamespace(kernel=object())
    parts.HTML, parts.display = str, lambda html, display_id: handle
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", parts)
    return shown


def test_a_notebook_gets_an_element_that_goes_away(page):
    with progress("<mine>") as show:
        draw = show(1000)
        for epoch in range(1000):
            draw(epoch)

    assert page[0].startswith('&lt;mine&gt; <progress value="1" max="1000">')
    assert "1000/1000 epochs" in page[-2]
    assert page[-1] == ""
    assert len(page) < 500  # not a message for every epoch


def test_an_error_takes_the_bar_away_as_well(page):
    with pytest.raises(ZeroDivisionError), progress("mine") as show:
        show(9)(1 / 0)

    assert page[-1] == ""


def test_a_run_that_begins_shows_its_epochs_and_one_without_epochs_no_bar(monkeypatch):
    monkeypatch.setattr("sys.stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    run = SimpleNamespace(config={"trainer": {"max_epochs": 7}}, on_epoch=None)

    with epochs_shown("piezo/ns") as began:
        began(run)
        assert sys.stderr.getvalue() == ""
        run.on_epoch(6)

    assert "7/7 epochs" in sys.stderr.getvalue()
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with epochs_shown("piezo/ns") as began:
        assert began is None
