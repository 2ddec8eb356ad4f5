import json
import os
import subprocess
import sys

import pytest

from remanence.configuration import completion_index as module
from remanence.configuration.completion_index import completion_index
from remanence.configuration.folder import conf_folder


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("REMANENCE_DATA_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def made(monkeypatch):
    """How often the index is made."""
    from remanence.configuration import indexed_choices

    calls, make = [], indexed_choices.indexed
    monkeypatch.setattr(indexed_choices, "indexed", lambda folders: calls.append(folders) or make(folders))
    return calls


def test_the_index_is_made_once_and_again_when_a_file_changes(cache, made, tmp_path):
    own = tmp_path / "conf" / "model" / "mine.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("# My network.\n_target_: mine.Net\n")
    folders = [conf_folder(), tmp_path / "conf"]

    assert completion_index(folders)["groups"]["model"]["mine"] == "My network."
    completion_index(folders)
    assert len(made) == 1

    own.write_text("# My better network.\n_target_: mine.Net\n")
    assert completion_index(folders)["groups"]["model"]["mine"] == "My better network."
    own.unlink()
    assert "mine" not in completion_index(folders)["groups"]["model"]
    assert len(made) == 3


def test_each_search_path_has_an_index_of_its_own(cache, made, tmp_path):
    completion_index([conf_folder()])
    completion_index([conf_folder(), tmp_path])
    completion_index([conf_folder()])

    assert len(made) == 2
    assert len(list((cache / "completion").glob("*.json"))) == 2


@pytest.mark.parametrize("content", ["", "[1]", '{"stamp": 1}', "\x00"])
def test_a_damaged_index_is_made_again(cache, made, content):
    completion_index([conf_folder()])
    (file,) = (cache / "completion").glob("*.json")
    file.write_text(content)

    assert completion_index([conf_folder()])["keys"]
    assert json.loads(file.read_text())["keys"]
    assert len(made) == 2


def test_a_cache_that_cannot_be_written_only_costs_time(monkeypatch, made):
    monkeypatch.setenv("REMANENCE_DATA_DIR", os.devnull)

    assert completion_index([conf_folder()])["keys"]
    assert made


def test_an_answer_from_the_index_imports_nothing_heavy(cache):
    completion_index([conf_folder()])
    code = (
        "import sys; from remanence.verbs.cli import main; main(['completion', 'answer', 'bash', 'train', 'model.l'])\n"
        "print([name for name in ('yaml', 'hydra', 'pydantic', 'torch', 'mlflow', 'pooch') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.splitlines() == ["model.loss=", "model.lr=", "[]"]


def test_the_index_lies_below_the_cache(cache):
    assert module._file([conf_folder()]).is_relative_to(cache)
