"""Watching: every pixel is encoded once, where it belongs, whatever becomes of the writer or of us."""

import shutil
import signal

import h5py
import numpy as np
import pytest
from growing_file import Clock, unwritten, write

from remanence.data.spectra.growing_scan import GrowingScan
from remanence.data.spectra.raw import Raw
from remanence.data.spectra.simulated import SimulatedScan
from remanence.errors import DataError
from remanence.models.pca import PCA
from remanence.studies.spectra.logged_model import Instrument, SpectralModel
from remanence.studies.spectra.watch import Watch
from remanence.studies.spectra.watched_file import WatchedFile

SMALL = {"rows": 3, "cols": 4, "steps": 8, "bins": 16, "cycles": 1, "snr": 50.0, "outliers": 0.0, "dead_pixels": 0.0}
SPLIT = {"kind": "random", "test": 0.2, "validation": 0.1, "block": 1, "seed": 0}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The scan as it will be."""
    path = tmp_path_factory.mktemp("scans") / "whole.h5"
    SimulatedScan(**SMALL).write(path)
    return path


@pytest.fixture(scope="module")
def model(whole):
    data = Raw(path=str(whole), split=SPLIT).open()
    network = PCA(**data.shape, n_components=2).fit(data.x[data.fold.fitting])
    return SpectralModel(network, Instrument.of(data), np.linspace(0.01, 0.2, 200))


@pytest.fixture
def watch(model, tmp_path):
    """Watch ``scan.h5`` while things happen at their times; return how it ended, and the watch."""

    def run(*events, output="out.h5"):
        clock = Clock(events)
        instrument = model.instrument
        with (
            GrowingScan(Raw(path=str(tmp_path / "scan.h5"), split=SPLIT)) as scan,
            WatchedFile(tmp_path / output, scan, instrument, "1a2b") as file,
        ):
            looked = Watch(
                scan, model, [0, 1], file, instrument.rotation, instrument.conjugated, clock=clock, sleep=clock.sleep
            )
            return looked.run(), looked

    return run


def found(path, name="latents"):
    """Read a dataset of the output as any program may at any moment, from a copy of its bytes."""
    shutil.copy(path, path.with_name("copy.h5"))
    with h5py.File(path.with_name("copy.h5")) as file:
        return file[f"scan/{name}/{name}"][...]


def expected(whole, model):
    measured = Raw(path=str(whole), split=SPLIT).read().values
    return model.predict(measured)["embedding"].reshape(3, 4, 2)


@pytest.mark.parametrize("grows", [False, True])
@pytest.mark.parametrize("backwards", [False, True])
def test_pixels_are_encoded_as_they_come_and_stand_in_the_map(whole, model, watch, tmp_path, grows, backwards):
    path = tmp_path / "scan.h5"
    spectra = unwritten(whole, path, grows=grows, backwards=backwards)
    places = np.arange(12).reshape(3, 4)
    places[1] = places[1, ::-1] if backwards else places[1]
    rows = spectra[places.ravel()]  # the file in the order in which it is written
    some = []

    ended, looked = watch(
        (0.1, lambda: write(path, rows, *range(5))),
        (0.5, lambda: some.append(found(tmp_path / "out.h5", "valid").copy())),
        (0.6, lambda: write(path, rows, *range(5, 12))),
    )

    assert ended == "all of its pixels are there"
    assert some[0].sum() == 5
    np.testing.assert_allclose(found(tmp_path / "out.h5"), expected(whole, model), rtol=1e-6, atol=1e-9)
    assert np.isfinite(found(tmp_path / "out.h5", "written_at")).all()
    assert looked.masked == 0


def test_what_was_begun_is_gone_on_with(whole, model, watch, tmp_path):
    path = tmp_path / "scan.h5"
    spectra = unwritten(whole, path)

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch((0.1, lambda: write(path, spectra, *range(7))), (0.5, interrupt))
    first = found(tmp_path / "out.h5", "written_at")
    assert np.isfinite(first).sum() == 7
    write(path, spectra, *range(7, 12))

    ended, _ = watch()

    assert ended == "all of its pixels are there"
    again = found(tmp_path / "out.h5", "written_at")
    np.testing.assert_array_equal(again.ravel()[:7], first.ravel()[:7])
    np.testing.assert_allclose(found(tmp_path / "out.h5"), expected(whole, model), rtol=1e-6, atol=1e-9)


def test_the_writer_says_that_nothing_will_follow(whole, model, watch, tmp_path):
    path = tmp_path / "scan.h5"
    spectra = unwritten(whole, path)
    spectra[2, -32:] = 0  # of the last pixel, the last step is not there

    ended, _ = watch((0.1, lambda: write(path, spectra, 0, 1, 2, mark=True)))

    assert ended == "its writer has ended it with 3 of 12 pixels"
    assert np.isfinite(found(tmp_path / "out.h5", "written_at")).ravel().tolist() == [True] * 3 + [False] * 9


def test_pixels_that_are_passed_over_are_taken_when_they_come(whole, model, watch, tmp_path):
    path = tmp_path / "scan.h5"
    spectra = unwritten(whole, path)

    ended, _ = watch(
        (0.1, lambda: write(path, spectra, 0, 1, 3, 4)),
        (5.0, lambda: write(path, spectra, *range(5, 12))),
        (9.0, lambda: write(path, spectra, 2)),
    )

    assert ended == "all of its pixels are there"
    at = found(tmp_path / "out.h5", "written_at").ravel()
    assert at.argmax() == 2
    np.testing.assert_allclose(found(tmp_path / "out.h5"), expected(whole, model), rtol=1e-6, atol=1e-9)


def test_a_scan_that_rests_is_told_once_and_waited_for(whole, model, watch, tmp_path, capsys):
    path = tmp_path / "scan.h5"
    spectra = unwritten(whole, path)

    ended, _ = watch(
        (0.1, lambda: write(path, spectra, 0, 1)),
        (100.0, lambda: write(path, spectra, *range(2, 12))),
    )

    assert ended == "all of its pixels are there"
    out = " ".join(capsys.readouterr().out.split())
    assert out.count("no new pixel for 30 s, 2 of 12 are there; still waiting") == 1


def test_novel_pixels_are_flagged_and_told(whole, model, watch, tmp_path, capsys):
    path = tmp_path / "scan.h5"
    spectra = unwritten(whole, path).reshape(12, 8, 2, 16)
    spectra[5] = spectra[5, [3, 0, 6, 1, 7, 2, 5, 4]]  # the steps of its loop are in disorder
    write(path, spectra.reshape(12, -1), *range(12))

    _, looked = watch()

    novel = found(tmp_path / "out.h5", "novel").ravel()
    assert novel[5]
    assert looked.flagged == novel.sum()
    np.testing.assert_array_equal(novel, found(tmp_path / "out.h5", "novelty").ravel() >= 0.99)
    assert "scan.h5: row 1, column 1 is novel (0.9" in capsys.readouterr().out


def test_a_dead_pixel_is_masked(whole, model, watch, tmp_path):
    path = tmp_path / "scan.h5"
    spectra = unwritten(whole, path)
    noise = np.random.default_rng(0).normal(size=(*spectra[4].shape, 2))
    spectra[4] = 1e-9 * noise.view(complex)[:, 0]
    write(path, spectra, *range(12))

    _, looked = watch()

    assert looked.masked == 1
    assert found(tmp_path / "out.h5", "valid").ravel().tolist() == [True] * 4 + [False] + [True] * 7
    assert np.isnan(found(tmp_path / "out.h5")[1, 0]).all()
    assert np.isfinite(found(tmp_path / "out.h5", "written_at")).all()


@pytest.mark.parametrize("other", ["scan", "run", "file"])
def test_an_output_of_something_else_is_kept(whole, model, watch, tmp_path, other):
    path, out = tmp_path / "scan.h5", tmp_path / "out.h5"
    write(path, unwritten(whole, path), *range(12))
    watch()
    if other == "scan":
        SimulatedScan(**SMALL, seed=1).write(path)
    elif other == "run":
        with h5py.File(out, "r+") as file:
            file["scan"].attrs["run"] = "3c4d"
    else:
        shutil.copy(whole, out)
    before = out.read_bytes()

    with pytest.raises(DataError, match=r"out\.h5: .*name another file"):
        watch()

    assert out.read_bytes() == before


def test_ctrl_c_ends_with_130_and_keeps_the_output(command, outputs, whole, tmp_path, monkeypatch):
    SimulatedScan(**{**SMALL, "rows": 10, "cols": 6}).write(tmp_path / "trained_on.h5")
    small = ("model=pca", "model.n_components=2", "baselines=none", "figures=brief", "name=loops")
    trained = command("train", "experiment=beps/raw", f"data.path={tmp_path}/trained_on.h5", *small)
    assert trained.code == 0, trained.err
    path = tmp_path / "scan.h5"
    write(path, unwritten(whole, path), *range(5))
    monkeypatch.setattr("remanence.studies.spectra.watch.Watch.pause", lambda self, seconds: signal.raise_signal(2))

    result = command("watch", "run=loops", f"input={path}", f"output={tmp_path}/out.h5")

    out = " ".join(result.out.split())
    assert result.code == 130, result.err
    assert "interrupted; the same command goes on; 5 of 12 pixels written" in out
    assert np.isfinite(found(tmp_path / "out.h5", "written_at")).sum() == 5
    assert "rad and the phase sense (as recorded) are those of run " in out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["run=a", "input=scan.h5"], "watch: output=… must be given"),
        (["run=a", "input=scan.h5", "output=scan.h5"], "is the input, which would be lost"),
        (["run=a", "input=scan.h5", "output=out.h5", "rotation=much"], "watch: rotation: expected an angle in rad"),
    ],
)
def test_what_cannot_be_watched_is_one_line(command, whole, tmp_path, monkeypatch, arguments, reason):
    shutil.copy(whole, tmp_path / "scan.h5")
    monkeypatch.chdir(tmp_path)

    result = command("watch", *arguments)

    assert result.code == 2
    assert reason in result.err
    assert len(result.err.splitlines()) == 1
