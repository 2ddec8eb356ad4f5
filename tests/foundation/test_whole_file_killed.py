"""Commands that are killed at random while they write."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import remanence

SCRIPT = Path(__file__).parents[2] / "experiments" / "benchmarks" / "killed_writes.py"


@pytest.mark.slow
def test_a_killed_command_leaves_the_earlier_or_the_new_file_and_nothing_after_the_next_run(tmp_path):
    source = str(Path(remanence.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": source, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, SCRIPT, "4"], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert (
        len(
            re.findall(
                r"^(?:predict|simulate) .*: 4 kills, .* 0 torn; .*, 0 of them after the next run$", done.stdout, re.M
            )
        )
        == 3
    )
    assert not list(tmp_path.iterdir())
