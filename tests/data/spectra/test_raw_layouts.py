"""Loops of files that other software wrote, compared with what the files were made of."""

import numpy as np
import pytest
from instruments import known, manifest

from remanence.data.spectra.loops import Loops
from remanence.data.spectra.raw import Raw
from remanence.data.spectra.streamed_loops import StreamedLoops
from remanence.errors import DataError

LOOP = known.loops(known.bias())


def read(name, **chosen):
    return Raw(path=str(manifest.FOLDER / f"{name}.h5"), **chosen).read()


def assert_loops(values, expected, noise=1.5e-5, kilohertz=0.12):
    """Compare loops (pixels, steps, 2) with known ones (pixels, steps), at pixels that were measured."""
    there = np.isfinite(values).all(axis=(1, 2))
    np.testing.assert_allclose(values[there, :, 0], expected[there], atol=noise)
    strong = np.abs(expected[there]) > 2e-4  # a resonance without response has no frequency
    off = values[there, :, 1] - known.resonances(expected)[there] / 1e3
    assert np.abs(off[strong]).max() < kilohertz


@pytest.mark.parametrize(
    "name",
    [
        "beps_snake",
        "beps_permuted_rows",
        "beps_x_slow",
        "beps_singleton_z",
        "beps_incomplete_grid",
        "beps_labels_on_indices_only",
        "beps_without_units",
        "beps_real_and_imaginary",
        "beps_other_names",
        "beps_bias_mv",
        "beps_frequency_khz",
        "beps_frequency_mhz",
        "beps_frequency_mhz_without_unit",
        "beps_opposite_phase",
        "beps_fast_column_first",
        "be_image_before_beps",
        "bglib_sho_fit",
        "nsid_complex_beps",
        "nsid_frequency_khz",
    ],
)
def test_one_loop_a_pixel_is_read_right_in_every_layout(name):
    found = read(name)

    assert found.scene.shape == (4, 5)
    np.testing.assert_allclose(found.axis, known.bias(), atol=1e-5)
    assert found.values.shape == (20, 16, 2)
    assert np.isnan(found.values[..., 0]).any() == (name == "beps_incomplete_grid")
    assert_loops(found.values, LOOP)
    assert found.scene.side == (None if name == "beps_without_units" else pytest.approx(2.0))


@pytest.mark.parametrize(
    ("name", "chosen", "waveform", "steps"),
    [
        ("beps_bias_held", {}, np.repeat(known.bias(steps=8), 3), slice(None)),
        ("beps_bias_held_index_counts", {}, np.repeat(known.bias(steps=8), 3), slice(None)),
        ("beps_quarter_first_cycle", {}, np.concatenate([known.bias(4.0), known.bias()]), slice(16, None)),
        (
            "forc_never_resetting",
            {"forc": 1},
            np.concatenate([known.bias(height) for height in (4.0, 8.0, 12.0, 16.0)]),
            slice(16, 32),
        ),
    ],
)
def test_waveforms_of_all_kinds_give_their_loops(name, chosen, waveform, steps):
    found = read(name, **chosen)

    np.testing.assert_array_equal(found.axis, waveform[steps])
    loops = known.loops(waveform)[:, steps]
    if name.startswith("forc"):  # below 8 V some pixels switch, and some do not
        loops = loops * np.sign((found.values[..., 0] * loops).sum())
    np.testing.assert_allclose(found.values[..., 0], loops, atol=1e-4 if name.startswith("forc") else 1.5e-5)


def test_all_forc_loops_have_channels_of_their_own():
    found = read("forc_without_a_dimension", forc="all")
    waveform = np.concatenate([known.bias(height) for height in (4.0, 8.0, 12.0, 16.0)])

    assert found.axis_label == "step of the bias"
    assert found.channels[:4] == (
        "piezoresponse (arb. units), FORC 0",
        "resonance frequency (kHz), FORC 0",
        "piezoresponse (arb. units), FORC 1",
        "resonance frequency (kHz), FORC 1",
    )
    expected = known.loops(waveform).reshape(20, 4, 16).transpose(0, 2, 1)
    np.testing.assert_allclose(found.values[..., ::2], expected, atol=3e-4)
    assert np.median(np.abs(found.values[..., ::2] - expected)) < 5e-6


def test_fields_and_cycles_have_channels_of_their_own():
    found = read("beps_two_cycles_both_fields", field="both", cycle="all")
    fields = [known.loops(known.bias(), in_field=in_field) for in_field in (False, True)]

    assert found.axis_label == "DC bias (V)"
    assert found.channels[2] == "piezoresponse (arb. units), cycle 0, on field"
    for number, expected in enumerate([*fields, *(0.5 * each for each in fields)]):
        np.testing.assert_allclose(found.values[..., 2 * number], expected, atol=1.5e-5)


