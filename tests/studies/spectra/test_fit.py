import numpy as np
import pytest
import torch
from small_training import same, weights_of
from small_unmixing import LINEAR, UNSCHEDULED, Diary, make_model, make_trainer, open_toy, train

from remanence.configuration.compose import compose
from remanence.errors import ConfigurationError
from remanence.models.dnn import DNN
from remanence.models.nmf import NMF
from remanence.models.pca import PCA
from remanence.science.unmixing.active_units import kl_per_latent
from remanence.studies.kinds import checked
from remanence.studies.spectra.fit import embed_all, fit_spectra


@pytest.fixture(scope="module")
def data():
    return open_toy()


@pytest.fixture(scope="module")
def refined(data, tmp_path_factory):
    diary = Diary()
    return *train(data, tmp_path_factory.mktemp("refined"), LINEAR, watchers=[diary]), diary


def test_every_pixel_is_embedded_and_reconstructed_by_its_mean_latent(data, refined):
    unmixed, model = refined[0], refined[0].model

    assert unmixed.embedding.shape == unmixed.log_variance.shape == (len(data.x), 4)
    np.testing.assert_array_equal(unmixed.embedding, model.embed(data.x))
    np.testing.assert_array_equal(unmixed.reconstruction, model.reconstruct(data.x))
    assert len(data.x) > len(data.fold.train) + len(data.fold.validation) + len(data.fold.test)  # the picture too


def test_divergences_are_those_of_the_training_pixels(data, refined):
    unmixed, train_rows = refined[0], refined[0].model.posterior(data.x[data.fold.train])

    np.testing.assert_allclose(unmixed.kl, kl_per_latent(*train_rows), rtol=1e-5)
    assert unmixed.active.tolist() == [kl > 0.05 for kl in unmixed.kl]


def test_what_the_training_went_through_is_remembered(refined):
    unmixed, trainer, staging, diary = refined

    assert unmixed.epochs == trainer.current_epoch == 10
    assert unmixed.best_epoch == trainer.checkpoint_callback.best_epoch >= 6
    assert (unmixed.stages, unmixed.chosen) == (staging.stages, staging.chosen)
    assert unmixed.kl_history.shape == (10, 4)
    np.testing.assert_allclose(unmixed.beta_history, diary.beta)
    assert unmixed.fit_seconds > unmixed.inference_seconds > 0


def test_the_weights_are_those_of_the_best_epoch_of_the_refinement(refined):
    unmixed, _, _, diary = refined

    best = min(range(6, 10), key=lambda epoch: diary.metrics[epoch]["val/mse"])
    assert unmixed.best_epoch == best
    assert same(weights_of(unmixed.model), diary.ended[best])


def test_what_latents_were_before_they_were_masked_is_kept(data, refined):
    unmixed, _, staging, diary = refined
    before, masked = unmixed.before_masking, unmixed.kl == 0

    assert masked.sum() == 2
    assert (before.kl[masked] > 0).all()
    np.testing.assert_array_equal(unmixed.reconstruction, unmixed.model.reconstruct(data.x))  # it has its weights back
    chosen = make_model()
    chosen.load_state_dict(diary.ended[staging.chosen.epoch])
    np.testing.assert_array_equal(before.embedding, chosen.embed(data.x))


def test_without_masked_latents_there_is_nothing_before(data, tmp_path):
    unmixed, _, _ = train(data, tmp_path, UNSCHEDULED, max_epochs=1)

    assert unmixed.before_masking is None
    assert unmixed.chosen is None
    assert list(unmixed.stages) == []


def test_a_linear_method_learns_from_training_and_validation_pixels_only(data):
    unmixed = fit_spectra(PCA(**data.shape, n_components=3), data)
    rows = np.concatenate([data.fold.train, data.fold.validation])

    flat = data.x[rows].reshape(len(rows), -1).astype(float)
    components = np.linalg.svd(flat - flat.mean(axis=0), full_matrices=False)[2][:3]
    expected = (data.x.reshape(len(data.x), -1) - flat.mean(axis=0)) @ components.T @ components + flat.mean(axis=0)
    np.testing.assert_allclose(unmixed.reconstruction.reshape(len(data.x), -1), expected, atol=1e-5)


def test_a_model_that_is_projected_keeps_its_own_codes_beside(data):
    unmixed = fit_spectra(NMF(**data.shape, n_components=3, projected=True), data)
    tested = data.fold.test

    own, projected = (
        np.mean((unmixed.model.decode(z[tested]) - data.x[tested]) ** 2) for z in (unmixed.guess, unmixed.embedding)
    )
    assert (unmixed.guess >= 0).all()
    assert projected < own
    np.testing.assert_allclose(unmixed.embedding, unmixed.model.embed(data.x), atol=1e-9)


def test_a_linear_method_has_no_posterior_and_all_its_components_are_active(data):
    unmixed = fit_spectra(PCA(**data.shape, n_components=3), data)

    assert unmixed.log_variance is None
    assert unmixed.active.tolist() == [True] * 3
    assert (unmixed.epochs, unmixed.best_epoch, unmixed.chosen) == (0, None, None)
    assert unmixed.kl_history.size == unmixed.beta_history.size == 0


def test_a_fitted_model_embeds_without_being_fitted_again(data, refined):
    again = embed_all(refined[0].model, data)

    np.testing.assert_array_equal(again.embedding, refined[0].embedding)
    assert again.fit_seconds == 0


def test_a_network_on_tables_is_no_model_of_spectra(data):
    with pytest.raises(ConfigurationError, match="model: DNN is not a model of spectra; try model=beta_vae"):
        fit_spectra(DNN(n_features=2, n_targets=1), data)


def test_a_network_needs_a_trainer(data):
    with pytest.raises(ValueError, match="a trainer for a network, but got None"):
        fit_spectra(make_model(), data)


def test_a_training_that_diverges_is_a_failure_that_says_what_to_change(data, tmp_path):
    for schedule in (UNSCHEDULED, LINEAR):
        with pytest.raises(FloatingPointError, match=r"training diverged: .* try a smaller model.lr"):
            fit_spectra(make_model(lr=1e30), data, make_trainer(data, tmp_path, schedule))


def test_a_training_uses_one_thread_and_gives_the_others_back(data, tmp_path):
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        train(data, tmp_path, UNSCHEDULED, max_epochs=1)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)


def test_members_cannot_be_stacked_on_spectra():
    with pytest.raises(ConfigurationError, match=r"^ensemble: .* 'spectra', got .*folds=5.*; add ensemble=single$"):
        checked(compose(["experiment=beps/toy", "ensemble=stacked"]))
