import gc
import sys

from remanence.foundation.imports import importing


def test_python_looks_for_garbage_before_and_after_but_not_inside():
    with importing():
        assert not gc.isenabled()
        with importing():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_is_made_without_an_import_stays_collectable(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "imported_by_a_test.py").write_text("")
    before = gc.get_freeze_count()

    with importing():
        pass
    assert gc.get_freeze_count() == before
    with importing():
        import imported_by_a_test  # noqa: F401

    assert gc.get_freeze_count() > before
    del sys.modules["imported_by_a_test"]
    gc.unfreeze()
