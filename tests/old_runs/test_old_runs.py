"""Runs, models and sweeps made by an earlier commit are used, resumed, forked and continued by today's package."""

import re

import h5py
import numpy as np
import pandas as pd
import pytest
from stories import FORKS, NOW, PAST, READ, RUNS, STOPPED, WHOLE

import remanence as rm
from remanence.studies.model_metrics import OF_A_BASELINE

pytestmark = pytest.mark.slow


def measured(metrics):
    """Return metrics without those that a stopwatch gave."""
    return {name: value for name, value in metrics.items() if not name.endswith("seconds")}


FITTED = ("linear", "scanned")
"""Runs on a raw scan. 0.1 fitted its resonances by torch, whose sums round otherwise than those of the compiled kernel:
parameters differ by 1e-6, and what is made of them is compared to 1e-3."""


OF_SEVERAL_FOLDS = ("chain", "own")
"""Runs whose folds are of equal size: 0.1 gave every row the mean width of all folds, today it has that of its own."""
FORESTS = ("forest", "random_forest")
"""A run and a baseline whose trees are other ones: they are grown between z-scores now, where splits that are equally
good in exact arithmetic are told apart by other last digits."""


def still_logged(metrics):
    """Return the metrics of a run of 0.1 that runs log today.

    Of baselines those that a table of models needs, and the first target's, d33, under the plain names only; ``p`` is
    that of another test. Mutual information is adjusted for chance today, which changes ``mig``.
    """
    kept = {}
    for name, value in metrics.items():
        parts = name.split("/")
        of_a_table = OF_A_BASELINE.fullmatch(name) and not set(FORESTS) & set(parts)
        plain = "/".join(part for part in parts if part != "d33")
        same = parts[:2] != ["test", "mig"]
        if same and (parts[0] != "baseline" or of_a_table) and (plain == name or plain not in metrics):
            kept[name] = value
    return kept


def without_forests(table):
    """Return a table of a run without the columns and rows of a random forest."""
    kept = table[[name for name in table if FORESTS[1] not in str(name)]]
    return kept[~kept.eq(FORESTS[1]).any(axis=1)].reset_index(drop=True)


def of_the_training(metrics):
    """Return metrics that do not hang on refined latents: after three epochs, the last digit of a loop decides them."""
    return {name: value for name, value in metrics.items() if name.startswith(("val/", "train/", "data/", "beta"))}


def assert_close(found, expected, *, rtol=1e-6, atol=1e-9):
    """Compare metrics; the first may have more, of what is measured since."""
    assert set(expected) <= set(found)
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=rtol, abs=atol, nan_ok=True), name


def assert_same_values(found, expected, *, rtol=1e-12, atol=1e-12):
    """Compare two tables column by column; the first may have more columns."""
    assert set(expected.columns) <= set(found.columns)
    assert len(found) == len(expected)
    for name in expected.columns:
        if expected[name].dtype.kind == "f":
            np.testing.assert_allclose(found[name], expected[name], rtol=rtol, atol=atol, err_msg=name)
        else:
            assert found[name].tolist() == expected[name].tolist(), name


def in_both(found, expected):
    """Return two comparisons of models without the rows that only one of them has: today more is measured."""
    labels = set(found.iloc[:, 0]) & set(expected.iloc[:, 0])
    return tuple(table[table.iloc[:, 0].isin(labels)].reset_index(drop=True) for table in (found, expected))


def read(path):
    return pd.read_csv(path, float_precision="round_trip")


def untimed(table):
    """Return a table of a run without the rows that a stopwatch gave."""
    return table[~table.iloc[:, 0].astype(str).str.endswith("time (s)")].reset_index(drop=True)


