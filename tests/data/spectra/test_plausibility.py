import shutil

import h5py
import numpy as np
import pytest
from instruments import known, manifest

from remanence.data.spectra.plausibility import bias_in_volts, frequency_in_hertz, implausible_quality
from remanence.data.spectra.raw import Raw
from remanence.data.spectra.spectral_file import SpectralFile
from remanence.errors import DataError


def main(name, **units):
    return SpectralFile(manifest.FOLDER / f"{name}.h5").main(units=units)


@pytest.mark.parametrize(
    ("name", "unit", "guess"),
    [
        ("beps_snake", "Hz", None),
        ("beps_frequency_khz", "Hz", None),
        ("beps_frequency_mhz", "Hz", None),
        ("beps_frequency_mhz_without_unit", "", "MHz"),
        ("beps_without_units", "", "Hz"),
        ("nsid_frequency_khz", "Hz", None),
    ],
)
def test_frequencies_are_in_hertz_and_guesses_are_said(name, unit, guess):
    dataset = main(name)
    found = frequency_in_hertz(dataset, np.unique(dataset.values("Frequency")))

    expected = known.FREQUENCY[::2] if name.startswith("nsid") else known.FREQUENCY
    np.testing.assert_allclose(found.values, expected, rtol=1e-6)
    assert found.unit == unit
    assert [f"taken as {guess};" in line for line in found.said] == ([] if guess is None else [True])


def test_a_unit_that_is_given_overrides_that_of_the_file():
    dataset = main("beps_frequency_mhz_without_unit", Frequency="kHz")
    found = frequency_in_hertz(dataset, dataset.values("Frequency"))

    assert found.values.max() == pytest.approx(356, rel=1e-6)
    (line,) = found.said
    assert "the frequencies are 310 to 356 Hz, where no contact resonance is expected" in line


@pytest.mark.parametrize(("unit", "largest", "said"), [("mV", 16.0, []), ("Volts", 16e3, ["which no loop needs"])])
def test_the_bias_is_in_volts(unit, largest, said):
    dataset = main("beps_bias_mv", DC_Offset=unit)
    found = bias_in_volts(dataset, dataset.values("DC_Offset"))

    assert found.values.max() == pytest.approx(largest)
    assert [said[number] in line for number, line in enumerate(found.said)] == [True] * len(said)


def test_a_bias_without_a_unit_is_told_by_its_size():
    dataset = main("beps_bias_mv", DC_Offset="")
    found = bias_in_volts(dataset, dataset.values("DC_Offset"))

    assert found.values.max() == pytest.approx(16)
    assert "has no unit and is taken as mV" in found.said[0]


def test_a_unit_of_another_quantity_is_one_line():
    dataset = main("beps_snake", Frequency="nm")
    with pytest.raises(DataError, match="the dimension Frequency is in nm; expected Hz or a multiple of it"):
        frequency_in_hertz(dataset, dataset.values("Frequency"))


@pytest.mark.parametrize(("quality", "lines"), [([180.0, 200.0], 0), ([0.5, 0.7], 1), ([1e5], 1), ([], 0)])
def test_a_quality_factor_of_no_lever_is_said(quality, lines):
    assert len(implausible_quality(np.array(quality))) == lines


@pytest.mark.parametrize(("scale", "unit"), [(1e-6, "Hz"), (1.0, "MHz")])
def test_a_band_that_cannot_be_is_refused_and_its_unit_named(tmp_path, scale, unit):
    shutil.copy(manifest.FOLDER / "beps_snake.h5", path := tmp_path / "scan.h5")
    with h5py.File(path, "r+") as file:
        channel = file["Measurement_000/Channel_000"]
        indices = channel["Spectroscopic_Indices"][()]
        row = int(np.argmax(indices.max(axis=1)))  # that of the bins, of which there are more than steps
        channel["Spectroscopic_Values"][row] *= scale
        units = [unit if number == row else "V" for number in range(len(indices))]
        channel["Spectroscopic_Values"].attrs["units"] = units

    with pytest.raises(
        DataError, match=f"the dimension Frequency is in {unit}, which gives .*: no band is excited there"
    ):
        Raw(path=str(path)).check()
    Raw(path=str(path), units={"Frequency": "MHz" if scale < 1 else "Hz"}).check()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda band: band + 5e3, "step 3 has the frequencies .* and step 0 .*; expected one band"),
        (lambda band: band[::-1], "step 3 .* expected one band in one order at all steps"),
        (lambda band: np.full_like(band, np.nan), "24 values of Frequency are not finite"),
        (lambda band: band + 10, None),  # rounding of the writer
    ],
)
def test_a_band_that_is_another_at_some_steps_is_refused(tmp_path, change, message):
    shutil.copy(manifest.FOLDER / "beps_snake.h5", path := tmp_path / "scan.h5")
    points = Raw(path=str(path)).scan().points[3]
    with h5py.File(path, "r+") as file:
        values = file["Measurement_000/Channel_000/Spectroscopic_Values"]
        table = values[()]
        row = int(np.argmax(table.max(axis=1)))
        table[row, points] = change(table[row, points])
        values[...] = table

    if message is None:
        assert len(Raw(path=str(path)).scan().frequency) == 24
    else:
        with pytest.raises(DataError, match=message):
            Raw(path=str(path)).check()
