"""Tests are found by the name of what they test: ``tests/`` mirrors ``src/remanence/``.

A file below a folder of the package is named after a module there, ``test_<module>.py``; where a module has many tests,
further files say what they are about behind its name, ``test_<module>_<what>.py``.

The files of ``ACROSS`` test what no module does by itself: whole commands, files of ``conf/`` or of the documentation,
and what becomes of a run or a sweep when processes or servers die. They stand in the room in which one would look.
"""

from pathlib import Path

import pytest

import remanence

TESTS = Path(__file__).parent
PACKAGE = Path(remanence.__file__).parent
ROOMS = sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists())
ACROSS = {
    # files of other software
    "data/test_formats.py",
    "data/test_instruments.py",
    # what the files of conf/ say, and what a user's own files add to them
    "configuration/test_experiments.py",
    "configuration/test_nested_configuration.py",
    "configuration/test_out_of_tree.py",
    "configuration/test_own_stack.py",
    "configuration/test_seeds.py",
    "configuration/test_split_schemas.py",
    "configuration/test_sweeps.py",
    "models/test_model_defaults.py",
    "studies/test_offers.py",
    # which modules the run of a kind loads
    "studies/test_boundaries.py",
    # a sweep from the command to its table, also where processes die
    "sweeps/test_faults.py",
    "sweeps/test_grid.py",
    "sweeps/test_interrupted_sweep.py",
    "sweeps/test_joined_sweeps.py",
    "sweeps/test_machines.py",
    "sweeps/test_named_study.py",
    "sweeps/test_named_sweep.py",
    "sweeps/test_objectives.py",
    "sweeps/test_sweep_and_lost_server.py",
    # trainings and verbs with a real server
    "tracking/test_killed_resume.py",
    "tracking/test_lost_server.py",
    "tracking/test_verbs_on_a_server.py",
    # what messages advise, scripts and notebooks as they are written
    "verbs/test_advice.py",
    "verbs/test_scripts.py",
    # what damaged files, and files of somebody else, do to the verbs that read them
    "verbs/test_damaged_files.py",
    "verbs/test_trust_of_stored_runs.py",
}


def names_a_module(test: Path) -> bool:
    """Return whether a file is named after a module of the folder of the package that its own folder mirrors."""
    words = test.stem.split("_")[1:]
    folder = PACKAGE / test.parent.relative_to(TESTS)
    return any((folder / f"{'_'.join(words[:number])}.py").exists() for number in range(1, len(words) + 1))


@pytest.mark.parametrize("room", ROOMS)
def test_a_test_is_named_after_a_module_or_is_said_to_be_across_modules(room):
    files = sorted((TESTS / room).rglob("test_*.py"))
    unnamed = {str(path.relative_to(TESTS)) for path in files if not names_a_module(path)}

    assert unnamed == {path for path in ACROSS if path.startswith(f"{room}/")}
    assert files


def test_a_name_is_compared_with_whole_names_of_modules_in_the_same_folder():
    assert names_a_module(TESTS / "data/spectra/test_h5usid_errors.py")
    assert not names_a_module(TESTS / "data/test_h5usid_errors.py")
    assert not names_a_module(TESTS / "data/spectra/test_h5usids.py")
