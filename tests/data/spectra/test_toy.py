import pickle

import numpy as np
import pytest
from PIL import Image

from remanence.data.spectra.toy import Toy
from remanence.errors import DataError
from remanence.science.unmixing.toy import TIMES, toy_spectra

SMALL = {"colours": 200, "validation": 30, "gamut": 50, "image_size": 12, "scaling": "step"}


@pytest.fixture
def data():
    return Toy(**SMALL).open()


def test_every_row_is_the_spectrum_of_its_colour(data):
    np.testing.assert_array_equal(data.measured.values[..., 0], toy_spectra(data.measured.factors.values))
    assert data.measured.factors.names == ("R", "G", "B")
    assert data.shape == {"steps": 25, "channels": 1}
    np.testing.assert_array_equal(data.measured.axis, TIMES)


def test_training_validation_and_gamut_are_the_drawn_colours(data):
    assert [len(rows) for rows in (data.fold.train, data.fold.validation, data.fold.test)] == [200, 30, 50]
    assert np.concatenate([data.fold.train, data.fold.validation, data.fold.test]).tolist() == list(range(280))


def test_the_picture_is_the_map_and_belongs_to_no_part(data):
    assert data.scene.name == "painting"
    assert data.scene.shape == (8, 12)
    assert data.scene.rows.tolist() == list(range(280, 280 + 96))
    assert data.valid.all()


def test_every_step_has_the_same_weight_among_the_training_colours(data):
    train = data.x[data.fold.train, :, 0]

    np.testing.assert_allclose(train.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(train.std(axis=0), 1, rtol=1e-4)


def test_the_seed_decides_the_colours_but_not_the_picture():
    first, again, other = (Toy(**SMALL, seed=seed).open() for seed in (1, 1, 2))

    np.testing.assert_array_equal(first.x, again.x)
    assert first.source.digest == again.source.digest != other.source.digest
    assert not np.array_equal(first.measured.values[:280], other.measured.values[:280])
    np.testing.assert_array_equal(first.measured.values[280:], other.measured.values[280:])


def test_more_gamut_leaves_the_training_colours_as_they_are(data):
    more = Toy(**{**SMALL, "gamut": 80}).open()

    np.testing.assert_array_equal(more.measured.factors.values[:280], data.measured.factors.values[:280])


def test_both_sources_are_recorded(data, tmp_path):
    path = tmp_path / "mein Bild = Größe.png"
    Image.fromarray(np.zeros((5, 4, 3), dtype=np.uint8)).save(path)
    own = Toy(**SMALL, image=str(path)).open()

    assert [source.name for source in data.sources] == ["toy (synthetic)", "flower.jpg"]
    assert data.synthetic
    assert [source.location for source in own.sources][1] == str(path)
    assert own.scene.shape == (5, 4)


def test_a_missing_picture_is_an_error_before_anything_is_trained():
    with pytest.raises(DataError, match=r"data\.image: no file 'none\.png'"):
        Toy(**SMALL, image="none.png").check()


def test_the_data_can_be_pickled(data):
    again = pickle.loads(pickle.dumps(data))

    np.testing.assert_array_equal(again.x, data.x)
    np.testing.assert_array_equal(again.scene.rows, data.scene.rows)


def test_the_size_of_the_paper_is_the_default():
    toy = Toy()

    assert toy.counts == (10_000, 500, 1000)
