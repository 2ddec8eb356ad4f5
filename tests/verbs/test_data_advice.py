"""What is advised on files of spectra is done with files of other software, and does what the message says."""

import re
import shlex

import numpy as np
import pytest
from instruments.manifest import FOLDER
from instruments.reading import measured
from instruments.scans import BIAS, OFF

from remanence.errors import DataError


def test_a_file_with_the_axis_is_taken_as_is_advised(capsys):
    counted = measured("own", "loops_map.npy")
    assert "steps are counted from 0 to 15; data.axis= gives their values" in capsys.readouterr().out
    given = measured("own", "loops_map.npy", axis=FOLDER / "bias.npy")

    np.testing.assert_array_equal(counted.axis, np.arange(16))
    np.testing.assert_array_equal(given.axis, BIAS)


@pytest.mark.parametrize("name", ["loops_flat.npy", "loops_in_columns.csv"])
def test_pixels_become_a_map_as_is_advised(capsys, name):
    measured("own", name)
    assert "the 20 pixels are one line; data.shape=[rows,columns] makes them a map" in capsys.readouterr().out

    assert measured("own", name, shape="[4,5]").scene.shape == (4, 5)


def test_arrays_of_another_shape_are_read_as_loops_as_is_advised(tmp_path):
    np.save(tmp_path / "voltage.npy", BIAS)
    for name in ("pizoresponse", "resonance"):
        np.save(tmp_path / f"{name}.npy", OFF)
    with pytest.raises(DataError, match="experiment=beps/loops reads loops of any shape"):
        measured("beps", None, dir=tmp_path)
    loops = measured("loops", tmp_path / "pizoresponse.npy", axis=tmp_path / "voltage.npy")

    np.testing.assert_array_equal(loops.values[..., 0], OFF)


def test_arrays_that_are_not_the_published_ones_are_scaled_as_is_advised(tmp_path, capsys):
    np.save(tmp_path / "voltage.npy", BIAS)
    for name in ("pizoresponse", "resonance"):
        np.save(tmp_path / f"{name}.npy", np.zeros((3600, 16)))
    physical = measured("beps", None, dir=tmp_path)
    assert "data.scaled=true takes them as z-scores of the published scale" in capsys.readouterr().out
    scaled = measured("beps", None, dir=tmp_path, scaled="true")

    assert (physical.values == 0).all()
    np.testing.assert_allclose(scaled.values[0, 0], [-1.0487273116670697e-05, 1324.800141637855])


def test_spectra_that_nobody_has_fitted_are_fitted_as_is_advised():
    with pytest.raises(DataError, match=r"experiment=beps/raw data\.path=") as refused:
        measured("loops", "beps_snake.h5")
    path = re.search(r"data\.path=(\S+)", str(refused.value)).group(1)

    np.testing.assert_allclose(measured("raw", path).values[..., 0], OFF, atol=1e-5)


def test_what_has_no_bias_gets_one_or_is_read_along_its_axis_as_is_advised():
    with pytest.raises(DataError, match="experiment=spectra/own reads spectra along any axis"):
        measured("loops", "nsid_odd_names.h5")
    own = measured("own", "nsid_odd_names.h5")
    named = measured("loops", "nsid_raman.h5", names="{DC_Offset: wavenumber}", units="{DC_Offset: V}")

    np.testing.assert_allclose(own.axis, np.sqrt(np.linspace(1, 100, 16)))
    np.testing.assert_allclose(named.axis, np.linspace(100, 1000, 181))


def test_projected_loops_are_read_as_is_advised(capsys):
    measured("loops", "bglib_projected_loops.h5")
    said = capsys.readouterr().out.replace("\n", " ")
    path = re.search(r"data\.dataset=(\S+) reads the projected loops instead", said).group(1)

    assert path.endswith("/Projected_Loops")
    assert measured("loops", "bglib_projected_loops.h5", dataset=path).values.shape[:2] == (20, 16)


def test_a_file_of_an_instrument_is_converted_as_is_advised(command, tmp_path):
    wave = FOLDER / "igor_volume.ibw"
    with pytest.raises(DataError, match="an instrument's own file: remanence data convert") as refused:
        measured("own", wave)
    words = shlex.split(re.search(r"remanence (data convert)", str(refused.value)).group(1))

    assert command(*words, str(wave), str(tmp_path / "a.h5")).code == 0
    np.testing.assert_allclose(measured("own", tmp_path / "a.h5").axis, np.linspace(-16, 16, 17))


@pytest.mark.parametrize("data", ["own", "loops"])
def test_a_path_is_given_as_is_advised(data):
    with pytest.raises(DataError, match=r"no file given; add data\.path="):
        measured(data, None)

    assert measured(data, "nsid_loops.h5").values.shape == (20, 16, 1)
