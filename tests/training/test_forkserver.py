import sys
from multiprocessing.spawn import get_preparation_data
from types import ModuleType

import pytest

from remanence.training.forkserver import without_main


def names_script():
    return {"init_main_from_path", "init_main_from_name"} & get_preparation_data("child").keys()


def test_a_process_is_told_of_no_script_to_import(monkeypatch):
    script = ModuleType("__main__")
    script.__file__ = "script.py"  # the workers of a parallel test have no script of their own
    monkeypatch.setitem(sys.modules, "__main__", script)
    assert names_script()

    with without_main():
        assert not names_script()

    assert sys.modules["__main__"] is script


def test_the_script_is_back_after_an_error():
    script = sys.modules["__main__"]

    with pytest.raises(OSError, match="no more processes"), without_main():
        raise OSError("no more processes")

    assert sys.modules["__main__"] is script
