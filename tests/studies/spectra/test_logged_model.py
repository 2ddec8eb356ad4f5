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
from remanence.studies.spectra.log_model import signature as signature_of
from remanence.studies.spectra.logged_model import Instrument, SpectralModel, spectral_model

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


def test_an_axis_in_another_unit_is_told_by_its_unit():
    axis = np.linspace(-16, 16, STEPS)
    instrument = Instrument(axis.tolist(), "DC bias (V)", list(CHANNELS), "joined", {}, {"DC bias": "V"})

    with pytest.raises(DataError, match=r"^scan: declares DC bias in mV; the run's model was trained on V$"):
        instrument.check(1000 * axis, CHANNELS, {"DC bias": "mV"}, "scan")


def test_the_signature_names_shapes_and_outputs(kind):
    data = open_loops()
    signature = signature_of(spectral_model(embed_all(fitted(kind, data), data), data), data.measured.values[:2])

    (given,) = signature.inputs.inputs
    assert given.shape == (-1, STEPS, 2)
    latents = 4 if kind is BetaVAE else 3
    assert {spec.name: spec.shape for spec in signature.outputs.inputs} == {
        "embedding": (-1, latents),
        "reconstruction": (-1, STEPS, 2),
        "distance": (-1,),
        "novelty": (-1,),
        **({"sd": (-1, 4)} if kind is BetaVAE else {}),
    }


def test_a_folder_that_names_anything_but_a_model_is_refused(tmp_path):
    data = open_loops()
    SpectralModel(fitted(PCA, data), Instrument.of(data)).save(tmp_path)
    description = json.loads((tmp_path / "model.json").read_text())

    for target in ("os.system", "remanence.data.spectra.toy.Toy", "remanence.models.pca.No"):
        (tmp_path / "model.json").write_text(json.dumps(description | {"target": target}))
        with pytest.raises(ConfigurationError, match=target):
            SpectralModel.load(tmp_path)


def test_each_pixel_has_its_distance_and_its_rank_among_held_out_pixels(kind, tmp_path):
    data = open_loops()
    model = fitted(kind, data)
    spectral_model(embed_all(model, data), data).save(tmp_path)
    loaded = SpectralModel.load(tmp_path)
    strange = np.concatenate(
        [data.measured.values, data.measured.values[:1] + [1e-3, 500.0] * (np.arange(12) % 2)[:, None]]
    )

    predicted = loaded.predict(strange)

    unmixed = embed_all(model, data)
    distance = np.sqrt(np.mean((unmixed.reconstruction - data.x) ** 2, axis=(1, 2)))
    np.testing.assert_allclose(predicted["distance"][:40], distance, rtol=1e-4)
    assert len(loaded.calibration) == len(data.fold.test) == 10
    np.testing.assert_allclose(np.sort(predicted["novelty"][data.fold.test]), np.arange(10) / 11)
    assert predicted["novelty"][40] == 10 / 11
    assert predicted["distance"][40] > 20 * distance.max()


def test_a_network_tells_the_deviation_of_its_posterior_and_a_linear_model_has_none(kind):
    data = open_loops()
    model = fitted(kind, data)

    predicted = SpectralModel(model, Instrument.of(data)).predict(data.measured.values)

    assert ("sd" in predicted) == (kind is BetaVAE)
    if kind is BetaVAE:
        np.testing.assert_allclose(predicted["sd"], np.exp(model.posterior(data.x)[1] / 2), rtol=1e-5)
        assert (predicted["sd"][:, 1] == 1).all()  # a masked latent has the prior


def test_a_model_of_an_earlier_release_has_no_novelty(tmp_path):
    data = open_loops()
    spectral_model(embed_all(fitted(PCA, data), data), data).save(tmp_path)
    description = json.loads((tmp_path / "model.json").read_text())
    del description["calibration"], description["instrument"]["preparation"]
    (tmp_path / "model.json").write_text(json.dumps(description))

    predicted = SpectralModel.load(tmp_path).predict(data.measured.values)

    assert set(predicted) == {"embedding", "reconstruction", "distance"}


def test_where_nothing_is_held_out_no_novelty_is_told(capsys):
    data = open_loops(split={"kind": "all", "test": 0.25, "validation": 0.1, "block": 1, "seed": 0})

    predicted = spectral_model(embed_all(fitted(PCA, data), data), data).predict(data.measured.values)

    assert "loops: no pixel is held out, so that the model cannot tell novel ones" in capsys.readouterr().out
    assert "novelty" not in predicted


FIRST_STEPS = {
    "crop": [-12, 12],
    "spikes": 50.0,
    "background": "linear",
    "smoothing": 5,
    "normalisation": "norm",
    "scaling": "robust",
}


def test_first_steps_travel_with_the_model_and_are_undone_for_each_pixel(kind, tmp_path):
    data = open_loops(**FIRST_STEPS)
    model = fitted(kind, data)
    spectral_model(embed_all(model, data), data).save(tmp_path)
    loaded = SpectralModel.load(tmp_path)

    predicted = loaded.predict(data.as_read.values)

    unmixed = embed_all(model, data)
    np.testing.assert_allclose(predicted["embedding"], unmixed.embedding, rtol=1e-4, atol=1e-5)
    kept = np.abs(data.as_read.axis) <= 12
    assert np.isnan(predicted["reconstruction"][:, ~kept]).all()
    cleaned = loaded.cleaned(data.as_read.values)
    error = (predicted["reconstruction"] - cleaned)[:, kept]
    np.testing.assert_allclose(
        np.sqrt(np.mean((error / data.size / data.scaling.sd) ** 2, axis=(1, 2))), predicted["distance"], rtol=1e-4
    )
    assert np.abs(cleaned[:, kept] - data.as_read.values[:, kept])[..., 1].max() < 15  # kHz: smoothed, not rescaled
    assert loaded.instrument.channels == list(CHANNELS)


def test_a_spectrum_that_is_broken_where_it_is_cropped_can_be_predicted():
    data = open_loops(crop=[-12, 12])
    saved = spectral_model(embed_all(fitted(PCA, data), data), data)
    spectra = data.as_read.values.copy()
    spectra[3, 0] = np.nan
    spectra[4, 5] = np.nan

    assert np.flatnonzero(~saved.usable(spectra)).tolist() == [4]
    assert np.isfinite(saved.predict(spectra[:4])["embedding"]).all()
