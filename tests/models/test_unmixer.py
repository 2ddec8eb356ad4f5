import json
from pathlib import Path

import numpy as np
import pytest
import skops.io
import yaml
from pydantic import TypeAdapter, ValidationError
from sklearn import decomposition
from sklearn.exceptions import NotFittedError

from remanence.configuration.on_offer import on_offer
from remanence.errors import ConfigurationError
from remanence.models.dictionary_learning import DictionaryLearning
from remanence.models.ica import ICA
from remanence.models.nmf import NMF
from remanence.models.pca import PCA
from remanence.science.unmixing.latent_refinement import refine_latents
from remanence.science.unmixing.toy import toy_spectra

CONF = Path(__file__).parents[2] / "conf" / "model"
KINDS = {"pca": PCA, "nmf": NMF, "dictionary_learning": DictionaryLearning, "ica": ICA}
RANDOM = np.random.default_rng(0)
SPECTRA = np.tensordot(RANDOM.uniform(size=(60, 3)), RANDOM.normal(size=(3, 7, 2)), 1) + RANDOM.normal(
    0, 0.01, (60, 7, 2)
)


def small(name, **arguments):
    return KINDS[name](steps=7, channels=2, **{"n_components": 3, **arguments})


@pytest.fixture(scope="module")
def toy():
    """10 000 random colours to train on and 3000 to test on, z-scores per step, (n, 25, 1)."""
    train, test = (toy_spectra(np.random.default_rng(seed).uniform(size=(n, 3))) for seed, n in ((0, 10000), (1, 3000)))
    return tuple(((part - train.mean(axis=0)) / train.std(axis=0))[..., None] for part in (train, test))


@pytest.fixture(scope="module")
def pzt(shared_data):
    """The published loops, 80 % and 20 % of the pixels, (n, 96, 2); between splits the errors vary by 8 %."""
    loops = [np.load(shared_data / "beps" / f"{name}.npy").reshape(3600, 96) for name in ("pizoresponse", "resonance")]
    order = np.random.default_rng(1).permutation(3600)
    test, train = np.split(np.stack(loops, axis=-1)[order], [720])
    return train, test


def held_out_mse(model, parts):
    train, test = parts
    return np.mean((model.fit(train).reconstruct(test) - test) ** 2)


@pytest.mark.parametrize(
    ("components", "mse"), [(1, 0.306), (2, 0.205), (3, 0.113), (4, 0.082), (5, 0.051), (8, 0.021)]
)
def test_the_principal_components_of_toy_spectra_leave_the_known_error(toy, components, mse):
    assert held_out_mse(PCA(steps=25, channels=1, n_components=components), toy) == pytest.approx(mse, rel=0.04)


@pytest.mark.parametrize(("components", "mse"), [(3, 0.0160), (5, 0.00825), (8, 0.0049)])
def test_the_principal_components_of_real_loops_leave_the_known_error(pzt, components, mse):
    assert held_out_mse(PCA(steps=96, channels=2, n_components=components), pzt) == pytest.approx(mse, rel=0.04)


def test_non_negative_components_come_close_to_principal_ones_but_never_below(toy, pzt):
    assert 0.109 < held_out_mse(NMF(steps=25, channels=1, n_components=3), toy) < 0.14
    assert 0.0081 < held_out_mse(NMF(steps=96, channels=2, n_components=5), pzt) < 0.011


@pytest.mark.parametrize("name", KINDS)
def test_shapes_go_from_spectra_to_the_embedding_and_back(name):
    model = small(name).fit(SPECTRA.astype(np.float32))

    assert model.embed(SPECTRA[:5]).shape == (5, 3)
    assert model.components.shape == (3, 7, 2)
    assert model.decode(np.zeros((2, 3))).shape == model.reconstruct(SPECTRA[:2]).shape == (2, 7, 2)


@pytest.mark.parametrize("name", KINDS)
def test_one_more_unit_of_a_weight_adds_one_component(name):
    model = small(name).fit(SPECTRA)

    step = model.decode(np.eye(3)) - model.decode(np.zeros((1, 3)))

    np.testing.assert_allclose(step, model.components, atol=1e-12)


@pytest.mark.parametrize("name", ["pca", "nmf"])
def test_spectra_of_three_components_are_reconstructed_from_three_numbers(name):
    spectra = np.tensordot(RANDOM.exponential(size=(80, 3)), np.abs(RANDOM.normal(size=(3, 7, 2))), 1)
    spectra = np.concatenate([spectra, np.zeros((1, 7, 2))])  # the offset of the exact factorisation

    model = small(name).fit(spectra)

    assert np.mean((model.reconstruct(spectra) - spectra) ** 2) < 2e-4 * spectra.var()


@pytest.mark.parametrize("number", [60, 10])  # spectra; each has 14 values
def test_the_embedding_of_principal_components_is_that_of_scikit_learn(number):
    spectra = SPECTRA[:number]
    reference = decomposition.PCA(3).fit(spectra.reshape(number, 14))

    model = small("pca").fit(spectra)

    np.testing.assert_allclose(model.embed(spectra), reference.transform(spectra.reshape(number, 14)), atol=1e-10)
    np.testing.assert_allclose(model.fitted_["explained_variance_ratio"], reference.explained_variance_ratio_)


