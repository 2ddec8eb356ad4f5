from importlib import metadata

import pytest

from remanence.tracking import provenance


def package(folder, name, files):
    (folder / name).mkdir(parents=True)
    for file, text in files.items():
        (folder / name / file).write_text(text, encoding="utf-8")


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Packages as pip, setuptools and others leave them, on the path of Python and nothing beside them."""
    package(tmp_path, "plain-1.0.dist-info", {"METADATA": "Metadata-Version: 2.1\nName: plain\nVersion: 1.0\n\nText\n"})
    story = "Summary: Names and Versions\nVersion: 2.0+cpu\nName: Told.Name\n\nName: other\nVersion: 9\n"
    package(tmp_path, "told_name-2.0+cpu.dist-info", {"METADATA": story})
    package(tmp_path, "older.egg-info", {"PKG-INFO": "Name:older\nVersion:\t3\n"})
    package(tmp_path, "lower-4.dist-info", {"METADATA": "name: lower\nversion: 4\n\n"})
    monkeypatch.setattr(
        provenance.metadata, "distributions", lambda: metadata.Distribution.discover(path=[str(tmp_path)])
    )
    provenance.environment.cache_clear()
    yield
    provenance.environment.cache_clear()


def test_a_package_is_named_as_it_names_itself(packages):
    lines = provenance.environment().splitlines()
    assert [line.split()[1] for line in lines[:2]] == ["Python", "CUDA"]
    assert lines[2:] == ["lower==4", "older==3", "plain==1.0", "Told.Name==2.0+cpu"]


def test_every_installed_package_is_named_as_python_reads_it():
    expected = {f"{entry.metadata['Name']}=={entry.metadata['Version']}" for entry in metadata.distributions()}
    assert provenance.environment().splitlines()[2:] == sorted(expected, key=str.lower)
