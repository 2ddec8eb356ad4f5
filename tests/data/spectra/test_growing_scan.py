"""A scan that is still being written: which of its pixels are there, where they belong, and what its writer may do."""

import subprocess
import sys

import numpy as np
import pytest
from growing_file import RAW, unwritten, write

from remanence.data.spectra.growing_scan import GrowingScan
from remanence.data.spectra.raw import Raw
from remanence.data.spectra.simulated import SimulatedScan
from remanence.errors import DataError

SMALL = {"rows": 3, "cols": 4, "steps": 8, "bins": 16, "cycles": 1, "snr": 50.0, "outliers": 0.0, "dead_pixels": 0.0}


@pytest.fixture
def whole(tmp_path):
    """The scan as it will be."""
    SimulatedScan(**SMALL).write(tmp_path / "whole.h5")
    return tmp_path / "whole.h5"


def growing(path, **choices):
    return GrowingScan(Raw(path=str(path), **choices))


@pytest.mark.parametrize("grows", [False, True])
@pytest.mark.parametrize("fill", [None, np.complex64(np.nan), np.complex64(7)])
def test_pixels_are_there_once_they_are_written(whole, tmp_path, grows, fill):
    path = tmp_path / "scan.h5"
    spectra = unwritten(whole, path, grows=grows, fill=fill)

    with growing(path) as scan:
        assert not scan.measured(scan.read(slice(0, 2))).any()
        write(path, spectra, 0, 1)  # while the viewer has it open
        scan.reopen()

        there = scan.measured(scan.read(slice(0, 4))).all(axis=1)
        assert there.tolist() == ([True, True] if grows else [True, True, False, False])
        assert scan.read(slice(0, 2)).shape == (2, 8, 16)
        assert not scan.passed_over(1)
        write(path, spectra, 5)
        scan.reopen()
        assert scan.passed_over(2)


def test_a_pixel_of_which_a_part_is_there_is_not_complete(whole, tmp_path):
    path = tmp_path / "scan.h5"
    spectra = unwritten(whole, path)
    spectra[0, -32:] = 0  # the last bias step, of both fields

    with growing(path) as scan:
        write(path, spectra, 0)
        scan.reopen()
        assert scan.measured(scan.read(slice(0, 1)))[0].tolist() == [True] * 7 + [False]


def test_pixels_of_a_snake_stand_where_they_belong(whole, tmp_path):
    path = tmp_path / "scan.h5"
    spectra = unwritten(whole, path, backwards=True)
    write(path, spectra, *range(12))

    with growing(path) as scan:
        assert scan.places.tolist() == [0, 1, 2, 3, 7, 6, 5, 4, 8, 9, 10, 11]
        points = scan.scan.points.ravel()
        np.testing.assert_array_equal(scan.read(slice(3, 9)).reshape(6, -1), spectra[3:9, points])


def test_a_writer_in_swmr_mode_is_read_while_it_writes_and_after_it_was_killed(whole, tmp_path):
    path = tmp_path / "scan.h5"
    unwritten(whole, path)
    script = f"""
import h5py, os, sys
with h5py.File({str(whole)!r}) as source, h5py.File({str(path)!r}, "r+", libver="v110") as file:
    file.swmr_mode = True
    for pixel in map(int, sys.stdin):
        file[{RAW!r}][pixel] = source[{RAW!r}][pixel]
        file[{RAW!r}].flush()
        print(pixel, flush=True)
"""
    writer = subprocess.Popen([sys.executable, "-c", script], stdin=-1, stdout=-1, text=True)
    try:
        tell = lambda pixel: (writer.stdin.write(f"{pixel}\n"), writer.stdin.flush(), writer.stdout.readline())  # noqa: E731
        tell(0)
        with growing(path) as scan:
            assert scan.measured(scan.read(slice(0, 2))).all(axis=1).tolist() == [True, False]
            tell(1)
            scan.refresh()
            assert scan.measured(scan.read(slice(0, 2))).all()
            assert not scan.writer_has_closed()
            writer.kill()
            writer.wait()
            scan.reopen()
            assert scan.measured(scan.read(slice(0, 2))).all()
            assert not scan.ended
    finally:
        writer.kill()
        writer.communicate()


def test_the_mark_of_the_end_is_seen(whole, tmp_path):
    path = tmp_path / "scan.h5"
    spectra = unwritten(whole, path)

    with growing(path) as scan:
        assert not scan.ended
        write(path, spectra, mark=True)
        scan.reopen()
        assert scan.ended
        assert scan.writer_has_closed()


def test_loops_are_those_of_the_whole_scan(whole, tmp_path):
    expected = Raw(path=str(whole)).read()

    with growing(whole) as scan:
        rotation = expected.resonances.rotation
        loops, fitted = scan.loops(scan.read(slice(2, 5)), rotation=rotation, conjugate=False)

    np.testing.assert_allclose(loops, expected.values[2:5], rtol=1e-9, equal_nan=True)
    np.testing.assert_allclose(fitted["quality_factor"], expected.resonances.quality_factor[2:5], rtol=1e-9)


def test_more_pixels_than_positions_are_one_line(whole, tmp_path):
    path = tmp_path / "scan.h5"
    unwritten(whole, path, grows=True)
    with growing(path) as scan:
        scan._data = np.empty((13, 1))

        with pytest.raises(DataError, match=r"has grown to 13 pixels, and the table of positions has 12"):
            scan.read(slice(0, 1))


def test_a_scan_that_is_being_written_is_described_and_that_is_said(whole, tmp_path, capsys):
    path = tmp_path / "scan.h5"
    spectra = unwritten(whole, path)
    write(path, spectra, 0)
    script = f"""
import h5py
with h5py.File({str(path)!r}, "r+", libver="v110") as file:
    file.swmr_mode = True
    print(1, flush=True)
    input()
"""
    writer = subprocess.Popen([sys.executable, "-c", script], stdin=-1, stdout=-1, text=True)
    try:
        writer.stdout.readline()
        assert Raw(path=str(path)).scan().pixels == 12
    finally:
        writer.communicate("\n")
    assert "scan.h5: is being written, or its writer died; read as far as it was written" in capsys.readouterr().out
