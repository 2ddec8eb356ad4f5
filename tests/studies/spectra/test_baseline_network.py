from dataclasses import replace

import numpy as np
import pytest
from pytorch_lightning import seed_everything
from small_training import same, weights_of
from small_unmixing import MODEL, configuration, make_model, open_toy

from remanence.errors import ConfigurationError
from remanence.models.autoencoder import Autoencoder
from remanence.models.pca import PCA
from remanence.studies.spectra.baseline_network import FOLDER, SpectraFitter, check_network, fit_network
from remanence.studies.spectra.fit import fit_spectra
from remanence.studies.spectra.study import SpectraStudy
from remanence.training.stamp import read_stamp

EPOCHS = 5


@pytest.fixture(scope="module")
def data():
    return open_toy()


@pytest.fixture(scope="module")
def cfg():
    composed = configuration()
    return replace(composed, callbacks=replace(composed.callbacks, checkpoint_seconds=0.0))


def network(**arguments):
    seed_everything(0, verbose=False)
    return Autoencoder(**{**MODEL, "steps": 25, "channels": 1, "latents": 2, "epochs": EPOCHS, **arguments})


class StoppedError(Exception):
    pass


@pytest.fixture(scope="module")
def whole(data, cfg, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    return fit_network(network(), data, cfg, SpectraFitter(None, folder, "a")), folder


def test_it_is_trained_for_its_own_epochs_and_scored_as_it_encodes_as_well(whole, data):
    unmixed, folder = whole

    assert unmixed.epochs == EPOCHS
    assert unmixed.log_variance is None
    assert unmixed.active.tolist() == [True, True]
    np.testing.assert_array_equal(unmixed.guess, unmixed.model.code(data.x))
    (last,) = (folder / FOLDER).glob("*/last.ckpt")
    assert read_stamp(last).run == "a"


def test_one_that_was_interrupted_goes_on_as_if_nothing_had_happened(whole, data, cfg, tmp_path, monkeypatch):
    untouched = Autoencoder.validation_step

    def validation_step(self, batch, batch_index):
        if self.current_epoch == 3:
            raise StoppedError
        untouched(self, batch, batch_index)

    with monkeypatch.context() as patched:
        patched.setattr(Autoencoder, "validation_step", validation_step)
        with pytest.raises(StoppedError):
            fit_network(network(), data, cfg, SpectraFitter(None, tmp_path, "a"))
    begun = []
    monkeypatch.setattr(Autoencoder, "on_train_epoch_start", lambda self: begun.append(self.current_epoch))

    unmixed = fit_network(network(), data, cfg, SpectraFitter(None, tmp_path, "a"))

    assert begun == [3, 4]
    assert same(weights_of(unmixed.model), weights_of(whole[0].model))


def test_one_that_has_ended_is_not_trained_again(whole, data, cfg, monkeypatch):
    unmixed, folder = whole
    begun = []
    monkeypatch.setattr(Autoencoder, "on_train_epoch_start", lambda self: begun.append(self.current_epoch))

    again = fit_network(network(), data, cfg, SpectraFitter(None, folder, "a"))

    assert begun == []
    assert same(weights_of(again.model), weights_of(unmixed.model))
    assert again.fit_seconds > unmixed.fit_seconds / 2


def test_the_checkpoint_of_another_run_is_not_gone_on_with(whole, data, cfg, monkeypatch):
    begun = []
    monkeypatch.setattr(Autoencoder, "on_train_epoch_start", lambda self: begun.append(self.current_epoch))

    fit_network(network(), data, cfg, SpectraFitter(None, whole[1], "b"))

    assert begun == list(range(EPOCHS))


def test_a_network_that_needs_a_schedule_is_refused():
    with pytest.raises(ConfigurationError, match=r"^baselines\.vae: BetaVAE needs a schedule of β, .*=autoencoder$"):
        check_network("vae", make_model())
    check_network("autoencoder", network())


def test_baselines_without_a_number_have_as_many_latents_as_the_model_keeps(data, cfg):
    study, kept = SpectraStudy(data, cfg), fit_spectra(PCA(**data.shape, n_components=4), data)

    assert study.matched(PCA(**data.shape, n_components=None), kept).hparams["n_components"] == 4
    assert study.matched(network(latents=None), kept).hparams["latents"] == 4
    given = PCA(**data.shape, n_components=2)
    assert study.matched(given, kept) is given
    masked = make_model()
    masked.mask[1:] = 0
    assert replace(kept, model=masked).kept == 1


def test_one_whose_spectra_move_is_told_their_axis_and_refused_where_nothing_can(data, cfg, tmp_path):
    study = SpectraStudy(data, cfg)
    moving = network(shift=0.1, epochs=1)

    unmixed = study.fit_baseline(moving, SpectraFitter(None, tmp_path, "a"))

    assert float(unmixed.model.decoder.span) == pytest.approx(2)  # from -1 to 1
    with pytest.raises(ConfigurationError, match=r"^model\.opening: "):
        study.check_baseline("control", network(opening=0.1), make_model())
