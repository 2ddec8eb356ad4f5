import numpy as np
import pytest
import torch
from pytorch_lightning import Callback
from small_training import KFOLD, make_model, make_trainer, open_data, same, weights_of

from remanence.errors import ConfigurationError
from remanence.training.fit import fit


@pytest.fixture(scope="module")
def data():
    return open_data()


def train(data, folder, *, seed=0, model=(), trainer=()):
    network = make_model(seed, **dict(model))
    used = make_trainer(folder, **dict(trainer))
    assert fit(network, data, used).model is network
    return network, used


def test_the_same_seed_gives_identical_weights_and_another_seed_others(data, tmp_path):
    first, again, other = (train(data, tmp_path, seed=seed)[0] for seed in (0, 0, 1))

    assert same(weights_of(first), weights_of(again))
    assert not same(weights_of(first), weights_of(other))


def test_scalers_are_fitted_to_the_training_rows_only(data, tmp_path):
    model, _ = train(data, tmp_path, trainer={"max_epochs": 1})

    x, y = data.part("train")
    np.testing.assert_allclose(model.input_scaler.mean, x.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(model.input_scaler.scale, x.std(axis=0), rtol=1e-5)
    np.testing.assert_allclose(model.target_scaler.mean, y.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(model.target_scaler.scale, y.std(axis=0), rtol=1e-5)


def test_a_network_predicts_rows_it_has_not_seen_better_than_their_mean(data, tmp_path):
    model, _ = train(data, tmp_path, trainer={"max_epochs": 60})

    x, y = data.part("test")
    error = ((model.predict(x) - y) ** 2).mean(axis=0)
    assert (error < 0.2 * y.var(axis=0)).all()


@pytest.mark.parametrize("patience", [1, 3])
def test_training_stops_after_so_many_epochs_without_improvement(data, tmp_path, patience):
    _, trainer = train(data, tmp_path, model={"lr": 1e-30}, trainer={"max_epochs": 50, "patience": patience})

    assert trainer.current_epoch == patience + 1


def test_training_goes_on_while_it_improves_and_without_patience_to_the_end(data, tmp_path):
    improving = train(data, tmp_path, model={"lr": 0.001}, trainer={"max_epochs": 12, "patience": 2})[1]
    impatient = train(data, tmp_path, model={"lr": 1e-30}, trainer={"max_epochs": 12, "patience": None})[1]

    assert improving.current_epoch == impatient.current_epoch == 12


def test_an_improvement_smaller_than_the_least_one_does_not_count(data, tmp_path):
    _, trainer = train(
        data, tmp_path, model={"lr": 0.001}, trainer={"max_epochs": 12, "patience": 2, "min_delta": 100.0}
    )

    assert trainer.current_epoch == 3


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("patience", [None, 2])
@pytest.mark.parametrize("lr", [1e3, 1e30])
def test_a_diverging_training_is_an_error_or_leaves_finite_weights(data, tmp_path, activation, patience, lr):
    model = make_model(optimizer="sgd", lr=lr, activation=activation)
    diverged = False

    try:
        fit(model, data, make_trainer(tmp_path, patience=patience))
    except FloatingPointError:
        diverged = True

    assert diverged or np.isfinite(model.predict(data.x)).all()


def test_weights_that_are_not_finite_name_the_key_to_change(data, tmp_path):
    class Explosion(Callback):
        def on_train_start(self, trainer, pl_module):
            torch.nn.init.constant_(pl_module.network[0].weight, float("nan"))

    trainer = make_trainer(tmp_path)
    trainer.callbacks.insert(0, Explosion())

    with pytest.raises(FloatingPointError, match=r"diverged: weights are not finite; try a smaller model\.lr"):
        fit(make_model(), data, trainer)


def test_a_fitted_network_has_predictions_of_every_part_and_no_interval(data, tmp_path):
    network = make_model()

    fitted = fit(network, data, make_trainer(tmp_path, max_epochs=3))

    (fold,) = fitted.folds
    for part, name in (("train", "train"), ("val", "validation"), ("test", "test")):
        rows, predicted = fold.predicted[part]
        np.testing.assert_array_equal(rows, getattr(data.fold, name))
        np.testing.assert_allclose(predicted, network.predict(data.x[rows]), rtol=1e-6)
    assert fitted.epochs == 3
    assert np.isnan(fitted.predict_with_half_width(data.x)[1]).all()
    assert np.isnan(fold.half_width).all()


def test_several_folds_of_one_network_name_the_choice_to_make(tmp_path):
    data = open_data(split=KFOLD)

    with pytest.raises(ConfigurationError, match=r"^data\.split: several folds .* add ensemble=stacked"):
        fit(make_model(), data, make_trainer(tmp_path))


def test_a_network_without_a_trainer_is_refused(data):
    with pytest.raises(ValueError, match="`trainer` to be a trainer for a network, but got None"):
        fit(make_model(), data)