@pytest.mark.parametrize("command", PAST, ids=lambda command: command.name)
def test_the_old_package_did_what_this_test_is_about(lives, command):
    if command.stop is None:
        answer = lives.past.answers[command.name]
        assert answer["code"] == 0, answer["err"]
    elif command.stop["by"] == "SIGINT":
        assert lives.past.answers[command.name]["code"] == 130
    else:
        assert command.name not in lives.past.answers
        assert lives.past.run(command.name).info.status == "RUNNING"


@pytest.mark.parametrize("command", NOW, ids=lambda command: command.name)
def test_no_command_is_refused(lives, command):
    answer = lives.now.answers[command.name]
    assert answer["code"] == 0, answer["err"]


@pytest.mark.parametrize(
    "name", [name for name, argv in READ.items() if argv[-1].endswith(".csv") and argv[0] != "evaluate"]
)
def test_predictions_and_designs_are_the_same_to_the_last_digit(lives, name):
    (file,) = re.findall(r"[\w-]+\.csv$", READ[name][-1])
    found, expected = read(lives.now.out / file), read(lives.past.out / file)
    if name.startswith("compare"):  # of a run killed since then, and of what was made of the others
        found = found[found["id"].isin(expected["id"])].reset_index(drop=True)
    if name.startswith("predict"):  # 0.1 said that a column is predicted also where nothing measured stands beside it
        named = {column: column.removesuffix("_predicted") for column in expected if column not in found}
        expected = expected.rename(columns=named)
    if name.startswith("design"):  # 0.1 wrote the prediction where the measured value belongs
        named = {column: f"{column}_predicted" for column in expected if f"{column}_predicted" in found}
        expected = expected.rename(columns=named)
    assert_same_values(found, expected)


@pytest.mark.parametrize("file", ["linear.h5", "scanned.h5"])
def test_the_loops_of_a_scan_are_the_same(lives, file):
    with h5py.File(lives.now.out / file) as found, h5py.File(lives.past.out / file) as expected:
        names = []
        expected.visit(names.append)
        arrays = [name for name in names if isinstance(expected[name], h5py.Dataset)]
        assert {"measured", "axis", "valid", "embedding", "reconstruction", "resonances/amplitude"} <= set(arrays)
        for name in arrays:
            values = expected[name][()]
            assert found[name].shape == values.shape
            if name not in ("embedding", "reconstruction"):  # those depend on the last digits of the loops
                largest = np.nanmax(np.abs(values))
                np.testing.assert_allclose(found[name][()], values, rtol=1e-4, atol=1e-4 * largest, err_msg=name)


@pytest.mark.parametrize("name", ["linear", "scanned"])
def test_an_old_model_has_the_latents_of_the_same_loops_to_the_last_digit(lives, name, monkeypatch):
    monkeypatch.setenv("REMANENCE_OUTPUTS", str(lives.now.outputs))
    with h5py.File(lives.past.out / f"{name}.h5") as past:
        valid = past["valid"][()]
        loops, latents = past["measured"][valid], past["embedding"][valid]

    found = rm.load(lives.past.run(name).info.run_id).predict(loops)

    np.testing.assert_allclose(found.filter(regex=r"^latent_\d+$"), latents, rtol=1e-12, atol=1e-12)


ON_FITTED = ("evaluate other scan", "evaluate own")
"""Evaluations on data that the run was fitted to, whose errors the old package took for test errors."""


@pytest.mark.parametrize("name", [name for name in READ if name.startswith("evaluate") and name not in ON_FITTED])
def test_an_evaluation_prints_the_same_numbers(lives, name):
    found, expected = (
        dict(re.findall(r"│ (\S+) +│ +(\S+) │", place.answers[name]["out"])) for place in (lives.now, lives.past)
    )
    assert expected
    assert {key: found.get(key) for key in expected} == expected


@pytest.mark.parametrize("name", ON_FITTED)
def test_an_evaluation_on_what_was_fitted_says_so(lives, name):
    out = lives.now.answers[name]["out"]

    assert re.search(
        r"were fitted: their error \(train/…\) is not a test error|held out in turn", out.replace("\n", " ")
    )
    assert "test/" in out


