"""docs/formats.md lists files that are there, and names a test for each, which reads it."""

import json
import re
from pathlib import Path

import pytest
from instruments.manifest import MANIFEST

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
ROWS = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| file")]
NAMED = sorted(set(re.findall(r"\[(test_\w+)\]\(\.\./([\w/.]+)\)", PAGE)))
ENTRIES = json.loads(MANIFEST.read_text(encoding="utf-8"))


def test_there_are_forty_layouts_and_half_of_them_are_of_other_software():
    files = [row[0].removeprefix("| ") for row in ROWS]
    elsewhere = {file for file, row in zip(files, ROWS, strict=True) if row[1] != "ours"}

    assert len(files) >= 40
    assert len(elsewhere & set(ENTRIES)) >= 20


@pytest.mark.parametrize("row", ROWS, ids=[row[0].removeprefix("| ") for row in ROWS])
def test_a_file_has_its_writer_and_a_test_that_reads_it(row):
    file, origin = row[0].removeprefix("| "), row[1]

    assert "](../" in row[-1]
    if file in ENTRIES:
        assert ENTRIES[file]["writer"] in origin.split(", ")
        tests = [
            (ROOT / path).read_text(encoding="utf-8")
            for _, path in re.findall(r"\[(test_\w+)\]\(\.\./([\w/.]+)\)", row[-1])
        ]
        shared = (MANIFEST.parent / "scans.py").read_text(encoding="utf-8")
        assert any(file.removesuffix(".h5") in text for text in [*tests, shared])
    else:
        assert origin == "ours" or origin.startswith(("public", "SciFiReaders"))


@pytest.mark.parametrize(("name", "path"), NAMED, ids=[name for name, _ in NAMED])
def test_a_test_that_is_named_is_there(name, path):
    assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")


def test_every_file_that_is_here_is_listed():
    listed = {row[0].removeprefix("| ") for row in ROWS}

    assert sorted(set(ENTRIES) - listed) == []
