import json

import numpy as np
import pytest
import torch

from remanence.data.source import Source
from remanence.data.spectra.measurement import Measurement
from remanence.data.spectra.spectra import Spectra
from remanence.errors import ConfigurationError, DataError
from remanence.models.beta_vae import BetaVAE
from remanence.models.dictionary_learning import DictionaryLearning
from remanence.models.ica import ICA
from remanence.models.nmf import NMF
from remanence.models.pca import PCA
from remanence.studies.spectra.fit import embed_all
from remanence.studies.spectra.logged_model import Instrument, SpectralModel, _signature

STEPS = 12
CHANNELS = ("piezoresponse (arb. units)", "resonance frequency (kHz)")
LINEAR = {PCA: {}, NMF: {}, ICA: {}, DictionaryLearning: {"alpha": 0.1, "max_iter": 20}}
NETWORK = {"latents": 4, "units": 3, "blocks": 1, "layers": 1, "dense": 6, "patch": 4}
NETWORK |= {"read_out": "last", "positions": False, "inference_steps": 0}


class Loops(Spectra):
    """Forty pixels with a response of 1e-5 and a frequency about 1320: physical units that need their scaling."""

    def read(self):
        generator = np.random.default_rng(0)
        values = generator.normal(size=(40, STEPS, 2)) * [1e-5, 3.0] + [-1e-5, 1320.0]
        source = Source("loops", "here", "0", "simulated")
        return Measurement(values, np.linspace(-16, 16, STEPS), "DC bias (V)", CHANNELS, (source,))


def open_loops(**arguments):
    split = {"kind": "random", "test": 0.25, "validation": 0.1, "block": 1, "seed": 0}
    return Loops(**{"split": split, **arguments}).open()


def fitted(kind, data):
    """Return a model of each kind; the network is untrained, but not all of its latents are left."""
    if kind is BetaVAE:
        torch.manual_seed(0)
        model = BetaVAE(**data.shape, **NETWORK)
        model.mask[1] = 0.0
        model.beta.fill_(0.3)
        return model
    return kind(**data.shape, n_components=3, **LINEAR[kind]).fit(data.x[data.fold.fitting])


@pytest.fixture(params=[BetaVAE, *LINEAR], ids=lambda kind: kind.__name__)
def kind(request):
    return request.param


@pytest.mark.parametrize("layout", ["joined", "stacked", "interleaved"])
@pytest.mark.parametrize("scaling", ["array", "step"])
def test_the_loaded_model_gives_the_numbers_of_the_fit_in_physical_units(kind, tmp_path, layout, scaling):
    data = open_loops(layout=layout, scaling=scaling)
    model = fitted(kind, data)
    unmixed = embed_all(model, data)

    SpectralModel(model, Instrument.of(data)).save(tmp_path / "model")
    predicted = SpectralModel.load(tmp_path / "model").predict(data.measured.values)

    np.testing.assert_allclose(predicted["embedding"], unmixed.embedding, rtol=1e-5, atol=1e-6)
    expected = data.physical(unmixed.reconstruction)
    assert predicted["reconstruction"].shape == (40, STEPS, 2)
    np.testing.assert_allclose(predicted["reconstruction"][..., 0], expected[..., 0], atol=1e-10)
    np.testing.assert_allclose(predicted["reconstruction"][..., 1], expected[..., 1], rtol=1e-7)
    assert {values.dtype for values in predicted.values()} == {np.dtype(np.float64)}


def test_a_folder_holds_plain_text_and_tensors_only(kind, tmp_path):
    data = open_loops()

    SpectralModel(fitted(kind, data), Instrument.of(data)).save(tmp_path)

    learnt = "weights.safetensors" if kind is BetaVAE else "fitted.skops"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["model.json", learnt])
    description = json.loads((tmp_path / "model.json").read_text())
    assert description["target"].endswith(f".{kind.__name__}")
    assert description["instrument"]["channels"] == list(CHANNELS)
    assert description["instrument"]["axis"] == pytest.approx(np.linspace(-16, 16, STEPS).tolist())
    assert description["instrument"]["axis_label"] == "DC bias (V)"


def test_mask_and_beta_travel_with_the_weights(tmp_path):
    data = open_loops()
    SpectralModel(fitted(BetaVAE, data), Instrument.of(data)).save(tmp_path)

    model = SpectralModel.load(tmp_path).model

    assert model.mask.tolist() == [1, 0, 1, 1]
    assert float(model.beta) == pytest.approx(0.3)
    assert not model.training


def test_one_spectrum_and_no_spectrum_are_answered(kind, tmp_path):
    data = open_loops()
    SpectralModel(fitted(kind, data), Instrument.of(data)).save(tmp_path)
    loaded = SpectralModel.load(tmp_path)
    all_of_them = loaded.predict(data.measured.values)

    alone = loaded.predict(data.measured.values[7:8])

    np.testing.assert_allclose(alone["embedding"], all_of_them["embedding"][7:8], rtol=1e-4, atol=1e-5)
    if kind is BetaVAE:
        assert loaded.predict(np.empty((0, STEPS, 2)))["reconstruction"].shape == (0, STEPS, 2)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (np.zeros((3, STEPS)), r"got \(3, 12\)"),
        (np.zeros((3, STEPS + 1, 2)), r"expected \(n, 12 steps, 2 channels: piezoresponse .*, resonance frequency"),
        (np.zeros((3, STEPS, 1)), r"got \(3, 12, 1\)"),
        (
            np.where(np.arange(3)[:, None, None] == 1, np.nan, np.zeros((3, STEPS, 2))),
            "1 of 3 hold values that are not finite",
        ),
        (np.full((2, STEPS, 2), np.inf), "2 of 2 hold values"),
    ],
)
def test_spectra_of_another_instrument_are_refused_in_one_line(given, reason):
    data = open_loops()
    loaded = SpectralModel(fitted(PCA, data), Instrument.of(data))

    with pytest.raises(DataError, match=reason) as refused:
        loaded.predict(given)

    assert len(str(refused.value).splitlines()) == 1


def test_the_signature_names_shapes_and_both_outputs(kind):
    data = open_loops()
    signature = _signature(SpectralModel(fitted(kind, data), Instrument.of(data)), data.measured.values[:2])

    (given,) = signature.inputs.inputs
    assert given.shape == (-1, STEPS, 2)
    latents = 4 if kind is BetaVAE else 3
    assert {spec.name: spec.shape for spec in signature.outputs.inputs} == {
        "embedding": (-1, latents),
        "reconstruction": (-1, STEPS, 2),
    }


def test_a_folder_that_names_anything_but_a_model_is_refused(tmp_path):
    data = open_loops()
    SpectralModel(fitted(PCA, data), Instrument.of(data)).save(tmp_path)
    description = json.loads((tmp_path / "model.json").read_text())

    for target in ("os.system", "remanence.data.spectra.toy.Toy", "remanence.models.pca.No"):
        (tmp_path / "model.json").write_text(json.dumps(description | {"target": target}))
        with pytest.raises(ConfigurationError, match=target):
            SpectralModel.load(tmp_path)
