import numpy as np
import pytest
import torch
from small_chain_data import ONE, fit, make_scales, open_chain, same, weights_of

TUNED = {"fine_tune_epochs": 4, "fine_tune_lr": 0.01}


@pytest.fixture(scope="module")
def data():
    return open_chain(split=ONE)


@pytest.fixture(scope="module")
def apart(data):
    return fit(data)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the trainings of the tuned chain leave their checkpoints."""
    return tmp_path_factory.mktemp("tuned")


@pytest.fixture(scope="module")
def tuned(data, folder):
    return fit(data, model=TUNED, checkpoint=folder / "last.ckpt")


def test_all_scales_of_a_chain_are_trained_together(apart, tuned):
    for name, finer in {"middle": ["fine"], "coarse": ["fine", "middle"]}.items():
        for scale in [*finer, name]:
            before, after = weights_of(apart, name, of=scale), weights_of(tuned, name, of=scale)
            encoder = [key for key in after if key.startswith("encoder")]
            assert all(not torch.isclose(before[key], after[key]).flatten(1).all(dim=1).any() for key in encoder)


def test_what_a_finer_scale_predicts_is_not_changed(data, apart, tuned):
    x = data.rows["fine"].x

    assert same(weights_of(tuned, "fine"), weights_of(apart, "fine"))
    np.testing.assert_array_equal(tuned.fits["fine"].model.predict(x), apart.fits["fine"].model.predict(x))


def test_scalers_stay_those_of_the_training_before(apart, tuned):
    for name in ("middle", "coarse"):
        before, after = weights_of(apart, name), weights_of(tuned, name)
        assert all(before[key].equal(after[key]) for key in after if "scaler" in key)


@pytest.mark.usefixtures("tuned")
def test_a_scale_stands_on_finer_ones_that_belong_together(folder):
    best = {
        name: torch.load(folder / f"{name}.ckpt", weights_only=True)["best_weights"]
        for name in ("fine", "middle", "coarse")
    }
    for scale in ("fine", "middle"):  # those of the coarse scale before it is tuned are those that middle had then
        below = {key: value for key, value in best["coarse"].items() if key.startswith(f"scales.{scale}.")}
        assert same(below, {key: value for key, value in best["middle"].items() if key in below})


def test_epochs_of_both_trainings_count_and_are_logged_apart():
    data, logged = open_chain(make_scales(names=["fine", "middle"]), split=ONE), []

    fitted = fit(data, model=TUNED, max_epochs=2, log=lambda metrics, epoch: logged.append((epoch, *sorted(metrics))))

    assert [on_scale.epochs for on_scale in fitted.fits.values()] == [2, 6]
    expected = []
    for name in data.rows:
        expected += [(epoch, f"train/{name}/loss", f"val/{name}/loss") for epoch in range(2)]
        keys = (f"fine_tuning/{name}/train/loss", f"fine_tuning/{name}/val/loss")
        expected += [(epoch, *keys) for epoch in range(4)] * (name != "fine")
    assert logged == expected


def test_tuning_begins_where_the_training_ended(data, apart):
    still = fit(data, model={"fine_tune_epochs": 1, "fine_tune_lr": 1e-30})

    for name, on_scale in apart.fits.items():
        x = data.rows[name].x
        np.testing.assert_array_equal(still.fits[name].model.predict(x), on_scale.model.predict(x))
