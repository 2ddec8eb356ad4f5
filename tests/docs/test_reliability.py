"""docs/reliability.md names a test for every fault."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| fault")]
NAMED = sorted(set(re.findall(r"\[(test_\w+)\]\(\.\./([\w/.]+)\)", PAGE)))


@pytest.mark.parametrize(("name", "path"), NAMED, ids=[name for name, _ in NAMED])
def test_a_test_that_is_named_is_there(name, path):
    assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")


def test_every_fault_has_a_test():
    assert [
        row for row in ROWS if not row.startswith("| what |") and "](../" not in row and "benchmarks/" not in row
    ] == []