def test_relaxation_decays_and_every_read_voltage_shifts_its_loop():
    relaxing = read("be_relaxation").values[..., ::2]
    for delay in range(4):
        np.testing.assert_allclose(relaxing[..., delay], LOOP * (0.5 + 0.5 * np.exp(-delay / 2)), atol=1.5e-5)

    shifted = read("ckpfm_raw").values[..., ::2]
    for number, volt in enumerate([-1.0, 0.0, 1.0]):
        np.testing.assert_allclose(shifted[..., number], LOOP + 0.05 * known.SATURATION[:, None] * volt, atol=1.5e-5)


def test_an_ac_sweep_has_the_response_along_the_drive():
    found = read("be_ac_sweep")

    assert found.axis_label == "AC amplitude (A)"
    np.testing.assert_allclose(found.values[..., 0], known.SATURATION[:, None] * found.axis, atol=1.5e-5)


def test_the_opposite_phase_sense_is_found_said_and_stored(capsys):
    found = read("beps_opposite_phase")

    assert found.notes["data/phase_sense"] == -1
    assert found.resonances.conjugated
    assert "phase sense of the spectra: opposite: the complex conjugates are fitted" in capsys.readouterr().out
    np.testing.assert_array_equal(found.values, read("beps_snake").values)
    assert read("beps_snake").notes["data/phase_sense"] == 1


def test_what_was_guessed_or_chosen_is_said(capsys):
    read("be_image_before_beps")
    read("beps_other_names")
    read("beps_incomplete_grid")

    out = capsys.readouterr().out
    assert "/Measurement_001/Channel_000/Raw_Data is read; /Measurement_000/Channel_000/Raw_Data has no bias" in out
    assert "'Bias' is taken as the bias; data.names={DC_Offset: <dimension>} chooses another" in out
    assert "3 of 20 places of the map were not measured" in out
    assert "272 resonances fitted, 0 bad" in out


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("beps_permuted_rows", {}),
        ("beps_incomplete_grid", {}),
        ("nsid_complex_beps", {}),
        ("beps_opposite_phase", {}),
        ("beps_two_cycles_both_fields", {"field": "both", "cycle": "all"}),
        ("forc_never_resetting", {"forc": "all"}),
        ("be_ac_sweep", {}),
    ],
)
def test_streamed_loops_are_those_of_one_piece(name, chosen, tmp_path):
    import h5py

    raw = Raw(path=str(manifest.FOLDER / f"{name}.h5"), **chosen)
    whole = raw.read()
    streamed = StreamedLoops(raw)
    with h5py.File(tmp_path / "store.h5", "w") as store:
        streamed.fit(store)
        parts = [streamed.read(slice(first, first + 7)) for first in range(0, 20, 7)]

    np.testing.assert_array_equal(np.concatenate(parts), whole.values)
    assert streamed.phase_sense == whole.notes["data/phase_sense"]


@pytest.mark.parametrize("name", ["be_image", "be_line", "nsid_be_image"])
def test_a_line_or_image_is_called_what_it_is(name):
    with pytest.raises(DataError, match="is a band-excitation line or image, one spectrum for each pixel"):
        read(name)


def test_an_image_is_called_what_it_is():
    with pytest.raises(DataError, match="is an NSID image without a spectral dimension"):
        read("nsid_image")


def test_loops_that_are_fitted_are_read_by_what_the_message_names():
    with pytest.raises(DataError, match=r"holds loops that somebody has fitted .*experiment=beps/loops data\.path="):
        read("nsid_loops")

    np.testing.assert_allclose(Loops(path=str(manifest.FOLDER / "nsid_loops.h5")).read().values[..., 0], LOOP)


def test_names_and_units_are_given_as_the_messages_say(capsys):
    named = read("beps_other_names", names={"DC_Offset": "Bias", "Frequency": "Freq"})
    units = {"Frequency": "MHz", "DC_Offset": "V"}
    given = read("beps_frequency_mhz_without_unit", units=units)
    halved = read("beps_without_units", units={"Frequency": "Hz", "DC_Offset": "mV"})

    assert "taken as" not in capsys.readouterr().out
    for found in (named, given):
        np.testing.assert_allclose(found.values, read("beps_snake").values, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(halved.axis, 1e-3 * known.bias())
