import numpy as np
import pytest

from remanence.configuration.compose import compose
from remanence.data.spectra.beps import BEPS
from remanence.data.spectra.loops import Loops
from remanence.data.spectra.own import OwnSpectra
from remanence.data.spectra.raw import Raw
from remanence.data.spectra.toy import Toy
from remanence.errors import DataError
from remanence.studies.spectra.other_spectra import reader_of
from remanence.studies.spectra.scan import open_scan


def run_on(data, *overrides):
    """Return the stored configuration of a run."""
    from omegaconf import OmegaConf

    cfg = compose([f"data={data}", "model=pca", "baselines=none", *overrides])
    return {**OmegaConf.to_container(cfg), "data": OmegaConf.to_container(cfg.data, resolve=True)}  # as is stored


@pytest.mark.parametrize(
    ("data", "name", "reader"),
    [
        ("beps", "beps_snake.h5", Raw),
        ("beps", "nsid_loops.h5", Loops),
        ("beps", "loops_map.npy", Loops),
        ("beps", "", BEPS),
        ("raw", "beps_snake.h5", Raw),
        ("raw", "nsid_complex_beps.h5", Raw),
        ("raw", "nsid_loops.h5", Loops),
        ("raw", "loops_wide.csv", Loops),
        ("raw", "nsid_raman.h5", Raw),
        ("raw", "", BEPS),
        ("loops", "beps_snake.h5", Raw),
        ("loops", "bglib_sho_fit.h5", Loops),
        ("loops", "loops.mat", Loops),
        ("own", "nsid_loops.h5", OwnSpectra),
        ("own", "iv_map.h5", OwnSpectra),
        ("own", "loops.npz", OwnSpectra),
        ("toy", "loops_map.npy", Toy),
    ],
)
def test_what_can_read_a_file_reads_it(instruments, data, name, reader):
    assert type(reader_of(run_on(data), str(instruments / name), [])) is reader


def test_which_loop_is_read_is_that_of_the_run_unless_it_is_said(instruments, capsys):
    config = run_on("raw", "data.field='on'", "data.cycle=0", "data.max_bad=0.5")

    loops = reader_of(config, str(instruments / "nsid_two_spectral_dimensions.h5"), ["data.cycle=1"])

    assert (loops.selection.field, loops.selection.cycle, loops.max_bad) == ("on", 1, 0.5)
    assert "nsid_two_spectral_dimensions.h5: read as loops, unlike the spectra of the run" in capsys.readouterr().out


def test_a_missing_file_is_asked_of_the_class_of_the_run(tmp_path):
    assert type(reader_of(run_on("own"), str(tmp_path / "no.npy"), [])) is OwnSpectra
    assert type(reader_of(run_on("beps"), str(tmp_path / "no.h5"), [])) is Raw
    with pytest.raises(DataError, match="no such file"):
        open_scan(run_on("loops"), str(tmp_path / "no.npy"), [])


def test_a_map_keeps_the_positions_of_its_file(instruments):
    scan = open_scan(run_on("own"), str(instruments / "nsid_raman.h5"), [])

    assert scan.shape == (4, 5)
    assert [axis.units for axis in scan.positions] == ["m", "m"]
    np.testing.assert_allclose(np.ptp(scan.positions[1].values), 2e-6)
    assert scan.read(slice(0, 3)).shape == (3, 181, 1)


def test_a_map_too_small_to_hold_pixels_out_can_still_be_read(instruments):
    assert open_scan(run_on("loops"), str(instruments / "nsid_loops.h5"), []).pixels == 20
