import pickle

import numpy as np
import pytest

from remanence.data.source import Source
from remanence.data.spectra.measurement import Measurement, Scene
from remanence.data.spectra.spectra import Spectra
from remanence.errors import DataError

SHAPE = (6, 10)
SPLIT = {"kind": "random", "test": 0.2, "validation": 0.1, "block": 2, "seed": 0}


class Given(Spectra):
    """Spectra of given values on a map of 6 × 10 pixels."""

    def __init__(self, values, **spectra):
        super().__init__(**{"split": SPLIT, **spectra})
        self.given = values

    def read(self):
        return Measurement(
            values=self.given,
            axis=np.arange(float(self.given.shape[1])),
            axis_label="bias (V)",
            channels=("piezoresponse (arb. units)", "resonance frequency (kHz)"),
            sources=(Source("given.h5", "/given.h5", "0" * 64, "local"),),
            scene=Scene("map", np.arange(len(self.given)), SHAPE, 2.0),
        )


@pytest.fixture
def values():
    return np.random.default_rng(0).normal(size=(60, 8, 2)) * [1e-4, 3.0] + [0, 1325]


@pytest.fixture
def broken(values):
    """Three pixels without a usable spectrum: nothing at all, one step missing, one infinite."""
    values[7] = np.nan
    values[20, 3, 1] = np.nan
    values[41, 0, 0] = np.inf
    return values


@pytest.mark.parametrize("layout", ["joined", "stacked", "interleaved"])
@pytest.mark.parametrize("scaling", ["array", "step", "robust"])
def test_a_model_sees_single_precision_z_scores_and_the_physical_units_come_back(values, layout, scaling):
    data = Given(values, layout=layout, scaling=scaling).open()

    assert data.x.dtype == np.float32
    assert data.x.flags.c_contiguous
    assert data.x.shape == ((60, 8, 2) if layout == "joined" else (60, 16, 1))
    assert data.shape == {"steps": data.x.shape[1], "channels": data.x.shape[2]}
    assert (np.abs(data.physical(data.x) - values) < [1e-9, 1e-4]).all()


def test_the_z_scores_are_those_of_the_training_pixels(values):
    data = Given(values).open()

    z = data.apart(data.x[data.fold.train])
    np.testing.assert_allclose(z.mean(axis=(0, 1)), 0, atol=1e-4)
    np.testing.assert_allclose(z.std(axis=(0, 1)), 1, rtol=1e-4)


@pytest.mark.parametrize("layout", ["joined", "stacked", "interleaved"])
def test_pixels_without_a_usable_spectrum_are_zero_and_in_no_part(broken, layout):
    data = Given(broken, layout=layout).open()

    assert np.flatnonzero(~data.valid).tolist() == [7, 20, 41]
    assert not data.x[[7, 20, 41]].any()
    assert data.x[data.valid].any(axis=(1, 2)).all()
    fold = data.fold
    assert sorted([*fold.train, *fold.validation, *fold.test]) == np.flatnonzero(data.valid).tolist()


@pytest.mark.parametrize("kind", ["random", "blocks", "all"])
@pytest.mark.parametrize("scaling", ["array", "step", "robust"])
def test_masked_pixels_leave_the_others_as_they_are(values, kind, scaling):
    spoilt = values.copy()
    spoilt[7] = np.nan
    data = Given(spoilt, scaling=scaling, split={**SPLIT, "kind": kind}).open()

    assert np.isfinite(data.x).all()
    assert np.isfinite(data.scaling.sd).all()
    assert not {7} & {*data.fold.train, *data.fold.validation, *data.fold.test}
    assert (np.abs(data.physical(data.x) - values)[data.valid] < [1e-9, 1e-4]).all()


def test_masked_pixels_are_counted_and_printed(broken, capsys):
    Given(broken).open()

    assert capsys.readouterr().out == "given.h5: 3 of 60 pixels hold no usable spectrum; masked\n"


def test_nothing_is_printed_where_nothing_is_masked(values, capsys):
    Given(values).open()

    assert capsys.readouterr().out == ""


@pytest.mark.filterwarnings("error")
def test_masking_warns_of_nothing(broken):
    Given(broken).open()


@pytest.mark.parametrize("nothing", [np.nan, np.inf, -np.inf])
def test_a_map_without_one_usable_spectrum_is_one_line(values, nothing):
    with pytest.raises(DataError) as caught:
        Given(np.full_like(values, nothing)).open()

    assert str(caught.value) == "given.h5: none of its 60 pixels holds a usable spectrum"


def test_a_check_raises_what_opening_would(values):
    with pytest.raises(DataError, match="none of its 60 pixels"):
        Given(np.full_like(values, np.nan)).check()


def test_the_values_that_were_read_are_not_changed(broken):
    before = broken.copy()

    Given(broken).open()

    np.testing.assert_array_equal(broken, before)


def test_spectra_without_a_map_are_split_all_the_same(values, monkeypatch):
    given = Given(values)
    read = given.read()
    monkeypatch.setattr(given, "read", lambda: Measurement(**{**vars(read), "scene": None}))

    data = given.open()

    assert data.scene is None
    assert len(data.fold.test) == 12


def test_the_source_is_the_first_file(values):
    data = Given(values).open()

    assert data.source == data.sources[0]
    assert data.source.name == "given.h5"


def test_opened_spectra_can_be_pickled(broken):
    data = Given(broken, layout="stacked").open()

    again = pickle.loads(pickle.dumps(data))

    np.testing.assert_array_equal(again.x, data.x)
    np.testing.assert_array_equal(again.fold.test, data.fold.test)
    np.testing.assert_array_equal(again.physical(again.x), data.physical(data.x))
