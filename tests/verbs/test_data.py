import os
import signal
from multiprocessing import get_context

import h5py
import pandas as pd
import pytest

from remanence.data.nbbt import COLUMNS, NBBT
from remanence.data.published import PUBLISHED
from remanence.foundation.whole_file import whole_file


def test_the_list_names_every_data_set_and_how_to_use_it(command):
    result = command("data", "list")

    assert result.code == 0, result.err
    for name in ("nbbt", "beps", "table"):
        assert name in result.out
    for name, entry in PUBLISHED.items():
        (line,) = [line for line in result.out.splitlines() if f" {name} " in line]
        assert entry.use in line
    assert "synthetic" in result.out
    assert "not fetched" in result.out


def test_a_simulator_is_described_by_its_columns(command):
    result = command("data", "describe", "nbbt")

    assert result.code == 0, result.err
    for column in COLUMNS:
        assert column in result.out
    assert "synthetic" in result.out
    assert "21 rows" in result.out


def test_the_simulated_scan_is_described_by_its_latent_factors(command):
    result = command("data", "describe", "beps")

    assert result.code == 0, result.err
    for part in ("synthetic", "two_step", "charged_wall", "rows 60", "kHz", "experiment=beps/raw", "beps/pzt"):
        assert part in result.out


def test_a_simulated_scan_is_written(command, tmp_path):
    path = tmp_path / "scan.h5"

    result = command(
        "data", "simulate", "beps", str(path), "data.rows=3", "data.cols=4", "data.steps=8", "data.bins=20"
    )

    assert result.code == 0, result.err
    assert "192 synthetic spectra of 3 x 4 pixels" in result.out
    with h5py.File(path) as file:
        assert file["Measurement_000/Channel_000/Raw_Data"].shape == (12, 2 * 8 * 20)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_file_is_described_by_its_origin_before_it_is_fetched(command, name):
    result = command("data", "describe", name)

    assert result.code == 0, result.err
    for part in (PUBLISHED[name].url, PUBLISHED[name].sha256, PUBLISHED[name].licence):
        assert part in result.out
    assert f"remanence data fetch {name}" in result.out


CONTENTS = {
    "piezo/knn_d33_train.csv": "204 rows",
    "beps/pizoresponse.npy": "3600 x 96 x 1",
    "beps/resonance.npy": "3600 x 96",
    "beps/voltage.npy": "-16 to 16",
    "be/ckpfm_loops_10x10.npz": "Amplitude [V], Frequency [Hz], Quality Factor, Phase [rad], R2 Criterion",
    "be/SingFreqPFM_0003.h5": "/Measurement_000/Channel_003/Raw_Data",
    "perovskite/perov_bandgaps_PBE.csv": "358 rows",
    "perovskite/perov_solv_BE_for_nestedae.csv": "240 rows",
    "perovskite/PSC_efficiencies_dataset.csv": "1.17 to 2.308; 589 empty",
    "perovskite/mhp_bandgaps_standardised_494.csv": "494 rows",
    **{f"multiscale/dataset_scale_1_1000_{noise}.npy": "1000 x 9" for noise in ("1", "1Em1")},
    **{f"multiscale/dataset_scale_2_1000_{noise}.npy": "1000 x 6" for noise in ("1", "1Em1")},
    **{f"multiscale/dataset_scale_3_1000_{noise}.npy": "1000 x 3" for noise in ("1", "1Em1")},
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_file_in_the_cache_needs_no_network(command, shared_data, monkeypatch, name):
    monkeypatch.setenv("REMANENCE_DATA_DIR", str(shared_data))
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")

    fetched = command("data", "fetch", name)
    described = command("data", "describe", name)

    assert fetched.code == 0, fetched.err
    assert fetched.out.strip() == str(shared_data / name)
    assert described.code == 0, described.err
    assert CONTENTS[name] in described.out
    assert "cached" in command("data", "list").out


def test_a_published_file_that_cannot_be_read_is_one_line(command, tmp_path, monkeypatch):
    monkeypatch.setenv("REMANENCE_DATA_DIR", str(tmp_path))
    path = tmp_path / "beps" / "voltage.npy"
    path.parent.mkdir()
    path.write_bytes(b"garbage")

    result = command("data", "describe", "beps/voltage.npy")

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert str(path) in line


def test_the_published_experiment_trains_from_the_cache(train, shared_data, monkeypatch):
    monkeypatch.setenv("REMANENCE_DATA_DIR", str(shared_data))

    run = train(experiment="piezo/knn")

    entry = PUBLISHED["piezo/knn_d33_train.csv"]
    assert run.inputs.dataset_inputs[0].dataset.digest == entry.sha256[:32]
    assert run.data.tags["remanence.synthetic"] == "false"
    assert run.data.metrics["baseline/random_forest/test/r2"] > 0


def test_a_file_that_cannot_be_fetched_is_one_line(command, all_runs, monkeypatch):
    import pooch

    def refuse(*_, **__):
        raise ConnectionError("no route to host")

    monkeypatch.setattr(pooch, "retrieve", refuse)

    result = command("train", "experiment=piezo/knn")

    assert result.code == 2
    (line,) = result.err.splitlines()
    for part in ("piezo/knn_d33_train.csv", PUBLISHED["piezo/knn_d33_train.csv"].url, "data.path=<file>"):
        assert part in line
    assert all_runs() == []


@pytest.mark.parametrize(("kind", "read"), [(".csv", pd.read_csv), (".xlsx", pd.read_excel)])
def test_a_simulated_table_is_written_and_can_be_trained_on(command, train, tmp_path, kind, read):
    path = tmp_path / f"campaign{kind}"

    result = command("data", "simulate", "nbbt", str(path), "data.replicates=3", "data.series=[NS,QS]")

    assert result.code == 0, result.err
    assert f"36 synthetic rows written to {path}" in result.out
    frame = read(path)
    assert list(frame.columns) == list(COLUMNS)
    assert set(frame["series"]) == {"NS", "QS"}
    run = train(
        f"data.path={path}", "data.target=d33", "data.features=[x,lph_slope]", "model=linear", experiment="piezo/table"
    )
    assert run.data.metrics["test/r2"] > 0.5


def test_the_seed_decides_the_simulated_rows(command, tmp_path):
    contents = []
    for seed in (1, 1, 2):
        assert command("data", "simulate", "nbbt", f"{tmp_path}/out.csv", f"data.seed={seed}").code == 0
        contents.append((tmp_path / "out.csv").read_bytes())

    assert contents[0] == contents[1] != contents[2]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "expected one of list, describe, convert, simulate, fetch"),
        (["lst"], "did you mean 'list'?"),
        (["describe"], "expected one of nbbt"),
        (["describe", "nbtb"], "did you mean 'nbbt'?"),
        (["describe", "nbbt", "more"], "expected one of nbbt"),
        (["fetch", "nbbt"], "expected one of piezo/knn_d33_train.csv"),
        (["simulate", "nbbt"], "expected nbbt <file>"),
        (["simulate", "knn", "out.csv"], "expected nbbt <file>"),
        (["simulate", "nbbt", "out.csv", "seed=1"], "expected data.<key>=<value>, got 'seed=1'"),
        (["simulate", "nbbt", "out.csv", "data.replicates=0"], "data.replicates: should be greater than or equal to 1"),
        (["simulate", "nbbt", "out.csv", "data.series=[NS,XX]"], "data.series"),
        (["simulate", "nbbt", "out.csv", "data.replicate=2"], "did you mean 'data.replicates'?"),
        (["simulate", "beps", "out.csv"], "cannot write '.csv'; expected .h5 or .hdf5"),
        (["simulate", "beps", "nowhere/out.h5"], "does not exist"),
        (["simulate", "beps", "out.h5", "data.rows=0"], "data.rows: should be greater than or equal to 1"),
        (["simulate", "beps", "out.h5", "data.outliers=1.0"], "data.outliers: should be less than 1"),
        (["simulate", "beps", "out.h5", "data.row=2"], "did you mean 'data.rows'?"),
        (["simulate", "nbbt", "out.docx"], "cannot write '.docx'"),
        (["simulate", "nbbt", "nowhere/out.csv"], "does not exist"),
    ],
)
def test_what_is_asked_wrongly_is_one_line(command, tmp_path, monkeypatch, arguments, reason):
    monkeypatch.chdir(tmp_path)

    result = command("data", *arguments)

    assert result.code == 2
    (line,) = result.err.splitlines()
    assert line.startswith("remanence: error: ")
    assert reason in line
    assert not list(tmp_path.glob("out.*"))


