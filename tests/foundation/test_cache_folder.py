from pathlib import Path

import pooch

from remanence.foundation.cache_folder import cache_folder


def test_the_folder_is_that_of_pooch_unless_the_environment_names_another(monkeypatch, tmp_path):
    monkeypatch.delenv("REMANENCE_DATA_DIR", raising=False)
    assert cache_folder() == Path(pooch.os_cache("remanence"))

    monkeypatch.setenv("REMANENCE_DATA_DIR", str(tmp_path))
    assert cache_folder() == tmp_path
