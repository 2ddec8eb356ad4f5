import h5py
import numpy as np
import pytest
from instruments import known

from remanence.data.spectra.loops import Loops
from remanence.errors import DataError

LOOPS = known.loops(known.bias())
FITS = "/Measurement_000/Channel_000/Raw_Data-SHO_Fit_000"
P, W = "piezoresponse (arb. units)", "resonance frequency (kHz)"


def read(path, **options):
    return Loops(path=str(path), **options).read()


@pytest.mark.parametrize(
    ("name", "options", "channel"),
    [
        ("nsid_loops.h5", {}, "piezoresponse (V)"),
        ("nsid_x_first.h5", {}, "piezoresponse (V)"),
        ("loops_map.npy", {"axis": "bias.npy"}, P),
        ("loops_flat.npy", {"axis": "bias.npy", "shape": [4, 5]}, P),
        ("loops.mat", {}, "piezoresponse"),
        ("loops_wide.csv", {}, P),
        ("loops_in_columns.csv", {"shape": [4, 5]}, P),
    ],
)
def test_loops_of_any_file_are_those_that_were_written(instruments, name, options, channel):
    measured = read(instruments / name, **options)

    np.testing.assert_allclose(measured.values[..., 0], LOOPS, rtol=1e-6)
    np.testing.assert_allclose(measured.axis, known.bias(), rtol=1e-6)
    assert (measured.axis_label, measured.channels) == ("DC bias (V)", (channel,))
    assert measured.scene.shape == (4, 5)


def test_fits_of_bglib_are_taken_as_they_are(instruments, capsys):
    measured = read(instruments / "bglib_sho_fit.h5")

    said = capsys.readouterr().out
    assert "320 stored fits are taken as they are, 0 bad (0.00%)" in said
    assert measured.channels == (P, W)
    np.testing.assert_allclose(measured.values[..., 0], LOOPS, atol=3e-5)  # the noise of the spectra
    np.testing.assert_allclose(measured.values[..., 1], known.resonances(LOOPS) / 1e3, atol=0.1)
    assert measured.scene.side == pytest.approx(2.0)


def test_fits_agree_with_a_plain_reading(instruments):
    path = instruments / "bglib_sho_fit.h5"
    with h5py.File(path) as file:
        records = file[f"{FITS}/Fit"][()]

    measured = read(path)

    np.testing.assert_allclose(measured.values[..., 1], records["Frequency [Hz]"] / 1e3)
    np.testing.assert_allclose(np.abs(measured.values[..., 0]), records["Amplitude [V]"], rtol=0.02)


def test_projected_loops_are_read_where_they_are_named(instruments, capsys):
    path = instruments / "bglib_projected_loops.h5"
    read(path)
    dataset = f"{FITS}/Fit-Loop_Fit_000/Projected_Loops"
    assert f"data.dataset={dataset} reads the projected loops instead" in capsys.readouterr().out

    measured = read(path, dataset=dataset)

    with h5py.File(path) as file:
        np.testing.assert_array_equal(measured.values[..., 0], file[dataset][()])
    assert measured.channels == ("projected piezoresponse (arb. units)",)


@pytest.mark.parametrize("field", ["off", "on"])
def test_the_field_of_stored_fits_is_chosen(instruments, field):
    path = instruments / "bglib_generated.h5"  # its columns are off, on, off, on …
    with h5py.File(path) as file:
        frequency = file[f"{FITS}/Fit"]["Frequency [Hz]"] / 1e3
        chosen = file[f"{FITS}/Spectroscopic_Values"][0] == (field == "on")

    measured = read(path, field=field)

    assert measured.values.shape == (20, 16, 2)
    np.testing.assert_allclose(measured.values[..., 1], frequency[:, chosen])


def test_cycles_are_chosen_or_kept(instruments):
    path = instruments / "nsid_two_spectral_dimensions.h5"

    both = read(path, cycle="all")
    first, last = read(path, cycle=0), read(path)

    assert both.channels == ("piezoresponse (V), cycle 0", "piezoresponse (V), cycle 1")
    np.testing.assert_array_equal(both.values, np.concatenate([first.values, last.values], axis=2))


def test_datasets_along_one_bias_are_channels_of_one_loop(instruments):
    measured = read(instruments / "nsid_several.h5")

    assert measured.channels == ("piezoresponse (V)", W)
    np.testing.assert_allclose(measured.values[..., 1], known.resonances(LOOPS) / 1e3)
    assert read(instruments / "nsid_several.h5", channel="Channel_001").channels == ("piezoresponse (V)",)


def test_every_read_voltage_of_the_real_contact_kelvin_probe_scan_is_a_loop(shared_data, capsys):
    path = shared_data / "be" / "ckpfm_loops_10x10.npz"
    with np.load(path) as arrays:
        frequency, write = arrays["Nd_mat"]["Frequency [Hz]"][:, :, 0], arrays["bias_vec_w"]

    measured = read(path)

    assert measured.values.shape == (100, 64, 10)
    assert measured.channels[4:6] == (f"{P}, read 0 V", f"{W}, read 0 V")
    np.testing.assert_allclose(measured.axis, write)
    there = np.isfinite(measured.values).all(axis=(1, 2))
    assert there.sum() == 80
    assert not there[73]  # the dead pixel
    kept = measured.values[there][..., 5] == frequency.reshape(100, 64, 5)[there][..., 2].astype(np.float64) / 1e3
    assert kept.mean() > 0.9  # the others are interpolated
    assert "the file does not name them" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nsid_image.h5", "is an image of 20 pixels without a spectral dimension (NSID)"),
        ("nsid_point_spectrum.h5", "is the spectrum of a single point (NSID)"),
        ("nsid_raman.h5", "has no bias (its spectral dimensions: wavenumber)"),
        ("nsid_complex_beps.h5", "whose resonances nobody has fitted; experiment=beps/raw"),
        ("loops_two_channels.npy", "no array or file 'voltage'"),
    ],
)
def test_what_is_no_loop_is_named_as_what_it_is(instruments, name, expected):
    with pytest.raises(DataError) as caught:
        read(instruments / name, **({"axis": "voltage"} if name.endswith("npy") else {}))
    assert expected in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_bad_fits_are_told_and_without_good_ones_nothing_is_read(instruments, capsys):
    path = instruments / "bglib_sho_fit.h5"

    read(path, minimum_r2=0.9999, max_bad=1.0)
    assert "of them interpolated, the rest in 0 masked pixels" in capsys.readouterr().out
    with pytest.raises(DataError, match="none of its 320 fits has an R² of 1 or more"):
        read(path, minimum_r2=1.0)


@pytest.mark.parametrize("name", ["DC_Offset", "Voltage"])
def test_the_unit_of_the_bias_is_given_as_the_message_says_or_by_the_name_in_the_file(
    instruments, tmp_path, capsys, name
):
    path = tmp_path / "loops.h5"
    path.write_bytes((instruments / "nsid_loops.h5").read_bytes())
    with h5py.File(path, "r+") as file:
        file["Measurement_000/Channel_000/loops/Voltage"].attrs["units"] = ""

    read(path)
    assert "data.units={DC_Offset: <unit>} says otherwise" in capsys.readouterr().out

    np.testing.assert_allclose(read(path, units={name: "mV"}).axis, known.bias() / 1e3, rtol=1e-6)