def test_nothing_of_a_non_negative_factorisation_is_negative_even_below_the_training_spectra():
    model = small("nmf").fit(SPECTRA)
    below = SPECTRA.min(axis=0, keepdims=True) - 1

    assert (model.embed(SPECTRA) >= 0).all()
    assert (model.components >= 0).all()
    np.testing.assert_allclose(model.embed(below), 0)
    np.testing.assert_allclose(model.reconstruct(below), SPECTRA.min(axis=0, keepdims=True), atol=1e-12)


@pytest.mark.parametrize("name", KINDS)
def test_the_embedding_of_a_spectrum_does_not_depend_on_its_company(name):
    model = small(name).fit(SPECTRA)

    np.testing.assert_allclose(model.embed(SPECTRA)[:3], model.embed(SPECTRA[:3]), atol=1e-10)


@pytest.mark.parametrize("name", KINDS)
def test_a_saved_model_is_rebuilt_from_arguments_and_what_it_learnt(name):
    model = small(name).fit(SPECTRA)
    stored = skops.io.dumps(model.fitted_)

    again = KINDS[name](**model.hparams)
    again.fitted_ = skops.io.loads(stored, trusted=[])

    assert again.hparams == model.hparams
    np.testing.assert_array_equal(again.reconstruct(SPECTRA), model.reconstruct(SPECTRA))
    np.testing.assert_array_equal(again.components, model.components)


@pytest.mark.parametrize("name", ["nmf", "dictionary_learning", "ica"])
def test_the_same_seed_learns_the_same_components(name):
    first, again = (small(name, seed=3).fit(SPECTRA) for _ in range(2))

    np.testing.assert_array_equal(first.components, again.components)


@pytest.mark.parametrize("name", KINDS)
def test_the_yaml_of_a_model_fits_its_schema_and_an_unknown_key_does_not(name):
    configured = yaml.safe_load((CONF / f"{name}.yaml").read_text(encoding="utf-8")) | {"seed": 0}
    del configured["_target_"]
    if name == "pca":
        del configured["seed"]
    schema = TypeAdapter(on_offer("model")[name].schema)

    assert schema.validate_json(json.dumps(configured)).n_components == 5
    for change, message in (({"n_component": 3}, "n_component\n"), ({"n_components": 0}, "greater than or equal to 1")):
        with pytest.raises(ValidationError, match=message):
            schema.validate_json(json.dumps(configured | change))


@pytest.mark.parametrize("name", KINDS)
def test_more_components_than_a_spectrum_has_values_are_refused_by_the_name_of_the_key(name):
    with pytest.raises(
        ConfigurationError, match=r"^model\.n_components: should be at most 14 for 60 spectra .* got 15"
    ):
        small(name, n_components=15).fit(SPECTRA)


@pytest.mark.parametrize("name", KINDS)
def test_spectra_of_another_shape_and_a_model_that_is_not_fitted_are_refused(name):
    model = small(name)

    with pytest.raises(NotFittedError, match="call `fit` first"):
        model.embed(SPECTRA)
    with pytest.raises(NotFittedError, match="call `fit` first"):
        _ = model.components
    with pytest.raises(ValueError, match=r"Expected `x` of shape \(n, 7, 2\), but got \(60, 14\)"):
        model.fit(SPECTRA.reshape(60, 14))


@pytest.mark.parametrize("name", ["nmf", "dictionary_learning"])
def test_projected_weights_have_the_least_squared_error_and_the_own_codes_stay(name):
    own, projected = (small(name, projected=projected).fit(SPECTRA) for projected in (False, True))
    flat, atoms = SPECTRA.reshape(60, 14) - projected.fitted_["offset"], projected.fitted_["atoms"]

    expected = np.linalg.lstsq(atoms.T, flat.T, rcond=None)[0].T
    np.testing.assert_allclose(projected.embed(SPECTRA), expected, atol=1e-9)
    np.testing.assert_allclose(projected.refine(own.code(SPECTRA), SPECTRA), expected, atol=1e-9)
    np.testing.assert_array_equal(projected.code(SPECTRA), own.embed(SPECTRA))
    np.testing.assert_array_equal(own.refine(own.code(SPECTRA), SPECTRA), own.embed(SPECTRA))
    error, own_error = (np.mean((model.reconstruct(SPECTRA) - SPECTRA) ** 2) for model in (projected, own))
    assert error < own_error


@pytest.mark.parametrize("name", ["pca", "ica"])
def test_the_codes_of_components_without_constraints_are_the_projection(name):
    model = small(name).fit(SPECTRA)

    np.testing.assert_allclose(model.code(SPECTRA), model._projection(model._flat(SPECTRA)), atol=1e-8)


@pytest.mark.parametrize("name", KINDS)
def test_gauss_newton_steps_come_to_the_projection_on_components(name):
    model = small(name).fit(SPECTRA)
    begun = np.zeros((60, 3))

    refined = refine_latents(model.decode, begun, SPECTRA, active=np.ones(3, bool), steps=8, prior=0.0)

    np.testing.assert_allclose(model.decode(refined), model.decode(model._projection(model._flat(SPECTRA))), atol=1e-5)


@pytest.mark.parametrize("name", KINDS)
def test_a_number_of_components_may_be_left_to_the_model_beside_it(name):
    unmatched = small(name, n_components=None)

    assert unmatched.matched(2).fit(SPECTRA).embed(SPECTRA).shape == (60, 2)
    with pytest.raises(ConfigurationError, match=r"^model.n_components: null is for a baseline; give the number"):
        unmatched.fit(SPECTRA)
