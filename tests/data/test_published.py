import os
import socket
from multiprocessing import get_context
from pathlib import Path

import pytest

from remanence.data.published import PUBLISHED, fetch
from remanence.data.table import Table
from remanence.data.table_file import digest_of
from remanence.errors import DataError
from remanence.foundation.cache_folder import cache_folder

KNN = "piezo/knn_d33_train.csv"
SPLIT = {"folds": 5, "fold": 0, "validation": 0.2, "bins": 5, "seed": 0}


@pytest.fixture
def calls(monkeypatch):
    """Cut the network; the list holds what tried to use it."""
    attempts = []

    def refuse(*arguments, **_):
        attempts.append(arguments)
        raise OSError("no network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return attempts


@pytest.fixture
def cached(tmp_path, monkeypatch):
    """Put a file into an otherwise empty cache."""
    monkeypatch.setenv("REMANENCE_DATA_DIR", str(tmp_path / "cache"))

    def put(content: bytes):
        path = tmp_path / "cache" / KNN
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        return path

    return put


def error_of(name):
    with pytest.raises(DataError) as caught:
        fetch(name)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message


def test_a_file_with_the_right_content_is_used_without_network(cached, calls, shared_data):
    path = cached((shared_data / KNN).read_bytes())

    assert fetch(KNN) == path
    assert digest_of(path) == PUBLISHED[KNN].sha256
    assert calls == []


def test_a_published_table_opens_from_the_cache(cached, calls, shared_data):
    path = cached((shared_data / KNN).read_bytes())

    data = Table(published=KNN, target="d33 (pC/N)", features=["K", "Na", "Nb"], split=SPLIT).open()

    assert data.x.shape == (204, 3)
    assert data.source.location == str(path)
    assert data.source.digest == PUBLISHED[KNN].sha256
    assert calls == []


def test_a_wrong_file_without_network_is_one_error_and_stays_as_it_is(cached, calls):
    path = cached(b"K,Na\n1,2\n")

    message = error_of(KNN)

    assert calls
    for part in (KNN, str(cache_folder()), PUBLISHED[KNN].url, "could not be fetched", "data.path="):
        assert part in message
    assert path.read_bytes() == b"K,Na\n1,2\n"


@pytest.mark.usefixtures("cached")
def test_an_empty_cache_without_network_is_one_error(calls):
    assert "could not be fetched" in error_of(KNN)
    assert calls
    assert not (cache_folder() / KNN).exists()


def test_an_unknown_name_lists_the_known_ones(calls):
    assert error_of("piezo/none.csv") == f"data.published: unknown file 'piezo/none.csv'; known: {', '.join(PUBLISHED)}"
    assert calls == []


def test_the_cache_is_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("REMANENCE_DATA_DIR", str(tmp_path))
    assert cache_folder() == tmp_path

    monkeypatch.delenv("REMANENCE_DATA_DIR")
    assert "remanence" in str(cache_folder())


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_file_is_pinned_by_commit_and_content(name):
    entry = PUBLISHED[name]

    assert len(entry.commit) == 40
    assert len(entry.sha256) == 64
    assert entry.url.startswith("https://")
    assert f"/{entry.commit}/" in entry.url
    assert entry.url.isascii()
    assert " " not in entry.url
    assert entry.licence
    assert entry.about
    assert entry.use


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_file_has_the_content_that_is_pinned(shared_data, name):
    assert digest_of(shared_data / name) == PUBLISHED[name].sha256


def test_a_path_with_spaces_makes_an_address():
    address = PUBLISHED["be/ckpfm_loops_10x10.npz"].url

    assert address.endswith("/expdata/cKPFM%20loop_0001%2010%20x%2010-proc.npz")


@pytest.mark.usefixtures("cached", "calls")
def test_the_way_out_is_the_key_that_takes_an_own_copy():
    assert error_of(KNN).endswith("or give data.path=<file>")
    assert error_of("beps/voltage.npy").endswith("or give data.dir=<folder>")


def test_what_a_killed_download_has_left_over_is_removed_by_the_next(cached, monkeypatch, shared_data):
    content = (shared_data / KNN).read_bytes()
    path = cached(b"another version")

    def retrieve(url, known_hash, fname, path, downloader):
        (Path(path) / "tmpdownload").write_bytes(content[:100])
        if os.getpid() != parent:
            os._exit(0)  # as a process that is killed: nothing is cleaned up
        (Path(path) / fname).write_bytes(content)

    parent = os.getpid()
    monkeypatch.setattr("pooch.retrieve", retrieve)
    killed = get_context("fork").Process(target=fetch, args=(KNN,))
    killed.start()
    killed.join()
    assert path.read_bytes() == b"another version"
    assert len(list(path.parent.iterdir())) == 2

    assert fetch(KNN) == path

    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]