@pytest.mark.parametrize(
    ("name", "size", "changes"),
    [
        ("nbbt out.csv", 100, []),
        ("nbbt out.xlsx", 100, []),
        ("nbbt out.parquet", 100, []),
        ("beps out.h5", 0, ["data.rows=3", "data.cols=4", "data.steps=8", "data.bins=20"]),
        ("beps out.h5", 1000, ["data.rows=3", "data.cols=4", "data.steps=8", "data.bins=20"]),
        ("beps out.h5", 30_000, ["data.rows=3", "data.cols=4", "data.steps=8", "data.bins=20"]),
    ],
)
def test_a_full_disk_leaves_the_earlier_simulation_and_one_line(
    command, tmp_path, monkeypatch, room, name, size, changes
):
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    simulator, file = name.split()
    (folder / file).write_text("earlier")

    room(size)
    result = command("data", "simulate", simulator, file, *changes)

    assert (result.code, result.err) == (2, f"remanence: error: {file}: cannot be written: File too large\n")
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [(file, "earlier")]


def test_more_rows_than_a_workbook_holds_are_not_simulated(command, tmp_path, monkeypatch):
    monkeypatch.setattr(NBBT, "simulate", lambda self: pytest.fail("simulated"))

    result = command("data", "simulate", "nbbt", f"{tmp_path}/out.xlsx", "data.replicates=1000000")

    assert result.code == 2
    assert "out.xlsx: a workbook holds at most 1048575 rows, the table has " in result.err


def test_the_number_of_samples_is_that_of_the_rows(command, tmp_path):
    assert command("data", "simulate", "nbbt", f"{tmp_path}/out.csv", "data.replicates=3").code == 0

    keys = {"target": "d33", "features": ["x"], "split": {}}
    samples = NBBT(series=["NS", "QS", "Sr", "Bi"], replicates=3, **keys).samples
    assert len(pd.read_csv(tmp_path / "out.csv")) == samples


@pytest.mark.parametrize(("name", "small"), [("nbbt out.csv", []), ("beps out.h5", ["data.rows=2", "data.cols=2"])])
def test_what_a_killed_simulation_has_left_over_is_removed_by_the_next(command, tmp_path, monkeypatch, name, small):
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    simulator, file = name.split()
    killed = get_context("fork").Process(target=_killed_while_writing, args=(file,))
    killed.start()
    killed.join()
    assert len(list(folder.iterdir())) == 1

    assert command("data", "simulate", simulator, file, *small).code == 0

    assert [path.name for path in folder.iterdir()] == [file]


def _killed_while_writing(file):
    with whole_file(file) as unfinished:
        unfinished.write_text("half")
        os.kill(os.getpid(), signal.SIGKILL)
