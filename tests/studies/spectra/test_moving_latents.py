from typing import ClassVar

import numpy as np
import pytest
import torch
from small_unmixing import make_model, open_toy

from remanence.models.pca import PCA
from remanence.science.unmixing.toy import TIMES
from remanence.studies.spectra.fit import embed_all
from remanence.studies.spectra.moving_latents import (
    illustrate_movements,
    movement_metrics,
    movements,
    tell_axis,
    told_movements,
)
from remanence.tracking.saved_model import load_model, save_model


@pytest.fixture(scope="module")
def data():
    return open_toy()


def test_a_network_is_told_the_axis_of_its_data(data):
    model = make_model(shift=0.1)
    assert float(model.decoder.span) == 24

    tell_axis(model, data)

    assert float(model.decoder.span) == pytest.approx(2)
    spectra = torch.tensor(TIMES[None, :, None], dtype=torch.float32)
    made = model.decoder.moved(spectra, torch.tensor([[0.3]])).numpy()[0, :, 0]
    np.testing.assert_allclose(made, np.maximum(TIMES - 0.3, -1), atol=1e-6)


def test_a_model_without_such_latents_is_left_alone(data):
    model = make_model()
    before = {name: value.clone() for name, value in model.state_dict().items()}

    tell_axis(model, data)
    tell_axis(PCA(n_components=2, **data.shape), data)

    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_movements_are_in_units_of_the_axis_and_those_of_masked_latents_are_nothing(data):
    model = make_model(shift=0.1)
    tell_axis(model, data)
    fitted = embed_all(model, data)

    np.testing.assert_allclose(movements(fitted)["shift"], 0.1 * fitted.embedding[:, 0], rtol=1e-5)
    ((key, sd),) = movement_metrics(fitted, data).items()
    assert (key, sd) == ("test/shift_sd", pytest.approx(0.1 * fitted.embedding[data.fold.test, 0].std(), rel=1e-5))
    assert told_movements({key: 0.123}, data) == [
        "a latent shifts spectra along t: standard deviation 0.123 over the test spectra"
    ]
    model.mask[0] = 0
    masked = embed_all(model, data)
    assert movement_metrics(masked, data) == {"test/shift_sd": 0.0}
    assert told_movements({key: 0.0}, data) == [
        "the latent that shifts spectra along t was not kept: nothing is gained by it"
    ]


def test_a_model_that_moves_nothing_says_nothing(data):
    fitted = embed_all(make_model(), data)

    assert movement_metrics(fitted, data) == {}
    assert told_movements({"test/mse": 1.0}, data) == []


def test_the_map_of_what_moves_is_drawn_and_none_of_what_does_not(data):
    class Tracked:
        figures: ClassVar[dict] = {}

        def log_figure(self, figure, name):
            self.figures[name] = figure

    model = make_model(shift=0.1)
    tell_axis(model, data)
    illustrate_movements(Tracked(), embed_all(model, data), data)
    assert list(Tracked.figures) == ["movement_maps"]
    Tracked.figures.clear()
    model.mask[0] = 0

    illustrate_movements(Tracked(), embed_all(model, data), data)
    illustrate_movements(Tracked(), embed_all(make_model(), data), data)

    assert not Tracked.figures


def test_a_logged_model_moves_along_the_axis_that_it_was_told(data, tmp_path):
    model = make_model(shift=0.1)
    tell_axis(model, data)
    save_model(model, tmp_path)

    loaded, _ = load_model(tmp_path)

    np.testing.assert_array_equal(loaded.embed(data.x), model.embed(data.x))
    z = 2 * np.ones((1, 4), dtype=np.float32)
    np.testing.assert_array_equal(loaded.decode(z), model.decode(z))
    assert float(loaded.decoder.span) == pytest.approx(2)