@pytest.mark.parametrize("name", STOPPED)
def test_an_interrupted_run_goes_on_in_its_own_place_to_the_numbers_of_one_left_alone(lives, name):
    before, after, whole = lives.past.run(name), lives.now.run(name), lives.past.run(WHOLE[name])

    assert before.info.status in ("KILLED", "RUNNING")
    assert after.info.status == "FINISHED"
    assert after.info.run_id == before.info.run_id
    assert_close(measured(after.data.metrics), still_logged(measured(whole.data.metrics)))
    assert {key: after.data.params[key] for key in before.data.params} == before.data.params
    configured = {key: value for key, value in after.data.params.items() if not key.startswith("remanence.claim.")}
    assert configured == whole.data.params, "no key was added"
    hashes = {run.data.tags["remanence.config_hash"] for run in (before, after, whole)}
    assert len(hashes) == 1
    assert not [tag for tag in after.data.tags if tag.startswith("remanence.resumed.")]
    assert "begins anew" not in lives.now.answers[f"resume {name}"]["err"]


@pytest.mark.parametrize("name", FORKS)
def test_a_fork_starts_from_the_old_weights(lives, name):
    before, now = lives.past.run(name), lives.now.run(f"{name}-now")
    assert now.data.tags["remanence.forked_from"] == before.data.tags["remanence.forked_from"]
    assert now.data.tags["remanence.config_hash"] == before.data.tags["remanence.config_hash"]
    assert_close(measured(now.data.metrics), still_logged(measured(before.data.metrics)))


@pytest.mark.parametrize("name", RUNS)
def test_a_new_run_of_the_same_command_is_the_same_run(lives, name):
    assert lives.again.answers[name]["code"] == 0, lives.again.answers[name]["err"]
    old, new = lives.past.run(name), lives.again.run(name)
    compared = of_the_training if name == "scanned" else measured
    tolerance = {"rtol": 1e-3, "atol": 1e-3} if name in FITTED else {}
    expected = still_logged(compared(old.data.metrics))
    if name in FORESTS:
        assert set(expected) <= set(new.data.metrics)
    else:
        assert_close(compared(new.data.metrics), expected, **tolerance)
    assert new.data.params == old.data.params
    kept = {tag for tag in old.data.tags if tag.startswith("remanence.")}
    kept -= {"remanence.fit_seconds", "remanence.git.dirty", "remanence.owner"}
    assert {tag: new.data.tags.get(tag) for tag in kept} == {tag: old.data.tags[tag] for tag in kept}


@pytest.mark.parametrize("name", RUNS)
def test_a_new_run_of_the_same_command_writes_the_same_tables_and_figures(lives, name):
    old, new = lives.past.folder(name), lives.again.folder(name)
    written = {path.relative_to(old) for part in ("figures", "tables", "movies") for path in (old / part).rglob("*.*")}
    assert written
    assert written <= {path.relative_to(new) for path in new.rglob("*")}
    if name == "scanned" or name in FORESTS:  # see ``of_the_training`` and ``FORESTS``
        return
    tolerance = {"rtol": 1e-3, "atol": 1e-3} if name in FITTED else {"rtol": 1e-6}
    for path in (path for path in written if path.suffix == ".csv"):
        found, expected = (without_forests(untimed(read(folder / path))) for folder in (new, old))
        if path.stem == "comparison":
            found, expected = in_both(found, expected)
        if name in OF_SEVERAL_FOLDS:
            ends = [column for column in expected if column.endswith(("_low", "_high"))]
            for low, high in zip(ends[::2], ends[1::2], strict=True):
                widths = [float((table[high] - table[low]).mean()) for table in (found, expected)]
                assert widths[0] == pytest.approx(widths[1], rel=0.05), path
            expected = expected.drop(columns=ends)
        assert_same_values(found, expected, **tolerance)
