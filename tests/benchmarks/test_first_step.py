"""The benchmark of what a command does before its own work."""

import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "experiments" / "benchmarks"


@pytest.fixture
def first_step(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import first_step

    yield first_step
    for name in ("first_step", "earlier_package"):
        sys.modules.pop(name, None)


def test_the_first_call_of_a_function_is_told_and_no_further_one(first_step, tmp_path, monkeypatch):
    (tmp_path / "remanence").mkdir(parents=True)
    lines = ["import json", "decoder = json.JSONDecoder()", "decoder.decode('1'); decoder.decode('2')"]
    (tmp_path / "remanence" / "__main__.py").write_text("\n".join(lines))
    monkeypatch.setattr(first_step, "MARKED", {"train": ("json", "JSONDecoder.decode")})
    package = first_step.Package(tmp_path, tmp_path / "place")
    package.source = str(tmp_path)

    wall, used = package.first("train")

    assert 0 < used < 5
    assert 0 < wall < 60
    assert len(package.mark.read_text().splitlines()) == 1
    wall, used = package.first("help")  # waited for until its end
    assert 0 < used < 5
    assert 0 < wall < 60


def test_the_ratio_is_that_of_the_processor_and_of_a_sweep_that_of_the_wall(first_step):
    took = {"121b3bf": [(4.0, 2.0), (8.0, 2.0), (4.0, 2.0)], "now": [(3.0, 1.0), (2.0, 1.5), (3.0, 1.0)]}

    assert first_step.told("train", took) == (
        "train    121b3bf 4.00 s (processor 2.00 s), now 3.00 s (processor 1.00 s); processor 0.50 (from 0.50 to 0.75)"
    )
    assert first_step.told("sweep", took) == "sweep    121b3bf 4.00 s, now 3.00 s; wall 0.75 (from 0.25 to 0.75)"
    assert first_step.told("help", {"now": took["now"]}) == "help     now 3.00 s (processor 1.00 s)"
