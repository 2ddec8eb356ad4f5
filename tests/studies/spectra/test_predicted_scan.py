"""What is predicted is NSID: sidpy's own reader finds the values, the positions and the units."""

import re

import h5py
import numpy as np
import pytest

from remanence.data.spectra.nsid_writer import Axis
from remanence.studies.spectra.earlier_names import add_earlier_names
from remanence.studies.spectra.predicted_scan import PredictedScan

Y, X = (Axis(name, 1e-7 * np.arange(size), "m", "Length", "SPATIAL") for name, size in (("Y", 3), ("X", 4)))
CHANNELS = ("piezoresponse (arb. units)", "resonance frequency (kHz)")
BIAS = np.array([0.0, 5.0, 0.0, -5.0, -2.0])


@pytest.fixture
def outputs():
    generator = np.random.default_rng(0)
    shapes = {"embedding": (3,), "sd": (3,), "novelty": (), "measured": (5, 2), "reconstruction": (5, 2)}
    values = {name: generator.normal(size=(12, *shape)) for name, shape in shapes.items()}
    return {**values, "valid": np.arange(12) > 0}


@pytest.fixture
def path(outputs, tmp_path):
    with h5py.File(tmp_path / "latents.h5", "w") as file:
        facts = {"run": "1a2b", "scan": "scan.h5"}
        predicted = PredictedScan(file, "scan", (Y, X), (BIAS, "DC bias (V)"), CHANNELS, signal="V", facts=facts)
        predicted.resonances.create_dataset("amplitude", (12, 5), np.float64)
        predicted.resonances["amplitude"][0:12] = outputs["measured"][..., 0]
        for pixels in (slice(0, 5), slice(5, 12)):
            predicted.add(pixels, {name: values[pixels] for name, values in outputs.items()})
        add_earlier_names(predicted, "DC bias (V)")
    return tmp_path / "latents.h5"


def test_maps_have_positions_and_each_channel_its_unit(path, outputs):
    with h5py.File(path) as file:
        data = file["scan/reconstruction_resonance_frequency/reconstruction_resonance_frequency"]
        expected = outputs["reconstruction"][..., 1].reshape(3, 4, 5)
        np.testing.assert_array_equal(data, expected)
        assert (data.attrs["units"], data.attrs["quantity"]) == ("kHz", "reconstruction resonance frequency")
        np.testing.assert_array_equal(data.dims[1][0], X.values)
        assert data.dims[2][0].attrs["units"] == "V"
        assert data.attrs["data_type"] == "SPECTRAL_IMAGE"
        assert file["scan/novelty/novelty"].attrs["data_type"] == "IMAGE"
        assert file["scan/resonances/amplitude/amplitude"].attrs["units"] == "V"
        assert dict(file["scan"].attrs) == {"run": "1a2b", "scan": "scan.h5"}


def test_the_names_of_earlier_releases_are_there(path, outputs):
    with h5py.File(path) as file:
        for name in ("embedding", "measured", "reconstruction", "valid"):
            np.testing.assert_array_equal(file[name], outputs[name])
            assert file[name].is_virtual
        assert file["embedding"][file["valid"][...]].shape == (11, 3)
        np.testing.assert_array_equal(file["resonances/amplitude"], outputs["measured"][..., 0])
        np.testing.assert_array_equal(file["axis"], BIAS)
        assert file["axis"].attrs["label"] == "DC bias (V)"
        assert file["measured"].attrs["channels"].tolist() == list(CHANNELS)
        assert file.attrs["shape"].tolist() == [3, 4]


def test_no_dataset_says_when_it_was_written(path):
    """The same values are then the same bytes; a time would be a message of type 0x12, of 8 bytes, in version 1."""
    time = re.compile(rb"\x12\0\x08\0.\0{3}\x01\0{3}", re.DOTALL)

    assert time.findall(path.read_bytes()) == []


def test_sidpy_reads_every_dataset(path, outputs):
    readers = pytest.importorskip("SciFiReaders", reason="the extra 'instruments' is not installed")
    reader = readers.NSIDReader(str(path))
    found = {data.title.rpartition("/")[2]: data for data in reader.read().values()}

    np.testing.assert_array_equal(np.asarray(found["latents"]), outputs["embedding"].reshape(3, 4, 3))
    np.testing.assert_array_equal(np.asarray(found["valid"]), outputs["valid"].reshape(3, 4))
    data = found["measured_piezoresponse"]
    assert (data.units, data.X.units, data.X.dimension_type.name) == ("arb. units", "m", "SPATIAL")
    np.testing.assert_array_equal(data.Y.values, Y.values)
    channels = [f"{name}_{channel}" for name in ("measured", "reconstruction") for channel in ("piezoresponse",)]
    channels += ["measured_resonance_frequency", "reconstruction_resonance_frequency"]
    assert set(found) == {"latents", "latents_sd", "novelty", "valid", "amplitude", *channels}
    reader.close()


def test_pixels_without_a_map_are_a_list(tmp_path, outputs):
    pixel = Axis("pixel", np.arange(12.0), kind="SPATIAL")
    with h5py.File(tmp_path / "list.h5", "w") as file:
        predicted = PredictedScan(file, "own", (pixel,), (BIAS, "step"), CHANNELS, facts={})
        predicted.add(slice(0, 12), outputs)
        add_earlier_names(predicted, "step")

        np.testing.assert_array_equal(file["own/latents/latents"], outputs["embedding"])
        np.testing.assert_array_equal(file["reconstruction"], outputs["reconstruction"])
        assert "shape" not in file.attrs
